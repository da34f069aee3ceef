"""Adversarial examples: a change too small to see that changes the network's answer."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

from cnnviz.adversarial.craft import AttackOptions, Method, attack_image, find_least_change
from cnnviz.adversarial.gradient import Norm
from cnnviz.adversarial.pixel_space import see_image
from cnnviz.figures.attack import draw_triptych
from cnnviz.images.image import to_png
from cnnviz.images.samples import load_image
from cnnviz.networks.class_names import find_class
from cnnviz.networks.load import load_model

# %% Change these values and run the program again.
NETWORK = "resnet64"
IMAGE = "grace-hopper"  # a sample, digit-0 to digit-9, or the path of a file
STROKES: list[list[tuple[float, float]]] = []  # a drawing in place of the image
METHOD = "FGSM"  # or "PGD", "L-BFGS"
NORM = "L∞"  # or "L2"
EPSILON = 4.0  # in levels of 1/255
STEPS = 20
RANDOM_START = False  # of PGD
TARGET: str | int | None = None  # a class to reach, by name or index; None for any

# %% Attack what the network sees of the image, at its own size.
model = load_model(NETWORK)
seen = see_image(model, load_image(IMAGE, strokes=STROKES).pixels)
target = None if TARGET is None else find_class(model.spec, TARGET)
options = AttackOptions(
    method=Method(METHOD),
    norm=Norm(NORM),
    steps=STEPS,
    target=target,
    random_start=RANDOM_START,
)
if options.method is Method.LBFGS:
    tried = list(find_least_change(model, seen, options=options))[-1][2]
    attacked = next((one for one in tried if one.fools), tried[-1])
else:
    attacked = attack_image(model, seen, epsilon=EPSILON, options=options)

# %% What the network says before and after, and of random noise of the same size.
for name, prediction in (
    ("original", attacked.clean),
    ("with noise", attacked.noise),
    ("attacked", attacked.prediction),
):
    first = prediction.ranking[0]
    print(f"{name}: {model.spec.classes[first]}, {prediction.probabilities[first]:.1%}")
print(f"largest change {attacked.linf:.4g}/255, L2 {attacked.l2:.4g}/255; fools: {attacked.fools}")
Path("adversarial.png").write_bytes(to_png(draw_triptych(attacked)))
