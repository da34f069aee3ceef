"""Many images moved to one class.

Source: Szegedy and others 2014, "Intriguing properties of neural networks", figure 5: whatever the
images show, a change too small to see makes all of them an ostrich.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from cnnviz.adversarial.craft import AdversarialImage, AttackOptions, Method, attack_image
from cnnviz.adversarial.pixel_space import see_image
from cnnviz.images.image import Pixels, to_rgb
from cnnviz.images.samples import load_sample
from cnnviz.jobs.heavy import Pieces, compute_each
from cnnviz.networks.class_names import match_classes
from cnnviz.networks.load import LoadedModel

OSTRICH = "ostrich"
STEPS = 20
# In levels of 1/255: a small image has fewer values to change, and needs more of each.
_LARGE, _OF_LARGE, _OF_SMALL = 100, 4.0, 8.0
_MIDDLE = 127.5


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """Images that were moved to one class.

    Attributes:
        target: Its index.
        images: As many as are made.
        wanted: How many there are in the end.
    """

    target: int
    images: tuple[AdversarialImage, ...]
    wanted: int

    @property
    def reached(self) -> int:
        """How many the network takes for the class now, as 8-bit images."""
        return sum(one.fools for one in self.images)


def choose_target(model: LoadedModel, chosen: int | None) -> int:
    """Return the chosen class, else the ostrich, else the network's last class."""
    if chosen is not None:
        return chosen
    return min(match_classes(model.spec, OSTRICH), default=len(model.spec.classes) - 1)


def choose_epsilon(model: LoadedModel) -> float:
    """Return how much each value may change, in levels of 1/255, by the input's size."""
    return _OF_LARGE if min(model.spec.preprocessing.shape[1:]) > _LARGE else _OF_SMALL


def move_many(model: LoadedModel, images: Sequence[Pixels | str], *, target: int) -> Pieces[Moved]:
    """Attack each image with 20 steps of PGD within a small ε; see `choose_epsilon`.

    Args:
        model: The network.
        images: What it sees of them, uint8 (H, W) or (H, W, C) of its input's size, or the keys of
            samples.
        target: Index of the class.

    Returns:
        A run of one image a piece; its result are the images so far. It raises an AttackError
        where there is no such class, or the preprocessing is not known.
    """
    return compute_each(
        list(enumerate(images, start=1)),
        partial(_move_one, model, target),
        name=partial(_name_one, len(images)),
        gather=partial(Moved, target, wanted=len(images)),
    )


def _move_one(model: LoadedModel, target: int, item: tuple[int, Pixels | str]) -> AdversarialImage:
    _, image = item
    seen = see_image(model, load_sample(image).pixels) if isinstance(image, str) else image
    options = AttackOptions(method=Method.PGD, steps=STEPS, target=target)
    return attack_image(model, seen, epsilon=choose_epsilon(model), options=options)


def _name_one(count: int, item: tuple[int, Pixels | str]) -> str:
    return f"image {item[0]} of {count}"


def lay_side_by_side(image: AdversarialImage) -> Pixels:
    """Show the original, the change to the ends of the scale, and the result, (H, 3·W, 3)."""
    before, after = (to_rgb(pixels) for pixels in (image.original, image.pixels))
    change = (after.astype(float) - before) / (image.epsilon or 1.0)
    shown = np.rint(_MIDDLE + _MIDDLE * change.clip(-1, 1)).astype(np.uint8)
    return np.concatenate((before, shown, after), axis=1)
