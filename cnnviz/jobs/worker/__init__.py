"""The process that computes heavy results, so that the server's own is free for pages and pads."""
