"""What the page about fooling images shows."""
