"""Data augmentation with torchvision's transforms: what a network says, and what training gains.

Sources: torchvision.transforms.v2; Zhong et al. 2020, "Random erasing data augmentation"; Zhang et
al. 2018, "mixup"; Yun et al. 2019, "CutMix"; Cubuk et al. 2020, "RandAugment".
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor, nn

from cnnviz.adversarial.pixel_space import make_logits, see_image, to_values
from cnnviz.digits.mnist import PAPER_VALUE
from cnnviz.images.image import Pixels, to_rgb
from cnnviz.labs.digit_sets import DigitSource, load_digit_set
from cnnviz.labs.training import Learner, draw_batches, judge
from cnnviz.networks.load import LoadedModel
from cnnviz.networks.zoo.torchvision_import import import_torchvision
from cnnviz.seeded import draw_seeded

RACE_STEPS = 200
RACE_SIZES = (50, 100, 200, 400, 898)
_LOOKS, _BATCH, _RATE, _CLASSES = 20, 32, 0.003, 10
_GROUP = 4  # images of a batch that are transformed alike
# At the full strength.
_TURN, _MIN_AREA, _HUE, _LARGEST, _MAGNITUDES, _ALPHA = 90.0, 0.1, 0.5, 0.6, 31, 2.0


class Transform(StrEnum):
    """One of torchvision's random transforms."""

    FLIP = "flip"
    CROP = "crop"
    ROTATION = "rotation"
    COLOR = "color"
    ERASING = "erasing"
    RANDAUGMENT = "randaugment"
    MIXUP = "mixup"
    CUTMIX = "cutmix"


MIXING = (Transform.MIXUP, Transform.CUTMIX)
# Those that make sense for gray digits.
FOR_DIGITS = tuple(one for one in Transform if one not in (Transform.COLOR, Transform.RANDAUGMENT))


def build_transform(
    kind: Transform,
    *,
    strength: float,
    size: tuple[int, int],
    classes: int,
    fill: float = 0,
    chance: float = 1.0,
) -> Callable[..., Tensor]:
    """Build one of torchvision's transforms of images (..., C, H, W).

    MixUp and CutMix take a batch and its labels, and return both.

    Args:
        kind: Which.
        strength: From 0, which changes nothing or almost nothing, to 1. A flip has none.
        size: Of the images, (H, W).
        classes: For MixUp and CutMix.
        fill: Value of what comes in from outside of the image.
        chance: That an image is flipped.
    """
    v2 = import_torchvision("transforms.v2")
    build: dict[Transform, Callable[[], Callable[..., Tensor]]] = {
        Transform.FLIP: lambda: v2.RandomHorizontalFlip(p=chance),
        Transform.CROP: lambda: v2.RandomResizedCrop(
            size, scale=(1 - (1 - _MIN_AREA) * strength, 1.0), antialias=True
        ),
        Transform.ROTATION: lambda: v2.RandomRotation(
            _TURN * strength, interpolation=v2.InterpolationMode.BILINEAR, fill=fill
        ),
        Transform.COLOR: lambda: v2.ColorJitter(
            brightness=strength, contrast=strength, saturation=strength, hue=_HUE * strength
        ),
        Transform.ERASING: lambda: v2.RandomErasing(
            p=1.0 if strength else 0.0, scale=(0.02, max(0.02, _LARGEST * strength)), value=fill
        ),
        Transform.RANDAUGMENT: lambda: v2.RandAugment(
            num_ops=2,
            magnitude=round((_MAGNITUDES - 1) * strength),
            num_magnitude_bins=_MAGNITUDES,
            fill=fill,
        ),
        Transform.MIXUP: lambda: v2.MixUp(num_classes=classes, alpha=_find_alpha(strength)),
        Transform.CUTMIX: lambda: v2.CutMix(num_classes=classes, alpha=_find_alpha(strength)),
    }
    return build[kind]()


def _find_alpha(strength: float) -> float:
    """α of the Beta distribution that λ comes from: 1, all λ alike, in the middle."""
    return max(0.01, _ALPHA * strength)


@dataclass(frozen=True, slots=True, eq=False)
class Augmented:
    """An image after a transform, and what a network says of it.

    Attributes:
        kind: The transform; None for the image as it is.
        pixels: What the network sees, uint8 (H, W, 3).
        share: λ, the first image's share in the label; 1 for all but MixUp and CutMix.
        probabilities: (K,).
    """

    kind: Transform | None
    pixels: Pixels
    share: float
    probabilities: Tensor

    @property
    def best(self) -> int:
        """The top-1 class."""
        return int(self.probabilities.argmax())


