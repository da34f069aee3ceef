"""The component `tiles`."""
