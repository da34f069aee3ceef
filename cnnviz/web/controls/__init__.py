"""Kinds of controls that a page declares, and the choosers of image, network, layer and class."""
