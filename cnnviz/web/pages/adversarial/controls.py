"""What kind of attack a visitor asks for, on the image and the network of the workbench."""

from dataclasses import dataclass

from cnnviz.adversarial.attack import Attack
from cnnviz.adversarial.craft import Method, choose_options
from cnnviz.adversarial.gradient import Norm
from cnnviz.adversarial.pixel_space import see_image
from cnnviz.networks.class_names import title_classes
from cnnviz.web.controls.inside import GUESS, target_class
from cnnviz.web.controls.kinds import choice, flag, number
from cnnviz.web.controls.strength import strength
from cnnviz.web.state import PageState

THIS_IMAGE, ALL_SAMPLES = "this image", "all sample photographs"


@dataclass(frozen=True)
class AdversarialControls:
    """The attack, and how strong the shown one is."""

    method: Method = choice(Method, "Method")
    norm: Norm = choice(Norm, "Norm")
    goal: int = target_class("Target class", guess="Any other class", guess_text="any")
    steps: int = number("Steps", 1, 100, default=20, look="box")
    random: bool = flag("Random start")
    epsilon: float | None = strength(follows=("network", "image", "method", "norm", "goal"))
    over: str = choice([THIS_IMAGE, ALL_SAMPLES], "Images")


Page = PageState[AdversarialControls]


def read_attack(page: Page) -> Attack | None:
    """Return the attack on the workbench's image; None without an image."""
    bench, values = page.at.bench, page.values
    if bench.image is None:
        return None
    options = choose_options(
        values.method,
        norm=values.norm,
        steps=values.steps,
        target=None if values.goal == GUESS else values.goal,
        random_start=values.random,
    )
    seen, classes = see_image(bench.model, bench.image.pixels), bench.model.spec.classes
    return Attack(bench.model, seen, bench.image.digest, options, title_classes(classes))
