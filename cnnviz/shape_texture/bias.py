"""Whether a network goes by shape or by texture: on one cue conflict, and over a set of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations

import numpy as np
from torch import Tensor

from cnnviz.networks.class_names import match_classes
from cnnviz.networks.load import LoadedModel, Prediction
from cnnviz.shape_texture.images import LabelledImage

# Over the paper's 1,280 cue conflicts in 16 classes, of the decisions for either cue. Geirhos et
# al. 2019, figure 4.
PAPER_HUMANS, PAPER_RESNET50 = 0.959, 0.221


class Decision(StrEnum):
    """By which cue a network names a cue conflict."""

    SHAPE = "shape"
    TEXTURE = "texture"
    NEITHER = "neither"


class Rule(StrEnum):
    """When a decision counts."""

    FIRST = "top-1 class"
    LIKELIER = "more probable cue"


class Naming(StrEnum):
    """What an image is taken to show."""

    TRUTH = "predicted correctly"
    OWN = "all images"


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """One network's decisions over a set.

    Attributes:
        network: Its name.
        title: Its title.
        images: How many of the set's images could be used.
        shape: Decisions for the shape.
        texture: Decisions for the texture.
        neither: Decisions for neither.
    """

    network: str
    title: str
    images: int
    shape: int
    texture: int
    neither: int

    @property
    def pairs(self) -> int:
        """Cue conflicts that were judged."""
        return self.shape + self.texture + self.neither

    @property
    def bias(self) -> float | None:
        """Shape bias, 0 to 1: shape decisions by those for either cue; None where there is none.

        Source: Geirhos et al. 2019, section 3.1.
        """
        decided = self.shape + self.texture
        return self.shape / decided if decided else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the bias lies with 95 % confidence."""
        return find_interval(self.shape, self.shape + self.texture)


def find_interval(hits: int, count: int) -> tuple[float, float]:
    """Bound a share from both sides with 95 % confidence; (0, 1) without any count.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if count == 0:
        return 0.0, 1.0
    z, share = 1.96, hits / count
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    reach = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return max(0.0, float(middle - reach)), min(1.0, float(middle + reach))


def decide(
    probabilities: Tensor, *, shape: frozenset[int], texture: frozenset[int], rule: Rule
) -> Decision:
    """Tell by which cue a network named an image.

    Args:
        probabilities: Of all its classes, (K,).
        shape: The classes of the shape image.
        texture: The classes of the texture image.
        rule: Whether its top-1 class has to be one of them, or one is only to beat the other.
    """
    first = int(probabilities.argmax())
    if rule is Rule.LIKELIER:
        sums = [sum_classes(probabilities, classes) for classes in (shape, texture)]
        return Decision.SHAPE if sums[0] > sums[1] else Decision.TEXTURE
    if first in shape:
        return Decision.SHAPE
    return Decision.TEXTURE if first in texture else Decision.NEITHER


def sum_classes(probabilities: Tensor, classes: frozenset[int]) -> float:
    """Return the probability of any of some classes."""
    return float(sum(float(probabilities[index]) for index in classes))


def find_cue(
    model: LoadedModel, image: LabelledImage, prediction: Prediction, *, naming: Naming
) -> frozenset[int]:
    """Return the classes of an image as a cue; none where it cannot serve this network.

    Args:
        model: The network.
        image: The image.
        prediction: What the network says of it, undistorted.
        naming: Its truth, if the network's top-1 class is that; or its top-1 class, whatever it is.
    """
    first = prediction.ranking[0]
    if naming is Naming.OWN:
        return frozenset({first})
    truth = match_classes(model.spec, image.truth)
    return truth if first in truth else frozenset()


def choose_pairs(
    cues: Sequence[Sequence[frozenset[int]]], *, most: int, seed: int = 0
) -> tuple[tuple[int, int], ...]:
    """Choose pairs of images, shape and texture, that are a conflict for some network.

    Args:
        cues: Of each network, of each image.
        most: Pairs to choose at random where there are more.
        seed: Of the choice and the order.
    """
    count = len(cues[0]) if cues else 0
    pairs = [
        (shape, texture)
        for shape, texture in permutations(range(count), 2)
        if any(is_conflict(one[shape], one[texture]) for one in cues)
    ]
    chosen = np.random.default_rng(seed).permutation(len(pairs))[:most]
    return tuple(pairs[place] for place in chosen)


def is_conflict(shape: frozenset[int], texture: frozenset[int]) -> bool:
    """Say whether both cues are known and name different things."""
    return bool(shape and texture and shape.isdisjoint(texture))


def tally_decisions(
    model: LoadedModel,
    cues: Sequence[frozenset[int]],
    judged: Sequence[tuple[tuple[int, int], Tensor]],
    *,
    rule: Rule,
) -> Tally:
    """Count a network's decisions.

    Args:
        model: The network.
        cues: Classes of each image; none where it cannot serve.
        judged: Pairs of images, and the network's probabilities for their cue conflict, (K,).
        rule: When a decision counts.
    """
    counts = dict.fromkeys(Decision, 0)
    for (shape, texture), probabilities in judged:
        if is_conflict(cues[shape], cues[texture]):
            made = decide(probabilities, shape=cues[shape], texture=cues[texture], rule=rule)
            counts[made] += 1
    return Tally(
        network=model.spec.name,
        title=model.spec.title,
        images=sum(bool(cue) for cue in cues),
        shape=counts[Decision.SHAPE],
        texture=counts[Decision.TEXTURE],
        neither=counts[Decision.NEITHER],
    )
