"""Your class on the wall: LeNet-5 on a class's drawings, and fine-tuned on one half of them."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

import numpy as np
import torch

from cnnviz.classroom.data_set import predict_digits, render_strokes, score_digits, split_halves
from cnnviz.classroom.fine_tuning import fine_tune_lenet
from cnnviz.digits.mnist import sample_digits
from cnnviz.labs.digit_sets import list_sources
from cnnviz.networks.load import load_model
from cnnviz.training.labelled import LabelledImages
from cnnviz.training.mnist import load_mnist

# %% Change these values and run the program again.
NETWORK = "lenet5"
FOLDER = ""  # the ZIP file in MNIST's format, unpacked; none for ten digits of CNNViz
EPOCHS = 10  # of fine-tuning
RATE = 0.0003  # learning rate
SEED = 0

# %% Read both halves: one to train on, one to measure on.
if FOLDER:
    digits = load_mnist(Path(FOLDER))
else:
    images = torch.from_numpy(np.stack([render_strokes(one) for one in sample_digits()]))
    digits = split_halves(LabelledImages(images, torch.arange(10)), seed=SEED)

# %% Measure LeNet-5 on all drawings, and on each digit.
model = load_model(NETWORK)
drawings = digits.train.join(digits.test)
predictions = predict_digits(model.module, drawings.images)
print(f"accuracy: {int((predictions == drawings.labels).sum()) / len(predictions):.1%}")
for digit, score in enumerate(score_digits(predictions, drawings.labels)):
    print(f"  {digit}: {score.correct} of {score.total}")

# %% Fine-tune it on one half; measure the other, and digits that the class did not draw.
source = list_sources()[-1]
tuning = fine_tune_lenet(model, digits, source=source, epochs=EPOCHS, rate=RATE, seed=SEED)
for _share, _step, tuned in tuning:
    epoch = tuned.epochs[-1]
    print(f"epoch {epoch.number}: class {epoch.accuracy:.1%}, {source} {epoch.kept:.1%}")
