"""What the page about activation functions and initialization shows."""
