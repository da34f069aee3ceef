"""Receptive fields: what a cell can see by the rules, and what really moves it."""
