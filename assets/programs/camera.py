"""Live camera: what a network makes of one frame."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

from cnnviz.camera import look
from cnnviz.figures.compare import lay_map
from cnnviz.images.image import to_png, upscale_nearest
from cnnviz.images.samples import load_image
from cnnviz.networks.load import load_model

# %% Change these values and run the program again.
NETWORK = "resnet64"
IMAGE = "cat"  # a sample, digit-0 to digit-9, or the path of a file, such as a frozen frame
STROKES: list[list[tuple[float, float]]] = []  # a drawing in place of the image
LAYER = "relu1"

# %% One pass through the network, and back from the top-1 class to its last maps.
model = load_model(NETWORK)
x = model.spec.preprocessing.prepare(load_image(IMAGE, strokes=STROKES).pixels)
sight = look(model, x, layer=LAYER)
for index in sight.prediction.ranking[:5]:
    print(f"{sight.prediction.probabilities[index]:6.1%}  {model.spec.classes[index]}")

# %% The strongest maps of the layer.
if sight.maps is not None:
    print(f"strongest maps of {LAYER}: {', '.join(map(str, sight.maps.channels))}")

# %% Grad-CAM over what the network sees: orange spoke for the class, blue against it.
if sight.cam is not None:
    place = divmod(int(sight.cam.argmax()), sight.cam.shape[1])
    print(f"Grad-CAM is largest in row {place[0]}, column {place[1]} of {tuple(sight.cam.shape)}")
    view = upscale_nearest(model.spec.preprocessing.view(x), min_size=256)
    Path("camera.png").write_bytes(to_png(lay_map(view, sight.cam)))
