"""How apps are: what is odd about them, and where it is mended."""
