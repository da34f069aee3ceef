"""The component `cell`."""
