"""What a request costs the server, as a ratio to one bare RSA-2048 signature."""
