"""The rules about the health of apps, by what they are about."""
