"""Occlusion: an image covered square by square, computing only what a square changes."""
