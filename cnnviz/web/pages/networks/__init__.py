"""What the networks page shows."""
