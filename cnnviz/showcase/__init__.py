"""Strips of maps that are computed from the bundled networks now: one for each page of the app."""
