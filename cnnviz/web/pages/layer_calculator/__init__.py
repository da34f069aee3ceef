"""What the page with the layer calculator shows."""
