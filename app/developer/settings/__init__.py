"""The Settings tab: what is registered of an app, as it is changed."""
