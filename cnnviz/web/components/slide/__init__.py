"""The component `slide`."""
