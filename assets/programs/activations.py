"""Activations: what each map of a layer makes of an image."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

import numpy as np

from cnnviz.activations.maps import MapOrder, count_dead, order_channels, read_layer
from cnnviz.figures.maps import draw_sheet
from cnnviz.images.samples import load_image
from cnnviz.networks.load import load_model, predict

# %% Change these values and run the program again.
NETWORK = "resnet64"
IMAGE = "coffee"  # a sample, digit-0 to digit-9, or the path of a file
STROKES: list[list[tuple[float, float]]] = []  # a drawing in place of the image
LAYER = "relu1"
MAX_MAPS = 16

# %% What does the network say of the image?
model = load_model(NETWORK)
image = load_image(IMAGE, strokes=STROKES)
x = model.spec.preprocessing.prepare(image.pixels)
prediction = predict(model, x)
for index in prediction.ranking[:5]:
    print(f"{prediction.probabilities[index]:6.1%}  {model.spec.classes[index]}")

# %% The activations of one layer, and its channels by their largest value.
reading = read_layer(model, x, layer=LAYER)
statistics = reading.statistics
channels = order_channels(statistics, by=MapOrder.MAXIMUM)[:MAX_MAPS]
print(f"{LAYER}: shape {reading.values.shape}, mean {statistics.mean:.4g}")
print(f"{statistics.dead_fraction:.1%} of the cells are zero, {count_dead(statistics)} maps dead")
for channel in channels:
    print(f"channel {channel}: maximum {statistics.channel_maximum[channel]:.4g}")

# %% A sheet of the strongest maps: orange above zero, blue below.
if reading.values.ndim == 3:
    maps = reading.values[list(channels)]
    limits = np.full(len(maps), float(abs(maps).max()) or 1.0)
    sheet = draw_sheet(maps, limits=limits, captions=[str(c) for c in channels], title=LAYER)
    Path("activations.png").write_bytes(sheet)
