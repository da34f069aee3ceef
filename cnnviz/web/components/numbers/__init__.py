"""The component `numbers`."""
