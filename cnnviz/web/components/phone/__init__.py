"""The component `phone`."""
