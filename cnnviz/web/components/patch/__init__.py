"""The component `patch`."""
