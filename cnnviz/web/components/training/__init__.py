"""The component `training`."""
