"""What shortcuts do to signal and gradient: plain, residual and pre-activation networks.

A block has two fully connected layers of 64 units and reads scikit-learn's digits. Plain:
f(N(W₂ f(N(W₁ x)))). Residual: f(x + N(W₂ f(N(W₁ x)))). Pre-activation: x + W₂ f(N(W₁ f(N(x)))).

Sources: He, Zhang, Ren and Sun 2016, "Deep residual learning for image recognition", equations 1
and 2; the same, "Identity mappings in deep residual networks", equation 5; Nielsen 2015, "Neural
networks and deep learning", chapter 5, equation 122.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz.adversarial.linear.data import load_written_digits
from cnnviz.labs.signal import (
    WIDTH,
    Activation,
    Initialization,
    Scaling,
    activate,
    build_network,
    differentiate,
    scale_pixels,
)

MAX_BLOCKS = 50
_IMAGES = 256


class Shortcut(StrEnum):
    """How a block's input reaches its output."""

    PLAIN = "plain"
    RESIDUAL = "residual"
    PRE_ACTIVATION = "pre_activation"


class Norm(StrEnum):
    """What stands behind each layer, before pre-activation's functions."""

    NONE = "none"
    BATCH = "batch"
    LAYER = "layer"


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """What goes through the blocks, and back.

    Attributes:
        deviations: Standard deviation of each block's output, (B,).
        gradients: Euclidean norm of the loss's gradient by each block's weights, (B,).
    """

    deviations: Tensor
    gradients: Tensor


def send_flow(
    shortcut: Shortcut,
    *,
    function: Activation,
    initialization: Initialization,
    norm: Norm,
    blocks: int,
    seed: int = 0,
) -> Flow:
    """Send 256 digits through a fresh network, and the gradient of the cross-entropy back.

    Args:
        shortcut: Of every block.
        function: f.
        initialization: Of all weights.
        norm: N, over the batch or over the units, without scale and shift.
        blocks: Of two layers each.
        seed: Of the weights, which are the same for every shortcut.
    """
    data = load_written_digits()
    x = scale_pixels(data.train, Scaling.STANDARDIZED)[:_IMAGES]
    *hidden, last = build_network(initialization, depth=2 * blocks, seed=seed)
    outputs = []
    with torch.enable_grad():
        for first, second in zip(hidden[::2], hidden[1::2], strict=True):
            x = _run_block(x, first, second, shortcut=shortcut, function=function, norm=norm)
            outputs.append(x.detach())
        if shortcut is Shortcut.PRE_ACTIVATION:
            x = activate(function, _normalize(x, norm))
        loss = functional.cross_entropy(last(x), data.train_labels[:_IMAGES])
        found = torch.autograd.grad(loss, [layer.weight for layer in hidden])
    weights = torch.stack(found).reshape(blocks, -1)  # (2 B, W, W) -> (B, 2 W W)
    norms: Tensor = torch.linalg.vector_norm(weights.double(), dim=1)
    return Flow(torch.stack(outputs).flatten(1).double().std(dim=1), norms)


def _run_block(
    x: Tensor,
    first: nn.Linear,
    second: nn.Linear,
    *,
    shortcut: Shortcut,
    function: Activation,
    norm: Norm,
) -> Tensor:
    if shortcut is Shortcut.PRE_ACTIVATION:
        inner = first(activate(function, _normalize(x, norm)))
        branch: Tensor = second(activate(function, _normalize(inner, norm)))
        return x + branch
    inner = activate(function, _normalize(first(x), norm))
    branch = _normalize(second(inner), norm)
    return activate(function, x + branch if shortcut is Shortcut.RESIDUAL else branch)


def _normalize(values: Tensor, norm: Norm) -> Tensor:
    """Normalize (N, WIDTH) over the images or over the units."""
    if norm is Norm.BATCH:
        return functional.batch_norm(values, None, None, training=True)
    if norm is Norm.LAYER:
        return functional.layer_norm(values, (WIDTH,))
    return values


@dataclass(frozen=True, slots=True)
class Chain:
    """Neurons in a row: z = w·a + b with a of the neuron before, a = f(z), C = ½ (a − 1)².

    Attributes:
        weights: Of each neuron.
        inputs: z of each.
        slopes: f′(z) of each.
        output: a of the last one.
    """

    weights: tuple[float, ...]
    inputs: tuple[float, ...]
    slopes: tuple[float, ...]
    output: float

    @property
    def error(self) -> float:
        """∂C/∂a of the last neuron."""
        return self.output - 1

    def find_gradients(self) -> list[float]:
        """Return ∂C/∂b of each neuron: all slopes and weights behind it, times the error."""
        found, product = [], self.error
        behind = (*self.weights[1:], 1.0)
        for slope, weight in zip(reversed(self.slopes), reversed(behind), strict=True):
            product *= weight * slope
            found.append(product)
        return found[::-1]


def run_chain(
    function: Activation, *, weights: Sequence[float], bias: float, start: float = 1.0
) -> Chain:
    """Run a chain of neurons with one bias for all."""
    a, inputs, slopes = torch.tensor(start, dtype=torch.float64), [], []
    for weight in weights:
        z = weight * a + bias
        inputs.append(float(z))
        slopes.append(float(differentiate(function, z)))
        a = activate(function, z)
    return Chain(tuple(weights), tuple(inputs), tuple(slopes), float(a))
