"""The Activity tab: what happened to an app, and the way back."""
