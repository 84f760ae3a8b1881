"""The Try it tab: the real flows of an app, run with a secret of ten minutes."""
