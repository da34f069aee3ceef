"""The component `graph`."""
