"""The component `field`."""
