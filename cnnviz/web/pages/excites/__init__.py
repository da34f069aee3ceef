"""What the page about feature visualization shows."""
