"""What the “What excites it” page shows."""
