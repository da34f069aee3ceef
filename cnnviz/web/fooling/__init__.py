"""What the page “Fooling images” shows."""
