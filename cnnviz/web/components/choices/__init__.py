"""The component `choices`."""
