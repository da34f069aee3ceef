"""What the page of the linear classifier shows."""
