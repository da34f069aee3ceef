"""Digits drawn by hand: as MNIST would have them, and what LeNet-5 makes of them."""
