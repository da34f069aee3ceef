"""The component `network_view`."""
