"""Occlusion: cover a square of the image everywhere, and see what is left of the class."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

from cnnviz.attribution.occlusion.cover import OcclusionOptions, compute_occlusion, read_class
from cnnviz.attribution.occlusion.fills import Fill
from cnnviz.figures.occlusion import write_image
from cnnviz.images.samples import load_image
from cnnviz.networks.class_names import find_class
from cnnviz.networks.load import load_model, predict

# %% Change these values and run the program again.
NETWORK = "resnet64"
IMAGE = "coffee"  # a sample, digit-0 to digit-9, or the path of a file
STROKES: list[list[tuple[float, float]]] = []  # a drawing in place of the image
PATCH = 16  # side of the square, in pixels of the network's input
STRIDE = 4
FILL = "mean color"  # or "black", "blur", "noise"
TARGET: str | int | None = None  # a class, by name or index; None for the top-1 class

# %% Cover the image everywhere.
model = load_model(NETWORK)
classes = model.spec.classes
x = model.spec.preprocessing.prepare(load_image(IMAGE, strokes=STROKES).pixels)
target = predict(model, x).ranking[0] if TARGET is None else find_class(model.spec, TARGET)
options = OcclusionOptions(patch=PATCH, stride=STRIDE, fill=Fill(FILL))
occlusion = compute_occlusion(model, x, options=options)

# %% Where does covering hurt the class most?
found = read_class(occlusion, target=target)
row, column = divmod(int(found.probability.argmin()), found.probability.shape[1])
square = occlusion.find_square(row, column)
other = classes[int(found.best[row, column])]
print(f"{classes[target]}: {found.clean_probability:.1%} uncovered")
print(f"{float(found.probability.min()):.1%} at the worst position, where {other} is first")
print(f"the square there begins at row {occlusion.tops[row]}, column {occlusion.lefts[column]}")
print(f"{len(occlusion.tops)}×{len(occlusion.lefts)} positions")
view = model.spec.preprocessing.view(x)
Path("occlusion.png").write_bytes(write_image(view, occlusion, found, classes=classes))
