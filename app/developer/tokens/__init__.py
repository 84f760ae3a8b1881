"""The Tokens tab: an app's live tokens, and their end."""
