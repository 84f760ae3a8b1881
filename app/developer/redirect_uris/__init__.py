"""Redirect URIs as they stand in a form: checked line by line while somebody types."""
