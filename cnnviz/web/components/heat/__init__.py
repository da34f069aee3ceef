"""The component `heat`."""
