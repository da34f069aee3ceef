"""Attribution: which parts of an image speak for a class."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

import numpy as np

from cnnviz.attribution.attribute import Method, Options, Tunnel, attribute
from cnnviz.attribution.result import resize_to
from cnnviz.figures.maps import draw_sheet
from cnnviz.images.samples import load_image
from cnnviz.networks.class_names import find_class
from cnnviz.networks.load import load_model, predict

# %% Change these values and run the program again.
NETWORK = "resnet64"
IMAGE = "coffee-and-rocket"  # a sample, digit-0 to digit-9, or the path of a file
STROKES: list[list[tuple[float, float]]] = []  # a drawing in place of the image
METHOD = "Grad-CAM"  # or "Gradient saliency", "DeepLIFT", "KernelSHAP", ...
TARGET: str | int | None = None  # a class, by name or index; None for the top-1 class
LAYER: str | None = None  # of Grad-CAM; None for the last layer with maps
TUNNEL = "none"  # or "SmoothGrad", "SmoothGrad-Squared", "VarGrad"

# %% What does the network say of the image?
model = load_model(NETWORK)
x = model.spec.preprocessing.prepare(load_image(IMAGE, strokes=STROKES).pixels)
prediction = predict(model, x)
for index in prediction.ranking[:5]:
    print(f"{prediction.probabilities[index]:6.1%}  {model.spec.classes[index]}")

# %% How much each place of the image speaks for the class (or against it).
target = prediction.ranking[0] if TARGET is None else find_class(model.spec, TARGET)
options = Options(tunnel=Tunnel(TUNNEL))
found = attribute(model, x, method=Method(METHOD), target=target, layer=LAYER, options=options)
height, width = x.shape[2:]
values = resize_to(found, (height, width))
row, column = divmod(int(values.argmax()), width)
print(f"{METHOD} of “{model.spec.classes[target]}”: maximum {float(values.max()):.4g}")
print(f"it lies at row {row}, column {column} of {height}×{width}")

# %% The map as an image: orange speaks for the class, blue against it.
limit = np.array([float(values.abs().max()) or 1.0])
sheet = draw_sheet(values[None].numpy(), limits=limit, captions=[METHOD], title=model.spec.title)
Path("attribution.png").write_bytes(sheet)
