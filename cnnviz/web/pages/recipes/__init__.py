"""What the page about training recipes shows."""
