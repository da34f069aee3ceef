"""The component `wall`."""
