"""CNNViz: look inside a convolutional network while it runs."""

__version__ = "0.1.0"
