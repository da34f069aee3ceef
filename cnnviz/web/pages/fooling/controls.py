"""Which network is to be fooled, into which class and how."""

from dataclasses import dataclass
from enum import StrEnum

from cnnviz.feature_visualization.fooling import spread
from cnnviz.web.controls import inside
from cnnviz.web.controls.kinds import choice, number
from cnnviz.web.state import PageState

_MAX_CLASSES = 100  # an image of each is kept and shown while it changes
_MAX_NOISE = 8  # of whose noise there is room to show before and after


class Method(StrEnum):
    """How a fooling image is made; the values are those of the page's program."""

    PATTERNS = "patterns"
    PIXELS = "pixels"
    GRADIENT = "gradient"


class Scope(StrEnum):
    """For how many classes at once."""

    ONE = "one"
    ALL = "all"


_SCOPES = {Scope.ONE: "one class", Scope.ALL: "all classes"}


@dataclass(frozen=True)
class FoolingControls:
    """The method, the class or classes, and what the evolution starts from."""

    method: Method = choice(Method, "Method")
    scope: Scope = choice(_SCOPES, "Scope")
    goal: int = inside.target_class("Class", default=0)
    seed: int = number("Seed", 0, 999, look="box")
    generations: int = number("Generations", 100, 4000, step=100, default=1000)


Page = PageState[FoolingControls]


def list_classes(page: Page) -> tuple[int, ...]:
    """Return the classes that are asked for, by index."""
    values, count = page.values, len(page.at.bench.model.spec.classes)
    if values.scope is Scope.ONE:
        return (values.goal,)
    return spread(count, _MAX_NOISE if values.method is Method.GRADIENT else _MAX_CLASSES)
