"""Training of the bundled networks from the command line: `python -m cnnviz.training NAME`.

recipes (every number of a training) -> data: mnist, idx and drawn for digits, photo_files and
photos for photographs -> data varied: distortion, cropping -> loop, checkpoint, precision
(training, interrupted and resumed) -> measure, card (what is written down). lenet and lineage put
these together, session holds what both need; measuring serves `python -m cnnviz.evaluate`.
open_set finds the threshold below which none of a network's classes may fit an image; lesions
measures the accuracy without each block.
"""
