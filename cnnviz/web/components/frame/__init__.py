"""What surrounds every page in the browser."""
