"""What developers copy: code that already runs, and commands for a terminal."""
