"""How good networks are on a set of labelled images: accuracy, mistakes, calibration, robustness.

image_sets reads the images, scores holds what a network predicts of them and counts it, calibration
compares confidence with accuracy, run computes it all and tells how far it is.
"""
