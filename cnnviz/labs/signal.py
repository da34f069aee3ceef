"""How activations and gradients change on their way through many layers.

A fully connected network reads scikit-learn's digits. Its activation function, initialization,
depth and the scaling of its inputs decide whether the signal and the gradients survive.

Sources: LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp", sections 4.3 to 4.6; Glorot and
Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks",
equations 15 and 16; He, Zhang, Ren and Sun 2015, "Delving deep into rectifiers", equations 10 and
14; Stanford CS231n, "Training neural networks I".
"""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz.adversarial.linear.data import load_written_digits
from cnnviz.labs.training import Learner, draw_batches, judge, train_together

WIDTH = 64  # units of each hidden layer, and pixels of a digit
MAX_DEPTH = 50
RACE_STEPS = 200
_CLASSES, _IMAGES, _BATCH, _LOOKS = 10, 256, 64, 10
_SATURATED = 0.05  # of the largest slope
_STEEPEST = 0.25  # of the sigmoid
_SMALL, _LARGE, _SLOPE = 0.01, 1.0, 0.01


class Activation(StrEnum):
    """Activation functions; the values are those of the page's program."""

    SIGMOID = "sigmoid"
    TANH = "tanh"
    RELU = "relu"
    LEAKY_RELU = "leaky_relu"
    GELU = "gelu"
    SILU = "silu"


class Initialization(StrEnum):
    """How weights begin; all are normal with mean 0, and biases are 0."""

    ZERO = "zero"
    SMALL = "small"
    XAVIER = "xavier"
    HE = "he"
    LARGE = "large"


class Scaling(StrEnum):
    """What is done to the pixels of the training images before the network reads them."""

    RAW = "raw"
    CENTERED = "centered"
    STANDARDIZED = "standardized"


_FUNCTIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    Activation.SIGMOID: torch.sigmoid,
    Activation.TANH: torch.tanh,
    Activation.RELU: functional.relu,
    Activation.LEAKY_RELU: lambda z: functional.leaky_relu(z, _SLOPE),
    Activation.GELU: functional.gelu,
    Activation.SILU: functional.silu,
}


def activate(function: Activation, z: Tensor) -> Tensor:
    """Apply an activation function to values of any shape."""
    return _FUNCTIONS[function](z)


def differentiate(function: Activation, z: Tensor) -> Tensor:
    """Return the slope of an activation function at values of any shape."""
    with torch.enable_grad():
        z = z.detach().clone().requires_grad_()
        (slope,) = torch.autograd.grad(activate(function, z).sum(), z)
    return slope


def find_deviation(initialization: Initialization, *, inputs: int, outputs: int) -> float:
    """Return the standard deviation of a layer's first weights.

    Args:
        initialization: Xavier is √(2 / (inputs + outputs)), He √(2 / inputs).
        inputs: Units that a unit of the layer reads.
        outputs: Units of the layer.
    """
    deviations: dict[Initialization, float] = {
        Initialization.ZERO: 0.0,
        Initialization.SMALL: _SMALL,
        Initialization.XAVIER: math.sqrt(2 / (inputs + outputs)),
        Initialization.HE: math.sqrt(2 / inputs),
        Initialization.LARGE: _LARGE,
    }
    return deviations[initialization]


