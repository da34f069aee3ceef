"""What the page about regularization and augmentation shows."""
