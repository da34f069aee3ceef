"""Adversarial images: small changes that make a network name something else.

Everything here works on the image that the network sees, at the size of its input, with values
from 0 to 1; sizes of a change (epsilon) are told in steps of 1/255, one level of an 8-bit image.
"""
