"""The component `votes`."""
