"""What the architecture page shows."""
