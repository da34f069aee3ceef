"""A network with a new head: its last stage or all of it trained on, at a tenth of the head's rate.

The head is trained first, on frozen features: a random head's first gradients would spoil them.
Batch normalization keeps its running statistics, which few images would estimate badly. The rates
rise over the first epoch.

Source: Yosinski and others 2014, "How transferable are features in deep neural networks?"; Kumar
and others 2022, "Fine-tuning can distort pretrained features", for the head first.
"""

import copy
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.optim.lr_scheduler import LinearLR

from cnnviz.activations.read import compile_part, name_nodes
from cnnviz.attribution.cam_layers import find_bottlenecks
from cnnviz.attribution.methods.cut import Cut, cut_network
from cnnviz.device import find_device
from cnnviz.errors import DataError
from cnnviz.evaluation.image_sets import SkippedFile, open_image
from cnnviz.jobs.heavy import report_progress
from cnnviz.labs.training import Learner
from cnnviz.labs.transfer.features import INPUT, FeatureSet, find_features
from cnnviz.labs.transfer.head import LinearHead, train_top
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.load import LoadedModel

HEAD, _MEAN, _FLATTEN = "new_head", "new_mean", "new_flatten"
SHARE = 0.1  # of the head's learning rate, for all other layers
_BATCH = 10
_JUDGED = 4  # images at a time


class Training(StrEnum):
    """What of the network is trained."""

    HEAD = "Head"
    STAGE = "Last stage"
    ALL = "Everything"


@dataclass(frozen=True, slots=True)
class Epoch:
    """How good the network is after a pass over the images.

    Attributes:
        number: Passes done; 0 for the head alone.
        loss: Mean cross-entropy on the images to train on, before each step; of the pass.
        accuracy: On the held-out images, 0 to 1.
    """

    number: int
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True, eq=False)
class Transferred:
    """A network with a new head.

    Attributes:
        training: What was trained.
        predictions: Classes of the held-out images, (M,).
        epochs: How it went; only the first for the head alone.
        trained: How many parameters were trained.
        state: Weights by name; empty while it is under way.
    """

    training: Training
    predictions: Tensor
    epochs: tuple[Epoch, ...]
    trained: int
    state: Mapping[str, Tensor] = field(default_factory=dict)


def build_transferred(graph: Graph, *, classes: int) -> fx.GraphModule:
    """Copy a network up to its features and put an untrained linear head on them.

    Raises:
        NetworkError: The network has no features.
    """
    layer = find_features(graph)
    root = copy.deepcopy(graph.traced)
    seam, part = name_nodes(root)[layer.name], fx.Graph()
    nodes: dict[fx.Node, fx.Node] = {}
    for node in root.graph.nodes:
        if node.op != "output":
            nodes[node] = part.node_copy(node, nodes.__getitem__)
    end = nodes[seam]
    if layer.is_spatial:
        root.add_module(_MEAN, nn.AdaptiveAvgPool2d(1))
        root.add_module(_FLATTEN, nn.Flatten())
        end = part.call_module(_FLATTEN, (part.call_module(_MEAN, (end,)),))
    root.add_module(HEAD, nn.Linear(layer.shape[0], classes).to(find_device(root)))
    part.output(part.call_module(HEAD, (end,)))
    return compile_part(root, part)


def fill_head(network: fx.GraphModule, head: LinearHead) -> None:
    """Put a trained head's weights into a network."""
    layer = network.get_submodule(HEAD)
    with torch.no_grad():
        layer.get_parameter("weight").copy_(head.weight)
        layer.get_parameter("bias").copy_(head.bias)


def find_stage(graph: Graph) -> str:
    """Return the layer behind which the last stage begins.

    Everything passes through it, and behind it the maps get smaller for the last time. Where maps
    never get smaller, the last block begins there.
    """
    order, top = list(graph.layers), find_features(graph).name
    before = order[: [layer.name for layer in order].index(top)]
    passed = find_bottlenecks(graph)
    ends = [  # of blocks, and layers of none
        layer
        for layer, following in zip(before, [*before[1:], None], strict=True)
        if layer.name in passed
        and (not layer.unit or following is None or following.unit != layer.unit)
    ]
    sizes = [layer.shape[1] * layer.shape[2] for layer in ends if layer.is_spatial]
    last = min((size for size in sizes if size > 1), default=1)
    larger = [one for one in ends if one.is_spatial and one.shape[1] * one.shape[2] > last]
    if larger:
        return larger[-1].name
    named = {layer.unit for layer in before if layer.unit}
    blocks = [layer for layer in ends if layer.unit in named and layer.unit]
    return blocks[-2].name if len(blocks) > 1 else INPUT


def start_transfer(model: LoadedModel, found: FeatureSet) -> Transferred:
    """Train the head alone on frozen features."""
    head = train_top(found)
    predictions = head.score(found.split(found.top)[1]).argmax(dim=1)
    network = build_transferred(model.graph, classes=len(found.classes))
    fill_head(network, head)
    loss = nn.functional.cross_entropy(head.score(found.split(found.top)[0]), found.train_labels)
    return Transferred(
        training=Training.HEAD,
        predictions=predictions,
        epochs=(Epoch(0, float(loss), _count_right(predictions, found)),),
        trained=head.weight.numel() + head.bias.numel(),
        state=dict(network.state_dict()),
    )


