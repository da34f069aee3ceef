"""What the page with the lectures shows."""
