"""What the receptive-fields page shows."""
