"""The component `occlusion`."""
