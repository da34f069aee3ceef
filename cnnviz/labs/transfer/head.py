"""A linear classifier on frozen features, trained at once, and what it says of them.

Source: Yosinski, Clune, Bengio and Lipson 2014, "How transferable are features in deep neural
networks?"; Donahue and others 2014, "DeCAF", for linear classifiers on every depth.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz.jobs.heavy import report_progress
from cnnviz.labs.transfer.features import FeatureSet
from cnnviz.training.refit import regress_softmax

DECAY = 0.01
_FAINT = 1e-6
_DRAWS = 5  # of the images, for each number of them
_COUNTS = (1, 2, 3, 5, 10, 15, 20, 30, 40)


@dataclass(frozen=True, slots=True, eq=False)
class LinearHead:
    """Logits are features · weight + bias.

    Attributes:
        weight: (K, D).
        bias: (K,).
    """

    weight: Tensor
    bias: Tensor

    def score(self, features: Tensor) -> Tensor:
        """Return the logits (N, K) of features (N, D)."""
        return features @ self.weight.T + self.bias


def train_head(
    features: Tensor, labels: Tensor, *, classes: int, decay: float = DECAY
) -> LinearHead:
    """Fit a softmax regression to features around 0 whose squared norm is 1 in the mean.

    One scale for all features keeps their proportions, which the network has learned; it is taken
    back into the weights, so that the head reads the features as they are.

    Args:
        features: (N, D).
        labels: (N,).
        classes: How many.
        decay: Half of it, times the sum of the squared weights of scaled features, is added to
            the mean cross-entropy.
    """
    mean = features.mean(dim=0)  # (D,)
    scale = (features - mean).square().sum(dim=1).mean().sqrt().clamp(min=_FAINT)
    weight = features.new_zeros(classes, features.shape[1])
    bias = features.new_zeros(classes)
    with torch.enable_grad():
        regress_softmax((features - mean) / scale, labels, weight, bias, decay=decay)
    weight = weight.detach() / scale
    return LinearHead(weight, bias.detach() - weight @ mean)


def measure_head(head: LinearHead, features: Tensor, labels: Tensor) -> float:
    """Return the accuracy, 0 to 1."""
    return float((head.score(features).argmax(dim=1) == labels).float().mean())


def train_top(found: FeatureSet) -> LinearHead:
    """Train the head on the features that the network's own output reads."""
    train, _ = found.split(found.top)
    return train_head(train, found.train_labels, classes=len(found.classes))


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Heads that learned from so many images per class.

    Attributes:
        count: Images of each class.
        accuracies: On the held-out images, one a draw of the images.
    """

    count: int
    accuracies: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean accuracy over the draws."""
        return sum(self.accuracies) / len(self.accuracies)


def measure_curve(found: FeatureSet) -> Iterator[tuple[float, str, tuple[CurvePoint, ...]]]:
    """Train heads on ever more images of each class, drawn anew several times.

    Yields:
        The share done, what is done, and the curve so far.
    """
    features, test = found.split(found.top)
    rows = [(found.train_labels == label).nonzero()[:, 0] for label in range(len(found.classes))]
    most = min(map(len, rows))
    counts = [count for count in _COUNTS if count < most] + [most]
    dice = torch.Generator().manual_seed(0)
    curve: tuple[CurvePoint, ...] = ()
    for place, count in enumerate(counts):
        accuracies = []
        for draw in range(_DRAWS if count < most else 1):
            report_progress((place + draw / _DRAWS) / len(counts), f"{count} images per class")
            pick = torch.cat(
                [row[torch.randperm(len(row), generator=dice)[:count]] for row in rows]
            )
            head = train_head(features[pick], found.train_labels[pick], classes=len(found.classes))
            accuracies.append(measure_head(head, test, found.test_labels))
        curve += (CurvePoint(count, tuple(accuracies)),)
        yield (place + 1) / len(counts), f"{count} images per class", curve


@dataclass(frozen=True, slots=True)
class DepthAccuracy:
    """What the features of one depth are good for.

    Attributes:
        layer: Name of the depth.
        size: Numbers in the vector of an image.
        head: Accuracy of a linear head on the held-out images.
        neighbor: Accuracy of the nearest image to train on.
    """

    layer: str
    size: int
    head: float
    neighbor: float


def measure_depths(found: FeatureSet) -> Iterator[tuple[float, str, tuple[DepthAccuracy, ...]]]:
    """Train a head on the features of every depth, and name images by their nearest neighbor.

    Yields:
        The share done, what is done, and the depths so far.
    """
    depths: tuple[DepthAccuracy, ...] = ()
    for place, layer in enumerate(found.layers, start=1):
        train, test = found.split(layer)
        head = train_head(train, found.train_labels, classes=len(found.classes))
        nearest = torch.cdist(test, train).argmin(dim=1)
        right = found.train_labels[nearest] == found.test_labels
        accuracy = measure_head(head, test, found.test_labels)
        depths += (DepthAccuracy(layer, train.shape[1], accuracy, float(right.float().mean())),)
        yield place / len(found.layers), layer, depths
