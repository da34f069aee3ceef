"""The component `maps`."""
