"""What the comparison page shows."""
