"""What the adversarial pictures page shows."""
