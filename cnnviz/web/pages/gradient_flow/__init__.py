"""What the page about gradient flow and shortcuts shows."""
