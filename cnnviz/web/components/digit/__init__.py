"""The component `digit`."""
