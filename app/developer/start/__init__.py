"""The start page of Developer: how the server is doing, at a glance."""
