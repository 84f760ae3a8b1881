"""The Overview tab: what an app is, how it is doing, and how to use it."""
