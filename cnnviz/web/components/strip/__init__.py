"""The component `strip`."""
