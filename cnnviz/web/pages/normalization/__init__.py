"""What the page of normalization shows."""
