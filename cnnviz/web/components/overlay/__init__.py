"""The component `overlay`."""
