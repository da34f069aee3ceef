"""Checks of maps: whether they are faithful, sane, and made of the right input."""
