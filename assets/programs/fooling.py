"""Fooling images: nothing to see for people, and the network is sure."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path
from typing import Any

from cnnviz.feature_visualization.cppn import PatternGenomes
from cnnviz.feature_visualization.direct import PixelGenomes
from cnnviz.feature_visualization.evolution import Genomes, evolve
from cnnviz.feature_visualization.fooling import fool
from cnnviz.figures.synthesis import pad_images, tile_images
from cnnviz.images.image import to_png
from cnnviz.networks.class_names import find_class
from cnnviz.networks.load import load_model

# %% Change these values and run the program again.
NETWORK = "lenet5"
METHOD = "gradient"  # or "patterns" and "pixels", which evolve
CLASSES: list[str | int] = ["0", "1", "2"]
SEED = 0
SURE = 0.99  # the probability to reach
GENERATIONS = 1000  # the most that an evolution takes

# %% Make an image for each class.
model = load_model(NETWORK)
classes = [find_class(model.spec, name) for name in CLASSES]
shape = model.spec.preprocessing.shape
images = []
if METHOD == "gradient":
    for _share, found in fool(model, classes, sure=SURE, seed=SEED):
        images = [one.after for one in found]
    for one in found:
        print(f"{model.spec.classes[one.index]}: {one.probability:.2%} after {one.steps} steps")
else:
    patterns, pixels = PatternGenomes(shape), PixelGenomes(shape)
    genomes: Genomes[Any] = patterns if METHOD == "patterns" else pixels
    for evolution in evolve(model, genomes, classes, generations=GENERATIONS, sure=SURE, seed=SEED):
        images = [elite.pixels for elite in evolution.champions]
    for elite in evolution.champions:
        print(f"{model.spec.classes[elite.index]}: {elite.probability:.2%}")
    print(f"{evolution.generation} generations, {evolution.evaluated:,} images evaluated")

# %% All of them on one sheet.
Path("fooling.png").write_bytes(to_png(tile_images(pad_images(images))))
