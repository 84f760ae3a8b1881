"""The list of apps, searched, narrowed and sorted."""
