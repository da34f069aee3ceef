"""What the digit page shows."""
