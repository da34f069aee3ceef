"""The component `cues`."""
