"""Every number of every training, in one table."""

from dataclasses import dataclass

from cnnviz.errors import NetworkError


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
class Recipe:
    """One network's training.

    Attributes:
        epochs: Passes over the training images.
        batch: Images in a step.
        learning_rate: Highest learning rate of AdamW.
        warm_up: Fraction of all steps in which the rate rises linearly from 0; after it the rate
            falls to 0 along half a cosine.
        weight_decay: Of AdamW, on every parameter.
        label_smoothing: Share of the target spread evenly over all classes.
        flagged_ones: How many ones with a flag, drawn by program, are added to MNIST's digits.
        distortion: How the training images are varied.
        seed: Seed of the weights, the order of the images and the distortions.
    """

    epochs: int
    batch: int
    learning_rate: float
    warm_up: float
    weight_decay: float
    label_smoothing: float
    flagged_ones: int
    distortion: Distortion
    seed: int


RECIPES = {
    "lenet5": Recipe(
        epochs=18,
        batch=64,
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


def get_recipe(name: str) -> Recipe:
    """Return the recipe of a network.

    Raises:
        NetworkError: There is none.
    """
    if name not in RECIPES:
        known = ", ".join(sorted(RECIPES))
        raise NetworkError(f"There is no recipe for “{name}”; choose one of: {known}.")
    return RECIPES[name]
