"""What the receptive-field page shows."""
