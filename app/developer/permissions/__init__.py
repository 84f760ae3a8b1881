"""The Permissions tab: what an app may do, as itself and for people, and why."""
