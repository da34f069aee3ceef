"""What the cost page shows."""
