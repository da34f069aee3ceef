"""Normalization: which activations share a mean and a variance."""

# %% Everything is computed by the package cnnviz.
import torch

from cnnviz.activations.read import read_activations
from cnnviz.images.samples import load_image
from cnnviz.labs.normalization import Normalization, normalize
from cnnviz.networks.load import load_model

# %% Change these values and run the program again.
NETWORK = "resnet64"
IMAGE = "cat"  # a sample, digit-0 to digit-9, or the path of a file
STROKES: list[list[tuple[float, float]]] = []  # a drawing in place of the image
BATCH = ["coffee", "astronaut"]  # the other images
LAYER = "conv1"
KIND = "batch"  # or "layer", "instance", "group"
GROUPS = 32  # of group normalization
CHANNEL = 0

# %% Read the activations of the batch, and normalize them.
model = load_model(NETWORK)
images = [load_image(IMAGE, strokes=STROKES), *(load_image(name) for name in BATCH)]
x = torch.cat([model.spec.preprocessing.prepare(image.pixels) for image in images])
values = read_activations(model, x, layers=(LAYER,))[LAYER]
found = normalize(values, kind=Normalization(KIND), groups=GROUPS)

# %% The mean and variance of the first image's channel.
place = found.find_place(0, CHANNEL)
shared = found.find_shared(0, CHANNEL)
print(f"{int(shared.sum())} of {shared.numel()} maps share")
print(f"mean {float(found.mean[place]):.4f}")
print(f"variance {float(found.variance[place]):.4f}")
print(f"after: mean {float(found.scaled[shared].mean()):.4f}")
