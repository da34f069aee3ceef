"""What the page of the optimizers shows."""