def _count_right(predictions: Tensor, found: FeatureSet) -> float:
    return float((predictions == found.test_labels).float().mean())


def fine_tune(
    model: LoadedModel,
    found: FeatureSet,
    *,
    training: Training,
    epochs: int,
    rate: float,
    seed: int = 0,
) -> Iterator[tuple[float, str, Transferred]]:
    """Train the head, then the head and the last stage or everything, as a heavy result's run.

    Args:
        model: The network; it is not changed.
        found: The images with their features.
        training: What is trained behind the head.
        epochs: Passes over the images.
        rate: Learning rate of the head after the first epoch, over which it rises; all other
            layers have a tenth of it.
        seed: Of the order of the images.

    Yields:
        The share done, what is done, and the network so far; its weights at the end.

    Raises:
        DataError: An image cannot be opened any more.
    """
    start = start_transfer(model, found)
    yield 0.0, "head trained", start
    if training is Training.HEAD:
        return
    network = build_transferred(model.graph, classes=len(found.classes))
    network.load_state_dict(dict(start.state))
    network.eval()
    cut = cut_network(network, find_stage(model.graph) if training is Training.STAGE else INPUT)
    inputs = _read_inputs(model, found, cut)
    learner = _make_learner(cut.above, rate)
    warm_up = plan_warm_up(learner.optimizer, steps=math.ceil(found.trained / _BATCH))
    trained = sum(one.numel() for one in cut.above.parameters() if one.requires_grad)
    dice, history = torch.Generator().manual_seed(seed), start.epochs
    for number in range(1, epochs + 1):
        step = f"epoch {number} of {epochs}"
        loss = _train_epoch(learner, warm_up, inputs, found, dice, _Bar(number - 1, epochs, step))
        predictions = _predict(cut.above, inputs[found.trained :])
        history += (Epoch(number, loss, _count_right(predictions, found)),)
        state = dict(network.state_dict()) if number == epochs else {}
        yield number / epochs, step, Transferred(training, predictions, history, trained, state)


def _make_learner(network: nn.Module, rate: float) -> Learner:
    groups: list[dict[str, Any]] = []
    for name, parameter in network.named_parameters():
        share = 1.0 if name.startswith(HEAD) else SHARE
        groups.append({"params": parameter.requires_grad_(), "lr": share * rate})
    return Learner(network, torch.optim.Adam(groups))


def plan_warm_up(optimizer: torch.optim.Optimizer, *, steps: int) -> LinearLR:
    """Let the rates rise in equal parts over so many steps; the step after these has them whole.

    Adam's first steps move every weight by about its whole rate, whatever the gradient. For
    ResNet-34 at 64×64 on 50 digits, everything trained at 0.001, five orders of the images, the
    first epoch's mean loss was 0.36 to 1.08 without a warm-up and 0.30 to 0.42 with one of an
    epoch; that of the head alone was 0.37. After three epochs 76 % and 77 % were right in the
    mean; at 0.0003 without a warm-up, where the first epoch's loss was 0.29 to 0.43, 72 %. That of
    EfficientNet-Lite0 was 0.26 to 0.60 without and 0.26 to 0.31 with one, 0.35 of the head alone;
    its accuracy after two epochs, 79 % and 75 %, differs by two images of 50.
    """
    return LinearLR(optimizer, start_factor=1 / (steps + 1), total_iters=steps)


@dataclass(frozen=True, slots=True)
class _Bar:
    """Reports how far an epoch is."""

    done: int
    epochs: int
    step: str

    def report(self, share: float) -> None:
        report_progress((self.done + share) / self.epochs, self.step)


def _read_inputs(model: LoadedModel, found: FeatureSet, cut: Cut) -> Tensor:
    """What the trained part reads of every image, computed once."""
    values = []
    for place, image in enumerate(found.images):
        report_progress(0.0, f"image {place + 1} of {len(found.images)}")
        opened = open_image(image)
        if isinstance(opened, SkippedFile):
            raise DataError(f"{opened.name} was taken away meanwhile; reload the page.")
        with torch.no_grad():
            (value, *_) = cut.below(model.spec.preprocessing.prepare(opened.pixels))
        values.append(value)
    return torch.cat(values)


def _train_epoch(
    learner: Learner,
    warm_up: LinearLR,
    inputs: Tensor,
    found: FeatureSet,
    dice: torch.Generator,
    bar: _Bar,
) -> float:
    """Train on every image once, and return the mean loss."""
    order, losses = torch.randperm(found.trained, generator=dice), []
    for first in range(0, found.trained, _BATCH):
        bar.report(first / found.trained)
        pick = order[first : first + _BATCH]
        _, loss = learner.backpropagate(inputs[pick], found.labels[pick])
        learner.optimizer.step()
        warm_up.step()
        losses.append(float(loss) * len(pick))
    return sum(losses) / found.trained


def _predict(network: nn.Module, inputs: Tensor) -> Tensor:
    with torch.no_grad():
        parts = [network(part) for part in torch.split(inputs, _JUDGED)]
    return torch.cat(parts).argmax(dim=1)
