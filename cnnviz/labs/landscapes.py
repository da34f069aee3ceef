"""The loss surface around trained weights, along two random directions.

The weights of filters may grow without any change of what a network computes, so a direction has
the norm of the trained weights filter by filter: only then can two networks be compared.

Source: Li, Xu, Taylor, Studer and Goldstein 2018, "Visualizing the loss landscape of neural nets",
sections 3 and 4.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from cnnviz.networks.load import LoadedModel

LANDSCAPE_FACT = "landscape"  # in the networks' cards
Weights = Mapping[str, Tensor]


def draw_direction(weights: Weights, *, seed: int) -> dict[str, Tensor]:
    """Draw a random direction, and give each filter of it the norm of the trained one.

    Biases, and the scale and shift of batch normalization, stay as they are: their direction is 0.

    Args:
        weights: Of the network, by name: (F, ...) of F filters, or of F units.
        seed: Of the direction.
    """
    dice = torch.Generator().manual_seed(seed)
    return {
        name: normalize_filters(torch.randn(one.shape, generator=dice), one.detach())
        if one.ndim > 1
        else torch.zeros_like(one)
        for name, one in weights.items()
    }


def normalize_filters(direction: Tensor, weights: Tensor) -> Tensor:
    """Give each filter of a direction the Frobenius norm of the filter of the weights, (F, ...)."""
    shape = (-1, *(1,) * (weights.ndim - 1))
    wanted, found = (one.flatten(1).norm(dim=1).reshape(shape) for one in (weights, direction))
    scaled: Tensor = direction * wanted / found
    return scaled


def measure_surface(
    find_loss: Callable[[Weights], float],
    center: Weights,
    directions: tuple[Weights, Weights],
    offsets: Sequence[float],
) -> Iterator[float]:
    """Measure the loss at w + a d + b e, for b and in each for a of the offsets.

    Args:
        find_loss: Returns the loss at weights.
        center: The trained weights w.
        directions: d and e.
        offsets: The values of a and b.
    """
    first, second = directions
    for b in offsets:
        for a in offsets:
            yield find_loss(
                {name: one + a * first[name] + b * second[name] for name, one in center.items()}
            )


def find_mean_loss(
    network: nn.Module, weights: Weights, parts: Sequence[Sequence[Tensor]]
) -> float:
    """Return the mean cross-entropy of a network with other weights; its own stay.

    Args:
        network: In evaluation mode: batch normalization keeps its statistics.
        weights: In place of its parameters.
        parts: Images (N, C, H, W) and labels (N,), a batch each.
    """
    total, count = 0.0, 0
    with torch.no_grad():
        for images, labels in parts:
            logits = functional_call(network, dict(weights), (images,))
            total += float(functional.cross_entropy(logits, labels, reduction="sum"))
            count += len(labels)
    return total / count


@dataclass(frozen=True, slots=True, eq=False)
class Landscape:
    """A loss surface on held-out images, measured once.

    Attributes:
        images: How many.
        offsets: a and b of the grid, in norms of the trained filters.
        losses: Mean cross-entropy, a row for each b, (len(offsets), len(offsets)).
    """

    images: int
    offsets: tuple[float, ...]
    losses: Tensor

    @property
    def center(self) -> float:
        """The loss at the trained weights."""
        middle = len(self.offsets) // 2
        return float(self.losses[middle, middle])

    def find_share_below(self, limit: float) -> float:
        """Return the share of the grid whose loss is below a limit, 0 to 1."""
        return float((self.losses < limit).double().mean())


def read_landscape(model: LoadedModel) -> Landscape | None:
    """Return what a network's card says; None where it says nothing whole."""
    told = model.card.facts.get(LANDSCAPE_FACT)
    try:
        offsets = tuple(map(float, told["offsets"]))  # type: ignore[index]
        losses = torch.tensor(told["losses"], dtype=torch.float64)  # type: ignore[index]
        return Landscape(
            int(told["images"]),  # type: ignore[index]
            offsets,
            losses.reshape(len(offsets), len(offsets)),
        )
    except (KeyError, RuntimeError, TypeError, ValueError):
        return None
