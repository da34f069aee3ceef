"""What the linear-classifier page shows."""
