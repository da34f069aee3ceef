"""What the activations page shows."""
