"""Which part is shown, and what each part is told."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cnnviz.figures.regularization import METHODS, SCALINGS, TRANSFORMS
from cnnviz.images.samples import SampleKind, list_samples
from cnnviz.labs.augmentation import FOR_DIGITS, RACE_SIZES, Transform
from cnnviz.labs.dropout import STEPS, Scaling
from cnnviz.labs.hyperparameter_search import TRIALS
from cnnviz.labs.overfitting import LOOKS, SIZES, Method
from cnnviz.web.controls.kinds import choice, number, several
from cnnviz.web.state import PageState


class Part(StrEnum):
    """What the stage shows."""

    DROPOUT = "dropout"
    STOPPING = "stopping"
    SIZE = "size"
    AUGMENTATION = "augmentation"
    SEARCH = "search"


PARTS = {
    Part.DROPOUT: "Dropout",
    Part.STOPPING: "L2 and early stopping",
    Part.SIZE: "Training-set size",
    Part.AUGMENTATION: "Augmentation",
    Part.SEARCH: "Search",
}
_DROPS = ("0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9")
_DECAYS = ("0.001", "0.003", "0.01", "0.03", "0.1")
_WRONG = {"0": "0 %", "0.1": "10 %", "0.2": "20 %", "0.4": "40 %"}
MAX_SEED = 99


def list_partners(at: Any) -> dict[str, str]:
    """Return the images that MixUp and CutMix can put into the workbench's: its kind's samples."""
    shown = at.bench.values.image
    if at.bench.model.spec.preprocessing.shape[0] == 1:
        found = {f"digit-{digit}": f"Digit {digit}" for digit in range(10)}
    else:
        kinds = (SampleKind.PHOTOGRAPH,)
        found = {one.key: one.title for one in list_samples() if one.kind in kinds}
    return {key: title for key, title in found.items() if key != shown}


@dataclass(frozen=True)
class RegularizationControls:
    """The part, and what each part is told."""

    part: Part = choice(Part, "Part", titles=PARTS)
    drop: str = choice(_DROPS, "p", default="0.5", look="slider")
    scaling: Scaling = choice(Scaling, "Scaling", titles=SCALINGS, look="list")
    step: int = number("Training step", 0, STEPS, default=STEPS)
    digit: int = number("Digit", 0, 9, default=3, look="box")
    decay: str = choice(_DECAYS, "λ", default="0.01", look="slider")
    count: str = choice(
        tuple(map(str, SIZES[:-1])), "Training digits", default="100", look="slider"
    )
    wrong: str = choice(tuple(_WRONG), "Wrong labels", titles=_WRONG, default="0.2", look="slider")
    patience: int = number("Patience", 1, LOOKS, default=5)
    method: Method = choice(Method, "Regularization", titles=METHODS, look="list")
    transform: Transform = choice(
        Transform, "Transform", titles=TRANSFORMS, default=Transform.ROTATION, look="list"
    )
    strength: float = number("Strength", 0.0, 1.0, default=0.5, step=0.05)
    seed: int = number("Seed", 0, MAX_SEED, default=0, look="box")
    partner: str = choice(list_partners, "Second image", look="list", follows=("image", "network"))
    kinds: tuple[Transform, ...] = several(
        FOR_DIGITS,
        "Augmentation",
        titles=TRANSFORMS,
        most=len(FOR_DIGITS),
        default=(Transform.CROP, Transform.ROTATION),
    )
    race_strength: float = number("Strength in training", 0.0, 1.0, default=0.25, step=0.05)
    race_count: str = choice(
        tuple(map(str, RACE_SIZES)), "Digits to learn", default="100", look="slider"
    )
    trials: str = choice(tuple(map(str, TRIALS)), "Trials", default="16", look="slider")
    search_seed: int = number("Sampler's seed", 0, MAX_SEED, default=0, look="box")


Page = PageState[RegularizationControls]
