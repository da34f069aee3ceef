"""What the adversarial examples page shows."""