def scale_pixels(pixels: Tensor, scaling: Scaling) -> Tensor:
    """Scale training images, (N, D) with values of any range.

    Centered: the mean of each pixel is 0. Standardized: its standard deviation is 1 as well; a
    pixel that never changes stays 0.
    """
    if scaling is Scaling.RAW:
        return pixels
    centered = pixels - pixels.mean(dim=0)
    if scaling is Scaling.CENTERED:
        return centered
    deviation = centered.std(dim=0, correction=0)
    return centered / torch.where(deviation > 0, deviation, torch.ones_like(deviation))


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """What goes through the hidden layers, and back.

    Attributes:
        function: After each layer.
        pixels: What the first layer reads, (N, WIDTH).
        inputs: z of each layer for each image, (L, N, WIDTH): what the activation function reads.
        outputs: a = f(z), of the same shape.
        slopes: f′(z), of the same shape.
        gradients: Of the loss by each layer's weights, (L, WIDTH, WIDTH).
    """

    function: Activation
    pixels: Tensor
    inputs: Tensor
    outputs: Tensor
    slopes: Tensor
    gradients: Tensor

    def find_deviations(self) -> Tensor:
        """Return the standard deviation of each layer's activations, (L,)."""
        return self.outputs.flatten(1).std(dim=1)

    def find_gradient_norms(self) -> Tensor:
        """Return the Euclidean norm of each layer's weight gradient, (L,)."""
        norms: Tensor = torch.linalg.vector_norm(self.gradients.flatten(1), dim=1)
        return norms

    def find_saturated(self) -> Tensor:
        """Return the share of each layer's activations with almost no slope, (L,).

        Almost none: below a twentieth of 1, or of the sigmoid's largest slope, 1/4.
        """
        steepest = _STEEPEST if self.function is Activation.SIGMOID else 1.0
        return (self.slopes.abs() < _SATURATED * steepest).flatten(1).float().mean(dim=1)

    def find_dead(self) -> Tensor:
        """Return the share of each layer's units without any slope for any image, (L,)."""
        return (self.slopes == 0).all(dim=1).float().mean(dim=1)

    def find_one_sided(self) -> Tensor:
        """Return the share of each layer's units that get gradients of one sign for one image.

        Where all inputs of a unit are positive, its weights can only grow or shrink together for
        an image (L,).
        """
        reads = torch.cat((self.pixels[None], self.outputs[:-1]))
        is_one_sided = ((reads >= 0).all(dim=2) | (reads <= 0).all(dim=2)) & (reads != 0).any(dim=2)
        return is_one_sided.float().mean(dim=1)


def send_signal(
    *,
    function: Activation,
    initialization: Initialization,
    scaling: Scaling,
    depth: int,
    seed: int = 0,
) -> Signal:
    """Send 256 digits through a fresh network, and the gradient of the cross-entropy back.

    Args:
        function: After each hidden layer.
        initialization: Of all weights.
        scaling: Of the pixels, which are 0 to 1 as they are.
        depth: Hidden layers, 1 to MAX_DEPTH.
        seed: Of the weights.
    """
    data = load_written_digits()
    x = pixels = scale_pixels(data.train, scaling)[:_IMAGES]
    network = build_network(initialization, depth=depth, seed=seed)
    *hidden, last = network
    inputs, outputs = [], []
    with torch.enable_grad():
        for layer in hidden:
            inputs.append(layer(x))
            x = activate(function, inputs[-1])
            outputs.append(x)
        loss = functional.cross_entropy(last(x), data.train_labels[:_IMAGES])
        gradients = torch.autograd.grad(loss, [layer.weight for layer in hidden])
    z = torch.stack(inputs).detach()
    return Signal(
        function,
        pixels,
        z,
        torch.stack(outputs).detach(),
        differentiate(function, z),
        torch.stack(gradients),
    )


def build_network(initialization: Initialization, *, depth: int, seed: int = 0) -> list[nn.Linear]:
    """Build the hidden layers and the last one, which gives the logits."""
    dice = torch.Generator().manual_seed(seed)
    layers = [nn.Linear(WIDTH, WIDTH) for _ in range(depth)] + [nn.Linear(WIDTH, _CLASSES)]
    for layer in layers:
        deviation = find_deviation(
            initialization, inputs=layer.in_features, outputs=layer.out_features
        )
        with torch.no_grad():
            layer.weight.copy_(deviation * torch.randn(layer.weight.shape, generator=dice))
            layer.bias.zero_()
    return layers


