"""Receptive fields: what a cell can see by the rules, what really moves it, and stacks of layers."""
