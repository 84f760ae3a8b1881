"""What reaches the server: counts by the hour, and refused requests in plain words."""
