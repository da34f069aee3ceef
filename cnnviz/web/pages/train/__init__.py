"""What the page on which a network is trained shows."""
