"""Weights: the files they lie in, downloads, and how they get into a network."""
