"""One attack on one image, at every strength that is worth trying."""

from collections.abc import Iterator
from dataclasses import dataclass

from cnnviz.adversarial.craft import (
    AttackOptions,
    Images,
    Method,
    find_least_change,
    list_epsilons,
    sweep_epsilons,
)
from cnnviz.adversarial.smallest import SmallestEpsilon, find_smallest_epsilon
from cnnviz.images.image import Pixels
from cnnviz.networks.load import LoadedModel


@dataclass(frozen=True, slots=True, eq=False)
class Attack:
    """An attack on what the network sees of an image, uint8; its class names are unique."""

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

    def find_smallest(self) -> Iterator[tuple[float, str, SmallestEpsilon | None]]:
        """Search for the smallest epsilon that fools."""
        most = self.epsilons[-1]
        return find_smallest_epsilon(self.model, self.seen, options=self.options, most=most)

    def run(self) -> Iterator[tuple[float, str, Images]]:
        """Attack with each strength."""
        if self.options.method is Method.LBFGS:
            return find_least_change(self.model, self.seen, options=self.options)
        return sweep_epsilons(self.model, self.seen, options=self.options, epsilons=self.epsilons)
