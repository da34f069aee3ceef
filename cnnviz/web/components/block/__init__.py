"""The component `block`."""
