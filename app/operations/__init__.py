"""Running the product: installing, health, checks of the configuration, purging."""
