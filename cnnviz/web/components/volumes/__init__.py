"""The component `volumes`."""
