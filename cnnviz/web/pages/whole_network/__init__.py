"""What only the page of the whole network shows."""
