"""Signing keys: read from the environment, made, replaced, published as a JWKS."""
