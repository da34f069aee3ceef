"""What the trade-off page shows."""
