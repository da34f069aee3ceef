"""Objects that this project draws, so that there is something to look at offline."""
