"""What kind of attack a visitor asks for, on the image and the network of the workbench."""

from collections.abc import Iterator
from dataclasses import dataclass

from cnnviz.attacks.craft import (
    AttackOptions,
    Images,
    Method,
    find_least_change,
    list_epsilons,
    sweep_epsilons,
)
from cnnviz.attacks.gradient import Norm
from cnnviz.attacks.pixel_space import see_image
from cnnviz.imaging import Pixels
from cnnviz.inference import LoadedModel
from cnnviz.web.bench import Bench
from cnnviz.web.controls.inside import GUESS, target_class, title_classes
from cnnviz.web.controls.kinds import choice, flag, number
from cnnviz.web.controls.strength import strength
from cnnviz.zoo import Listing, get_network

THIS_IMAGE, ALL_SAMPLES = "this image", "all sample photographs"


@dataclass(frozen=True)
class AdversarialControls:
    """The attack, and how strong the shown one is."""

    method: Method = choice(
        Method,
        "Method",
        help="FGSM: one step along the gradient. PGD: many small steps that stay within ε. "
        "L-BFGS: the least change that reaches a class.",
    )
    norm: Norm = choice(
        Norm,
        "Norm",
        help="L∞ bounds the change of each value by ε. L2 bounds the root of the sum of squares.",
    )
    goal: int = target_class(
        "Target class",
        guess="Any other class",
        guess_text="any",
        help="The class that the attack is to reach.",
    )
    steps: int = number("Steps", 1, 100, default=20, look="box")
    random: bool = flag("Random start", help="Start at a random point within ε.")
    epsilon: float | None = strength(
        follows=("network", "image", "method", "norm", "goal"),
    )
    over: str = choice([THIS_IMAGE, ALL_SAMPLES], "Images")


@dataclass(frozen=True, slots=True, eq=False)
class Attack:
    """An attack that can be computed.

    Attributes:
        model: The network.
        seen: What the network sees of the image, uint8.
        digest: Of the image.
        options: What kind of attack.
        classes: Class names, each the only one of its kind.
    """

    model: LoadedModel
    seen: Pixels
    digest: str
    options: AttackOptions
    classes: tuple[str, ...]

    @property
    def epsilons(self) -> tuple[float, ...]:
        """The epsilons of the slider."""
        return list_epsilons(self.model.spec.preprocessing.shape, norm=self.options.norm)

    def make_key(self, *parts: object) -> str:
        """Return the key of a result of this attack."""
        return repr((self.model.spec.name, self.digest, self.options, *parts))

    def run(self) -> Iterator[tuple[float, str, Images]]:
        """Attack with each strength."""
        if self.options.method is Method.LBFGS:
            return find_least_change(self.model, self.seen, options=self.options)
        return sweep_epsilons(self.model, self.seen, options=self.options, epsilons=self.epsilons)


def can_attack(listing: Listing) -> bool:
    """Say whether a change of the image can be traced through a network's preprocessing."""
    return get_network(listing.name).preprocessing.mean is not None


def read_attack(bench: Bench, values: AdversarialControls) -> Attack | None:
    """Return the attack on the workbench's image; None without an image."""
    if bench.image is None:
        return None
    is_pgd, is_lbfgs = values.method is Method.PGD, values.method is Method.LBFGS
    return Attack(
        model=bench.model,
        seen=see_image(bench.model, bench.image.pixels),
        digest=bench.image.digest,
        options=AttackOptions(
            method=values.method,
            norm=Norm.L2 if is_lbfgs else values.norm,
            steps=values.steps if is_pgd or is_lbfgs else 1,
            target=None if values.goal == GUESS else values.goal,
            random_start=is_pgd and values.random,
        ),
        classes=title_classes(bench.model.spec.classes),
    )
