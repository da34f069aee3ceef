"""The workbench: the image, the network and the class that go along from page to page.

A page says which of them it uses; what it does not use is kept for the next one. The bar that
changes them is drawn by web.controls.bar.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from cnnviz.cached import get_fault, get_input, get_prediction
from cnnviz.images.image import CheckedImage, Pixels, clean_name
from cnnviz.images.names import DRAWING, find_strokes
from cnnviz.labs.trained_networks import TRAINED_PREFIX
from cnnviz.networks.class_names import title_classes
from cnnviz.networks.load import LoadedModel, Prediction, load_model
from cnnviz.networks.runnable import PHOTOGRAPH_NETWORKS, list_runnable
from cnnviz.networks.user_networks import list_own_problems
from cnnviz.networks.weights.files import list_weights
from cnnviz.networks.zoo import Listing, list_names
from cnnviz.networks.zoo.registry import find_visitors_with
from cnnviz.programs import list_constants
from cnnviz.web.controls.image import UPLOAD, find_image, image
from cnnviz.web.controls.inside import GUESS, target_class
from cnnviz.web.controls.kinds import AddressError, Choice, declare
from cnnviz.web.state import BENCH, resolve, take_address, write_values
from cnnviz.web.visitors import find_listed_visitor

Accepts = Callable[[Listing], bool]

find_visitors_with(find_listed_visitor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """What a page uses of the workbench.

    Attributes:
        image: Whether it looks at the image.
        network: Whether it looks into the network.
        target: Whether it asks for a class.
        prefer: Networks that the page begins with, the first that can run.
        accepts: Which networks it can use.
        sample: Key of the sample that the page begins with.
        pad: Whether it has a pad of its own, which is blank at first and no fault then.
    """

    image: bool = True
    network: bool = True
    target: bool = False
    prefer: Sequence[str] = PHOTOGRAPH_NETWORKS
    accepts: Accepts = lambda listing: True  # noqa: ARG005
    sample: str | None = None
    pad: bool = False

    def list_names(self) -> set[str]:
        """Return the names of the workbench's fields that the page uses."""
        used = {"image": self.image, "network": self.network, "target": self.target}
        return {name for name, is_used in used.items() if is_used}


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkChoice(Choice):
    """A network whose weights are on this machine and that the page can use."""

    def list_titles(self, at: Any) -> dict[Any, str]:
        return {one.name: one.title for one in list_runnable() if at.uses.accepts(one)}

    def find_default(self, at: Any) -> str:
        names: list[str] = list(self.list_titles(at))
        return next((name for name in at.uses.prefer if name in names), names[0])

    def parse(self, text: str, at: Any) -> str:
        for listing in list_names():
            if text.lower() not in (listing.name.lower(), listing.title.lower()):
                continue
            if listing.name in self.list_titles(at):
                return str(listing.name)
            if listing.name not in list_weights():
                raise AddressError(f"{listing.title} has no weights on this machine")
            raise AddressError(f"This page cannot use {listing.title}")
        if text.startswith(TRAINED_PREFIX):
            raise AddressError(
                "The network of this address was trained in another visit or before a reload, and "
                "is not here"
            )
        raise AddressError(f"There is no network “{clean_name(text)}” here")


@dataclass(frozen=True)
class BenchControls:
    """What all pages share."""

    network: str = declare(NetworkChoice(label="Network", look="list"))
    image: str = image()
    target: int = target_class("Class", guess="Top-1 class", follows=("image",))


@dataclass(slots=True, eq=False)
class Bench:
    """The workbench in one run.

    Attributes:
        values: The chosen network, image and class, as they are kept.
        uses: What the page uses of it.
        problems: One sentence for each value that the address had wrong.
    """

    values: BenchControls
    uses: Uses
    at: SimpleNamespace
    problems: list[str]
    _image: CheckedImage | None = field(default=None)

    @property
    def network(self) -> str:
        """Name of the network."""
        return self.values.network

    @property
    def model(self) -> LoadedModel:
        """The network; loaded once for all visitors.

        Raises:
            CNNVizError: It cannot be built, or its weights are broken.
        """
        return load_model(self.values.network)

    @property
    def image(self) -> CheckedImage | None:
        """The image; None while none is chosen, or an upload is not on this server any more."""
        if self._image is None:
            self._image = find_image(self.values.image)
        return self._image

    @property
    def view(self) -> Pixels | None:
        """What the network sees of the image, uint8 (H, W) or (H, W, 3); None without an image."""
        if self.image is None:
            return None
        return self.model.spec.preprocessing.view(get_input(self.network, self.image))

    @property
    def fault(self) -> str | None:
        """What the network misses on the image, such as ink, in one sentence."""
        if not (self.uses.image and self.uses.network) or self.image is None:
            return None
        if self.uses.pad and self.values.image == DRAWING:
            return None
        return get_fault(self.network, self.image)

    @property
    def prediction(self) -> Prediction | None:
        """What the network says of the image; None without an image."""
        return None if self.image is None else get_prediction(self.network, self.image)

    @property
    def target(self) -> int:
        """Index of the class that is asked for: the chosen one, else the network's top-1."""
        if self.values.target != GUESS:
            return self.values.target
        return 0 if self.prediction is None else self.prediction.ranking[0]

    def name_class(self, index: int) -> str:
        """Return a class's name, the only one of its kind."""
        return title_classes(self.model.spec.classes)[index]

    def list_constants(self, page: str) -> dict[str, object]:
        """Return what is on the workbench as those constants that a page's program has.

        A drawing goes along as strokes. An upload goes by its file's name: the file has to lie
        beside the program.

        Raises:
            ProgramError: The page has no program.
        """
        value, target = self.values.image, self.values.target
        found: dict[str, object] = {"NETWORK": self.network}
        found["TARGET"] = None if target == GUESS else target
        if value.startswith(DRAWING):
            found["STROKES"] = list(find_strokes(value))
        elif not value.startswith(UPLOAD):
            found["IMAGE"] = value
        elif self.image is not None:
            found["IMAGE"] = self.image.name
        return {name: one for name, one in found.items() if name in list_constants(page)}

    def write_address(self) -> dict[str, str]:
        """Return what the page uses, as an address writes it."""
        written, used = write_values(self.values), self.uses.list_names()
        return {name: text for name, text in written.items() if name in used}


def open_bench(uses: Uses, address: dict[str, str]) -> Bench:
    """Find what is on the workbench for a page, after an address was taken.

    Args:
        uses: What the page uses.
        address: What the address says, empty where it is not to be read.
    """
    used = uses.list_names()
    told = {name: text for name, text in address.items() if name in used}
    take_address(BENCH, BenchControls, told)
    at = SimpleNamespace(uses=uses)
    at.bench = at  # while its own fields are being resolved: the network is the first
    values, problems = resolve(BENCH, BenchControls, at)
    bench = Bench(values=values, uses=uses, at=at, problems=problems)
    at.bench = bench
    if find_image(values.image) is None and uses.image:
        problems.append(
            "The address names an uploaded image, which neither a link nor a reload keeps. "
            "Upload it again, or choose another image."
        )
    problems += [*filter(None, [bench.fault]), *list_own_problems()]
    return bench
