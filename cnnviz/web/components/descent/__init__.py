"""The component `descent`."""
