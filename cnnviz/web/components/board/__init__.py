"""The component `board`."""
