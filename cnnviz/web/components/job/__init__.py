"""The component `job`."""
