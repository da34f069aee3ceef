"""The component `camera`."""
