"""Activations: read, worked out cell by cell, sorted into maps, and traced to what excites them."""
