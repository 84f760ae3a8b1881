"""Registering an app: who acts, and what then must be said."""
