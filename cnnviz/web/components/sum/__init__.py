"""The component `sum`."""
