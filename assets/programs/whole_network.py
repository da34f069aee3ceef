"""The whole network at once: an image's way from the pixels to the answer."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

import numpy as np

from cnnviz.activations.strongest_maps import read_strongest
from cnnviz.figures.maps import draw_sheet
from cnnviz.images.samples import load_image
from cnnviz.networks.graph.stages import count_part, fold_network, unfold
from cnnviz.networks.load import load_model

# %% Change these values and run the program again.
NETWORK = "lenet5"
IMAGE = "digit-3"  # a sample, digit-0 to digit-9, or the path of a file
STROKES: list[list[tuple[float, float]]] = []  # a drawing in place of the image
OPENED: list[str] = []  # names of blocks and repeats that are shown layer by layer
MAX_MAPS = 4
FOLDER: str | None = None  # where to save the strongest maps of each part; None for nowhere

# %% The network's parts: blocks and repeats are folded. One run reads them all.
model = load_model(NETWORK)
x = model.spec.preprocessing.prepare(load_image(IMAGE, strokes=STROKES).pixels)
parts = [one.part for one in unfold(fold_network(model.graph), opened=frozenset(OPENED))]
reading = read_strongest(model, x, layers=[part.shown for part in parts], count=MAX_MAPS)

# %% Each part's output, what it costs, and the channels that are excited most.
for number, part in enumerate(parts):
    counts, shape = count_part(model.graph, part), model.graph.find(part.shown).shape
    costs = f"{counts.parameters:>9,} parameters {counts.multiply_adds:>11,} multiply-adds"
    print(f"{part.name:16} {part.title:24} {'×'.join(map(str, shape)):>11} {costs}")
    found = reading.maps.get(part.shown)
    if found is None or len(shape) != 3 or shape[1] == 1:
        continue
    maps = found.scale * found.values.astype(np.float32)
    peaks = [
        f"{channel} ({one.max():.3g})" for channel, one in zip(found.channels, maps, strict=True)
    ]
    print(f"    strongest channels: {', '.join(peaks)}")
    if FOLDER is not None:
        limits, names = np.full(len(maps), float(abs(maps).max()) or 1.0), map(str, found.channels)
        sheet = draw_sheet(maps, limits=limits, captions=list(names), title=part.title)
        Path(FOLDER, f"{number:02d}.png").write_bytes(sheet)

# %% The answer.
for index in reading.prediction.ranking[:5]:
    print(f"{reading.prediction.probabilities[index]:6.1%}  {model.spec.classes[index]}")
