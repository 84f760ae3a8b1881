"""Clients and resource servers that nobody here wrote, before the served product."""
