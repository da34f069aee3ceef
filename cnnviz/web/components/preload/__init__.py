"""The component `preload`."""
