"""Every number of every training, in two tables: one for digits, one for photographs."""

from dataclasses import dataclass, replace
from enum import StrEnum

from cnnviz.errors import NetworkError

MOMENTUM = 0.9  # of SGD


class Optimizer(StrEnum):
    """What turns gradients into steps."""

    ADAMW = "AdamW"
    SGD = "SGD"  # with Nesterov's momentum


@dataclass(frozen=True, slots=True)
class Distortion:
    """How training digits are varied; each amount is drawn anew for each image.

    Attributes:
        rotation: Largest turn either way, in degrees.
        shear: Largest slant either way, in pixels to the side for each pixel down.
        stretch: Largest change of width against height, as a natural logarithm.
        wave: Standard deviation of a smooth random displacement, in pixels.
        thinner: Largest weight of the eroded digit (3×3 minimum) in a mix with the digit.
        thicker: Largest weight of the dilated digit (3×3 maximum) in a mix with the digit.
        blur: Largest standard deviation of a Gaussian blur, in pixels.
    """

    rotation: float
    shear: float
    stretch: float
    wave: float
    thinner: float
    thicker: float
    blur: float


@dataclass(frozen=True, slots=True)
class Cropping:
    """How training photographs are varied: a random part, stretched to the input, or its mirror.

    Attributes:
        area: Smallest share of the image that a part covers.
        stretch: Largest change of width against height, as a natural logarithm.
        early: Epochs and the height and width of their input, for the first epochs, which take
            less time so; the others have the network's own input.
    """

    area: float
    stretch: float
    early: tuple[tuple[int, int], ...] = ()

    def find_side(self, epoch: int, *, last: int) -> int:
        """Return height and width of the input when `epoch` epochs are done; `last` at the end."""
        for epochs, side in self.early:
            if epoch < epochs:
                return side
            epoch -= epochs
        return last


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What every training needs.

    Attributes:
        epochs: Passes over the training images.
        batch: Images in a step.
        optimizer: What makes the steps.
        learning_rate: Highest learning rate.
        warm_up: Fraction of all steps in which the rate rises linearly from 0; after it the rate
            falls to 0 along half a cosine.
        weight_decay: On every parameter.
        label_smoothing: Share of the target spread evenly over all classes.
        seed: Seed of the weights, the order of the images and their variation.
    """

    epochs: int
    batch: int
    optimizer: Optimizer
    learning_rate: float
    warm_up: float
    weight_decay: float
    label_smoothing: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitRecipe(Recipe):
    """Training on MNIST.

    Attributes:
        flagged_ones: How many ones with a flag, drawn by program, are added to MNIST's digits.
        distortion: How the training images are varied.
    """

    flagged_ones: int
    distortion: Distortion


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRecipe(Recipe):
    """Training on photographs.

    Attributes:
        cropping: How the training images are varied.
        pasted: Share of the training images into which a patch of another one is pasted.
        refit: Weight decay with which the last layer is fitted anew after the last epoch, to whole
            images and labels; None where it is not.
    """

    cropping: Cropping
    pasted: float
    refit: float | None = None


DIGIT_RECIPES = {
    "lenet5": DigitRecipe(
        epochs=18,
        batch=64,
        optimizer=Optimizer.ADAMW,
        learning_rate=3e-3,
        warm_up=0.15,
        weight_decay=0.02,
        label_smoothing=0.02,
        flagged_ones=2000,
        distortion=Distortion(
            rotation=10.0,
            shear=0.25,
            stretch=0.15,
            wave=0.8,
            thinner=0.4,
            thicker=0.7,
            blur=0.9,
        ),
        seed=1998,
    ),
}

# Nearly one recipe for all, so that what differs between two networks comes from the networks.
# This for those that end in fully connected layers.
_CHAIN = PhotoRecipe(
    epochs=60,
    batch=256,
    optimizer=Optimizer.SGD,
    learning_rate=0.1,
    warm_up=0.1,
    weight_decay=5e-4,
    label_smoothing=0.1,
    cropping=Cropping(area=0.35, stretch=0.29),
    pasted=0.5,
    seed=2012,
)
# Networks that end in the mean of each map take images of any size: smaller ones at first.
_MEANS = replace(
    _CHAIN,
    epochs=72,
    learning_rate=0.2,
    cropping=replace(_CHAIN.cropping, early=((36, 48),)),
)
# Shorter, because those that ship were trained in a quarter of an hour of a graphics card in all.
_SHORTER = replace(_MEANS, epochs=48, cropping=replace(_CHAIN.cropping, early=((24, 48),)))
# As they were, no made image made the smallest of these sure of every class.
_REFITTED = replace(_SHORTER, refit=1e-3)

PHOTO_RECIPES = {
    "alexnet64": _CHAIN,
    "zfnet64": _CHAIN,
    "vgg64": _CHAIN,
    "nin64": _REFITTED,
    "googlenet64": _MEANS,
    "resnet64": _MEANS,
    "plain64": _MEANS,
    "squeezenet64": _REFITTED,
    "densenet64": _SHORTER,
    "senet64": _SHORTER,
    "mobilenet64": _REFITTED,
}


def get_recipe(name: str) -> DigitRecipe | PhotoRecipe:
    """Return the recipe of a network.

    Raises:
        NetworkError: There is none.
    """
    if name in DIGIT_RECIPES:
        return DIGIT_RECIPES[name]
    if name in PHOTO_RECIPES:
        return PHOTO_RECIPES[name]
    known = ", ".join((*DIGIT_RECIPES, *PHOTO_RECIPES))
    raise NetworkError(f"There is no recipe for “{name}”; choose one of: {known}.")