def find_answers(depth: int) -> dict[str, float]:
    """Return the answers to the lesson's questions.

    The largest product of the sigmoid's slopes through all layers, and He's deviation of a layer.
    """
    he = find_deviation(Initialization.HE, inputs=WIDTH, outputs=WIDTH)
    return {"slope": _STEEPEST**depth, "he": he}


@dataclass(frozen=True, slots=True, eq=False)
class Race:
    """The same network trained from each initialization.

    Attributes:
        steps: After which was looked.
        losses: Cross-entropy on the images held out, by initialization; infinite where it is no
            number any more.
        accuracies: Share of the held-out images that is named rightly, by initialization.
    """

    steps: list[int]
    losses: dict[Initialization, list[float]]
    accuracies: dict[Initialization, list[float]]


def race_initializations(
    *, function: Activation, scaling: Scaling, depth: int, rate: float, seed: int = 0
) -> Iterator[tuple[float, str, Race]]:
    """Train the network from every initialization with plain SGD on the same batches.

    Yields:
        The share done, what is done, and the curves so far.
    """
    data = load_written_digits()
    together = scale_pixels(torch.cat((data.train, data.test)), scaling)
    train, test = together[: len(data.train)], together[len(data.train) :]
    networks = {
        one: _chain(build_network(one, depth=depth, seed=seed), function) for one in Initialization
    }
    learners = [
        Learner(one, torch.optim.SGD(one.parameters(), lr=rate)) for one in networks.values()
    ]
    race = Race([], {one: [] for one in networks}, {one: [] for one in networks})
    batches = draw_batches(train, data.train_labels, batch=_BATCH, steps=RACE_STEPS, seed=seed)
    for step in train_together(learners, batches):
        if step % _LOOKS == 0:
            race.steps.append(step)
            for name, network in networks.items():
                loss, accuracy = judge(network, test, data.test_labels)
                race.losses[name].append(loss)
                race.accuracies[name].append(accuracy)
            yield step / RACE_STEPS, f"step {step} of {RACE_STEPS}", copy.deepcopy(race)


class _Function(nn.Module):
    def __init__(self, function: Activation) -> None:
        super().__init__()
        self.function = function

    def forward(self, z: Tensor) -> Tensor:
        return activate(self.function, z)


def _chain(layers: list[nn.Linear], function: Activation) -> nn.Sequential:
    *hidden, last = layers
    return nn.Sequential(*(one for layer in hidden for one in (layer, _Function(function))), last)


@dataclass(frozen=True, slots=True, eq=False)
class Bowl:
    """The loss of a linear model of two pixels, around its minimum.

    The mean squared error is ½ (w − w*)ᵀ H (w − w*) plus a constant, with H the mean of x·xᵀ.

    Attributes:
        hessian: H, (2, 2).
    """

    hessian: Tensor

    @property
    def condition(self) -> float:
        """Largest over smallest eigenvalue of H: how much longer than wide the bowl is, squared."""
        low, high = torch.linalg.eigvalsh(self.hessian.double()).tolist()
        return float(high / low) if low > 0 else float("inf")

    @property
    def largest_rate(self) -> float:
        """The learning rate above which gradient descent diverges: 2 / largest eigenvalue."""
        return float(2 / torch.linalg.eigvalsh(self.hessian.double())[-1])

    def find_loss(self, reach: float, count: int) -> Tensor:
        """Return the loss on a square grid around the minimum, (count, count)."""
        line = torch.linspace(-reach, reach, count)
        across, up = torch.meshgrid(line, line, indexing="xy")
        spots = torch.stack((across, up), dim=-1)
        return 0.5 * torch.einsum("abi,ij,abj->ab", spots, self.hessian, spots)


def measure_bowl(scaling: Scaling, *, pixels: tuple[int, int] = (27, 28)) -> Bowl:
    """Measure the bowl of two pixels of the digits, counted from 0 by rows of eight."""
    x = scale_pixels(load_written_digits().train, scaling)[:, list(pixels)]
    return Bowl(x.T @ x / len(x))
