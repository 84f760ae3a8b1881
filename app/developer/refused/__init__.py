"""Refused requests in plain words, of one app and over all."""
