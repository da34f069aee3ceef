"""Experiments of the training half of the course: each trains or measures networks now."""