def augment_image(
    model: LoadedModel,
    pixels: Pixels,
    *,
    kinds: Sequence[Transform | None],
    seeds: Sequence[int],
    strength: float,
    partner: Pixels,
) -> list[Augmented]:
    """Transform what a network sees of an image, and ask the network.

    Args:
        model: The network.
        pixels: The image, uint8 (H, W, 3).
        kinds: The transforms, one a result; None for none.
        seeds: Of each transform's random numbers.
        strength: From 0 to 1.
        partner: The second image of MixUp and CutMix, uint8 (H, W, 3).

    Raises:
        AttackError: It is not known how the network's preprocessing scales values.
    """
    logits_of = make_logits(model)
    pair = torch.cat([to_values(see_image(model, one)) for one in (pixels, partner)])
    levels = (pair * 255).round().to(torch.uint8)  # (2, C, H, W)
    made, shares = [], []
    for kind, seed in zip(kinds, seeds, strict=True):
        image, share = _apply(kind, levels, seed=seed, strength=strength)
        made.append(image)
        shares.append(share)
    batch = torch.stack(made).float() / 255  # (N, C, H, W)
    with torch.no_grad():
        # One by one: a batch of large images is slower on a CPU.
        found = torch.cat([logits_of(one[None]) for one in batch]).softmax(dim=1)
    return [
        Augmented(kind, to_rgb(image.permute(1, 2, 0).contiguous().numpy()), share, row)
        for kind, image, share, row in zip(kinds, made, shares, found, strict=True)
    ]


def _apply(
    kind: Transform | None, pair: Tensor, *, seed: int, strength: float
) -> tuple[Tensor, float]:
    """Transform the first of two images; MixUp and CutMix put the second into it."""
    if kind is None:
        return pair[0], 1.0
    height, width = pair.shape[-2:]
    transform = build_transform(kind, strength=strength, size=(height, width), classes=2)
    with draw_seeded(seed):
        if kind not in MIXING:
            return transform(pair[0]), 1.0
        mixed, labels = transform(pair.float() / 255, torch.arange(2))
    return (mixed[0] * 255).round().to(torch.uint8), float(labels[0, 0])


@dataclass(frozen=True, slots=True, eq=False)
class Race:
    """Two networks that learn from the same digits, without and with augmentation.

    Attributes:
        steps: Training steps done at each look.
        train: Accuracy on the training digits as they are, 0 to 1, of each network.
        test: Accuracy on other writers' digits, 0 to 1, of each network.
    """

    steps: list[int]
    train: tuple[list[float], list[float]]
    test: tuple[list[float], list[float]]


def build_digit_network(seed: int) -> nn.Sequential:
    """Build two strided 5×5 convolutions and a linear layer for digits, (N, 1, 32, 32)."""
    with draw_seeded(seed):
        return nn.Sequential(
            nn.Conv2d(1, 8, 5, stride=2),
            nn.ReLU(),
            nn.Conv2d(8, 16, 5, stride=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(400, _CLASSES),
        )


def race_augmentation(
    kinds: Sequence[Transform], *, strength: float, count: int, seed: int = 0
) -> Iterator[tuple[float, str, Race]]:
    """Train one network on digits as they are, and its twin on the same digits transformed.

    Args:
        kinds: Of FOR_DIGITS; applied one after the other, at most one of MixUp and CutMix.
        strength: Of each, 0 to 1.
        count: Training digits.
        seed: Of weights, batches and transforms.

    Yields:
        The share done, what is done, and the curves so far.
    """
    data = load_digit_set(DigitSource.WRITTEN)
    images, labels = data.train[:count], data.train_labels[:count]
    networks = [build_digit_network(seed) for _ in range(2)]
    learners = [Learner(one, torch.optim.Adam(one.parameters(), lr=_RATE)) for one in networks]
    race = Race([], ([], []), ([], []))
    batches = draw_batches(images, labels, batch=_BATCH, steps=RACE_STEPS, seed=seed)
    for step, (x, y) in enumerate(batches, start=1):
        changed = augment_batch(x, y, kinds=kinds, strength=strength, seed=seed + step)
        for learner, batch in zip(learners, ((x, y), changed), strict=True):
            learner.backpropagate(*batch)
            learner.optimizer.step()
        if step % (RACE_STEPS // _LOOKS) == 0:
            race.steps.append(step)
            for place, network in enumerate(networks):
                race.train[place].append(judge(network, images, labels)[1])
                race.test[place].append(judge(network, data.test, data.test_labels)[1])
            yield step / RACE_STEPS, f"step {step} of {RACE_STEPS}", copy.deepcopy(race)


def augment_batch(
    images: Tensor, labels: Tensor, *, kinds: Sequence[Transform], strength: float, seed: int
) -> tuple[Tensor, Tensor]:
    """Transform a batch of digits, four of them alike; MixUp and CutMix change the labels too.

    Args:
        images: (N, 1, 32, 32).
        labels: (N,).
        kinds: Applied one after the other.
        strength: From 0 to 1.
        seed: Of the transforms.

    Returns:
        The images, and labels as probabilities, (N, 10), or as they were.
    """
    height, width = images.shape[-2:]
    for kind in kinds:
        transform = build_transform(
            kind,
            strength=strength,
            size=(height, width),
            classes=_CLASSES,
            fill=PAPER_VALUE,
            chance=0.5,
        )
        with draw_seeded(seed):
            if kind not in MIXING:
                images = torch.cat([transform(part) for part in torch.split(images, _GROUP)])
            elif labels.ndim == 1:
                images, labels = transform(images, labels)
    return images, labels
