"""What the attribution page shows."""
