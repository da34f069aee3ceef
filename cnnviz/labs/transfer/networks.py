"""A network with a new head as one of the registry, and its weights as a file."""

from functools import partial

from safetensors.torch import save
from torch import nn

from cnnviz.labs.trained_networks import name_trained, register_trained
from cnnviz.labs.transfer.features import FeatureSet
from cnnviz.labs.transfer.fine_tuning import HEAD, Training, Transferred, build_transferred
from cnnviz.networks.load import LoadedModel, load_model


def write_transferred(trained: Transferred) -> bytes:
    """Return the network's weights as a safetensors file."""
    return save({name: value.detach().contiguous() for name, value in trained.state.items()})


def register_transferred(
    model: LoadedModel,
    found: FeatureSet,
    trained: Transferred,
    *,
    title: str,
    key: str,
    visitor: str,
) -> str:
    """Make a network with a new head one that every page of its visitor can open.

    Args:
        model: The network that it was made of.
        found: The images it learned from.
        trained: What was trained.
        title: What the images are called.
        key: All that the training depends on.
        visitor: Who sees it in lists of networks.

    Returns:
        Its key in the registry.
    """
    name = name_trained(f"transfer {model.spec.name} {key}", visitor=visitor)
    spec, classes = model.spec, found.classes
    what = "" if trained.training is Training.HEAD else f", {trained.training.lower()} fine-tuned"
    right, total = trained.epochs[-1].accuracy, len(found.test_labels)
    register_trained(
        name,
        write_transferred(trained),
        partial(_build, spec.name, len(classes)),
        like=spec.name,
        classes=classes,
        title=f"{spec.title} for {title.lower()}{what} ({name[-4:]})",
        paper=f"Made of {spec.title} on the page “Transfer learning”",
        idea=f"A new linear head: accuracy {100 * right:.1f} % on {total} held-out images.",
        layer_titles=spec.layer_titles | {HEAD: "New head"},
        visitor=visitor,
    )
    return name


def _build(name: str, classes: int) -> nn.Module:
    return build_transferred(load_model(name).graph, classes=classes)
