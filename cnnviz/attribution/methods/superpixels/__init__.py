"""Methods that cover superpixels: SLIC's segments of an image, with a logit for each set of them.

captum is asked about a vector with a one for each superpixel that is shown. It is asked twice with
the same random numbers: first for the sets that it wants to know, which are computed outside of it,
a few at a time, and then with their logits. So the maps grow, can be stopped, and need no lock
while the network computes.
"""
