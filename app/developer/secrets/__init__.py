"""Secrets of an app: new ones, shown once, and the end of old ones."""
