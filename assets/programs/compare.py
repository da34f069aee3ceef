"""Compare: several networks on one image, and where they agree."""

# %% Everything is computed by the package cnnviz.
from cnnviz.comparison import (
    compare_answers,
    follow_corruption,
    harden,
    predict_with_map,
    shrink,
)
from cnnviz.images.corruptions import Corruption
from cnnviz.images.samples import load_image
from cnnviz.networks.load import load_model

# %% Change these values and run the program again.
NETWORKS = ["alexnet64", "vgg64", "googlenet64", "resnet64"]
IMAGE = "coffee"  # a sample, digit-0 to digit-9, or the path of a file
STROKES: list[list[tuple[float, float]]] = []  # a drawing in place of the image
STRENGTHS = [("Blur", 0.0), ("Noise", 0.0)]  # of what is done to the image first
CORRUPTION = "Rotation"  # on the x-axis: "Crop", "Gray", "Contrast lost", "Blur" or "Noise"

# %% Each network's five most probable classes.
models = [load_model(name) for name in NETWORKS]
image = shrink(load_image(IMAGE, strokes=STROKES))
hard = harden(image, {Corruption(name): strength for name, strength in STRENGTHS})
answers = [predict_with_map(model, hard) for model in models]
for answer in answers:
    guesses = ", ".join(f"{one.identity} {one.probability:.1%}" for one in answer.guesses)
    print(f"{answer.title}: {guesses}")

# %% Which networks name the same class first?
for identity, titles in compare_answers(models, answers).groups:
    print(f"{identity}: {', '.join(titles)}")

# %% How much of the corruption does each network stand?
for model in models:
    curve = follow_corruption(model, image, Corruption(CORRUPTION))
    last = curve.probabilities[-1]
    flip = "never" if curve.flip is None else f"at {curve.flip:g} to {curve.flipped_to}"
    print(f"{curve.title}: {curve.identity}, {last:.1%} at the end; changes {flip}")
