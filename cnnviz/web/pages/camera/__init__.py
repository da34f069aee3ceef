"""What the page of the live camera shows."""
