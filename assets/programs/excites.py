"""Feature visualization: an image made to excite a class or a channel."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

from cnnviz.class_names import find_class
from cnnviz.imaging import to_png
from cnnviz.inference import load_model
from cnnviz.synthesis.growth import grow
from cnnviz.synthesis.regularizers import PRESETS, Preset
from cnnviz.synthesis.targets import Target, TargetKind

# %% Change these values and run the program again.
NETWORK = "resnet64"
TARGET = "class probability"  # or "class logit", "channel", "neuron"
CLASS: str | int | None = "espresso"  # of the first two
LAYER: str | None = None  # of the others; None for the last layer
CHANNEL = 0
NEGATIVE = False  # whether to excite it as little as possible
PRESET = "Olah 2017"  # whose regularisers; or "Simonyan 2013", "Yosinski 2015"
STEPS = 128
SEED = 0

# %% Gradient ascent on the pixels, from noise.
model = load_model(NETWORK)
kind = TargetKind(TARGET)
layer = model.graph.layers[-1].name if LAYER is None else LAYER
channel = CHANNEL
if CLASS is not None and kind in (TargetKind.PROBABILITY, TargetKind.LOGIT):
    channel = find_class(model.spec, CLASS)
target = Target(kind=kind, layer=layer, channel=channel, negative=NEGATIVE)
*_, growth = grow(model, target, settings=PRESETS[Preset(PRESET)], steps=STEPS, seed=SEED)

# %% How far it came, and what the network says of the image.
print(f"{TARGET}: {growth.first.scores[0]:.4g} at first, {growth.last.scores[0]:.4g} at the end")
prediction = growth.last.predictions[0]
for index in prediction.ranking[:5]:
    print(f"{prediction.probabilities[index]:6.1%}  {model.spec.classes[index]}")
Path("excites.png").write_bytes(to_png(growth.last.pixels[0]))
