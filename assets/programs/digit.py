"""Draw a digit: a drawing becomes 32×32 numbers, and LeNet-5 names it."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

from cnnviz.digits.experiments import measure_filters, read_drawing, try_shifts, work_out_softmax
from cnnviz.digits.mnist import sample_digits, view_input
from cnnviz.images.image import to_png, upscale_nearest
from cnnviz.networks.load import load_model

# %% Change these values and run the program again.
NETWORK = "lenet5"
STROKES: list[list[tuple[float, float]]] = []  # points from 0 to 1; none for the digit below
DIGIT = 3  # one of ten drawings that come with CNNViz
PEN = 0.09  # diameter of the pen, as a share of the pad's side
LAYER = "c1"

# %% The drawing is centred and scaled as MNIST's digits are.
model = load_model(NETWORK)
strokes = tuple(tuple((x, y) for x, y in stroke) for stroke in STROKES) or sample_digits()[DIGIT]
reading = read_drawing(model, strokes, pen=PEN)
Path("digit.png").write_bytes(to_png(upscale_nearest(view_input(reading.x), factor=8)))

# %% From ten logits to ten probabilities.
softmax = work_out_softmax(reading.prediction.logits)
for name, logit, probability in zip(
    model.spec.classes, softmax.logits, softmax.probabilities, strict=True
):
    print(f"{name}: logit {logit:7.3f}, probability {probability:.2%}")
print(f"top-1 class: {model.spec.classes[reading.prediction.ranking[0]]}")

# %% What each kernel of the layer answers to.
for found in measure_filters(model, reading.x, layer=LAYER):
    print(f"{LAYER} {found.channel}: {found.peak:.4g} at row {found.row}, column {found.column}")

# %% Is the guess the same when the drawing is moved?
trial = try_shifts(model, reading.x)
same = int((trial.guesses == trial.winner).sum())
print(f"{same} of {trial.guesses.numel()} positions keep the guess")
