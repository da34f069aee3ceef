"""A network with LeNet-5's layers and other weights, as a class or a visitor trains one."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from safetensors.torch import save

from cnnviz.labs.trained_networks import forget_trained, register_trained
from cnnviz.networks.zoo.lenet import LENET5, LeNet5

NAME, TITLE = "trained_other", "LeNet-5 of class AB2C"


@contextmanager
def register_other_lenet(*, visitor: str = "") -> Iterator[LeNet5]:
    """Make it one of the registry for as long as the block runs."""
    torch.manual_seed(5)
    network = LeNet5().eval()
    register_trained(
        NAME,
        save(network.state_dict()),
        LeNet5,
        like=LENET5.name,
        classes=LENET5.classes,
        title=TITLE,
        idea="Right on none of the class's drawings.",
        layer_titles=LENET5.layer_titles,
        visitor=visitor,
    )
    try:
        yield network
    finally:
        forget_trained(NAME)
