"""The component `gallery`."""
