"""A linear classifier: one template for each class, and how its own weights fool it."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

from cnnviz.adversarial.linear.case import LOADERS
from cnnviz.adversarial.linear.data import load_photographs
from cnnviz.adversarial.linear.perturb import draw_values, perturb_row
from cnnviz.adversarial.linear.regression import train_classifier
from cnnviz.figures.linear import find_turn
from cnnviz.images.image import to_png, upscale_nearest

# %% Change these values and run the program again.
DATA = "faces"  # or "digits", "samples", or "photographs" of FOLDER
FOLDER = ""  # with one folder of photographs for each class
TRAINING_STEPS = 300
DECAY = 0.0
ITEM = 4  # which of the held-out images is changed
TARGET: str | None = None  # the class to move it to; None for the second guess

# %% Softmax regression by gradient descent.
loaders = {str(name): load for name, load in LOADERS.items()}
data = load_photographs(Path(FOLDER)) if DATA == "photographs" else loaders[DATA]()
classifier = train_classifier(data, steps=TRAINING_STEPS, decay=DECAY)
last = classifier.curve[-1]
print(f"after {last.step} steps: loss {last.loss:.4f}, held-out accuracy {last.test:.2%}")

# %% Add the target's template to an image, a little at a time: x + a·w.
row = data.test[ITEM]
ranking = classifier.score(row[None])[0].argsort(descending=True).tolist()
target = ranking[1] if TARGET is None else data.classes.index(TARGET)
perturbed = perturb_row(classifier, row, target=target)
turn = perturbed.images[find_turn(perturbed)]
print(f"at first: {data.classes[ranking[0]]}; moved to {data.classes[target]}")
print(
    f"score {perturbed.score:.3f} + {turn.amount:.3g} · {perturbed.square:.3f} = {turn.score:.3f}"
)
print(f"with a = {turn.amount:.3g} the saved image is {data.classes[turn.saved.ranking[0]]}")
pixels = draw_values(turn.values, shape=data.shape)
Path("linear.png").write_bytes(to_png(upscale_nearest(pixels, min_size=256)))
