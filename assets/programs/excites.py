"""Feature visualization: an image made to excite a class or a channel."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

from cnnviz.feature_visualization.canvas import Parametrization
from cnnviz.feature_visualization.growth import grow
from cnnviz.feature_visualization.regularizers import Settings
from cnnviz.feature_visualization.targets import Target, TargetKind
from cnnviz.figures.synthesis import tile_images
from cnnviz.images.image import to_png
from cnnviz.networks.class_names import find_class
from cnnviz.networks.load import load_model

# %% Change these values and run the program again.
NETWORK = "resnet64"
OBJECTIVE = "class probability"  # or "class logit", "channel", "neuron"
TARGET: str | int | None = "espresso"  # the class of the first two
LAYER: str | None = None  # of the others; None for the last layer
CHANNEL = 0
CELL: tuple[int, int] | None = None  # row and column of the neuron; None for the middle
NEGATIVE = False  # whether to excite it as little as possible
STEPS = 128
SEED = 0
COUNT = 1  # images at once
DIVERSITY = 0.0  # weight of their likeness, which lowers the score

# %% The regularizers; what is 0 is off.
PARAMETRIZATION = "Fourier"  # or "pixels"
DECORRELATE = True
STEP_SIZE = 0.05
DECAY = 0.0
BLUR = 0.0
CLIP_SMALL = 0.0
CLIP_CONTRIBUTION = 0.0
JITTER = 4
ROTATE = 10.0
SCALE = 0.1
SETTLE = 32
settings = Settings(
    parametrization=Parametrization(PARAMETRIZATION),
    decorrelate=DECORRELATE,
    step_size=STEP_SIZE,
    decay=DECAY,
    blur=BLUR,
    clip_small=CLIP_SMALL,
    clip_contribution=CLIP_CONTRIBUTION,
    jitter=JITTER,
    rotate=ROTATE,
    scale=SCALE,
    settle=SETTLE,
)

# %% Gradient ascent on the pixels, from noise.
model = load_model(NETWORK)
kind = TargetKind(OBJECTIVE)
layer = model.graph.layers[-1].name if LAYER is None else LAYER
channel = CHANNEL
if TARGET is not None and kind in (TargetKind.PROBABILITY, TargetKind.LOGIT):
    channel = find_class(model.spec, TARGET)
target = Target(kind=kind, layer=layer, channel=channel, place=CELL, negative=NEGATIVE)
*_, growth = grow(
    model,
    target,
    settings=settings,
    steps=STEPS,
    seed=SEED,
    count=COUNT,
    diversity=DIVERSITY,
)

# %% How far it came, and what the network says of the image.
print(f"{OBJECTIVE}: {growth.first.scores[0]:.4g} at first, {growth.last.scores[0]:.4g} at the end")
prediction = growth.last.predictions[0]
for index in prediction.ranking[:5]:
    print(f"{prediction.probabilities[index]:6.1%}  {model.spec.classes[index]}")
Path("excites.png").write_bytes(to_png(tile_images(growth.last.pixels)))
