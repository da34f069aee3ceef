"""One table of all networks; whatever a page needs to know of a network is in its row."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from cnnviz.errors import NetworkError
from cnnviz.networks.zoo.meta_build import build_unfilled, materialize
from cnnviz.networks.zoo.reported import Reported

Pixels = npt.NDArray[np.uint8]


def keep_pixels(pixels: Pixels) -> Pixels:
    """Take an image as it is."""
    return pixels


def find_no_fault(pixels: Pixels) -> str | None:  # noqa: ARG001 - one of many
    """Take any image."""
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Preprocessing:
    """How an image becomes a network's input, and how that input is shown again.

    Attributes:
        shape: Input of the network, (C, H, W).
        prepare: RGB image, uint8 (H, W, 3), to a float32 tensor (1, C, H, W).
        view: The same tensor back to what the network sees, uint8 (H, W) or (H, W, 3).
        description: One sentence that tells a visitor what was done to the image.
        mean: Taken off each channel's values, which are 0 to 1; None where it is not known.
        std: What they are divided by then.
        frame: What the network sees, as `view` gives it, to an image that `prepare` turns into
            the same again.
        find_fault: What is missing on an image, in one sentence; None where nothing is.
    """

    shape: tuple[int, int, int]
    prepare: Callable[[Pixels], Tensor]
    view: Callable[[Tensor], Pixels]
    description: str
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    frame: Callable[[Pixels], Pixels] = keep_pixels
    find_fault: Callable[[Pixels], str | None] = find_no_fault


@dataclass(frozen=True, slots=True, eq=False)
class PublishedWeights:
    """Weights that somebody else trained and published.

    Attributes:
        reported: Their name, address, size and accuracy, as their publisher says.
        preprocessing: What they were evaluated with.
    """

    reported: Reported
    preprocessing: Preprocessing


@dataclass(frozen=True, slots=True)
class PackagedWeights:
    """Weights that come in a package of the Python index, and whose code is never run.

    Attributes:
        package: Name of the package, to install and to find.
        version: Which version of it.
        file: The weight file in the package's folder; its name ends in the start of its SHA-256.
        megabytes: Size of the package, in units of 10**6 bytes.
        parameters: Weights and biases.
        multiply_adds: For one image.
        top1: ImageNet top-1 accuracy in percent, as those who trained it published it.
    """

    package: str
    version: str
    file: str
    megabytes: float
    parameters: int
    multiply_adds: int
    top1: float

    @property
    def requirement(self) -> str:
        """What pip is told to install."""
        return f"{self.package}=={self.version}"


def keep_key(key: str) -> str | None:
    """Take a weight file's name of a tensor as it is."""
    return key


@dataclass(frozen=True, slots=True, eq=False)
class NetworkSpec:
    """A network of the registry, before any weight is loaded.

    Attributes:
        name: Key in the registry, in URLs and of the weight file.
        title: Name as the field writes it.
        year: Year of publication.
        paper: Authors, title and venue.
        idea: What was new, in one sentence.
        changes: What this definition keeps of the paper's and what it changes.
        build: Makes the module with random weights.
        preprocessing: From image to input.
        classes: Plain English class names, in the order of the outputs.
        layer_titles: What the literature calls a layer, by module path ("c1": "C1").
        published: Weights that can be downloaded, the first by default; none for our own networks.
        rename_key: A weight file's name of a tensor to the module's; None for what is left out.
        own_file: The weight file that a network's author named; None for most.
        package: The package that brings its weights; None for most.
        is_own: Whether a person who starts the app registered it.
        visitor: The only one who finds it in lists; empty for everybody.
    """

    name: str
    title: str
    year: int
    paper: str
    idea: str
    changes: str
    build: Callable[[], nn.Module]
    preprocessing: Preprocessing
    classes: tuple[str, ...]
    layer_titles: dict[str, str]
    published: tuple[PublishedWeights, ...] = ()
    rename_key: Callable[[str], str | None] = keep_key
    own_file: Path | None = None
    package: PackagedWeights | None = None
    is_own: bool = False
    visitor: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list of networks needs to know of one, without making its row.

    Attributes:
        name: Key in the registry.
        title: Name as the field writes it.
        year: Year of publication.
        is_published: Whether somebody published weights of it that can be downloaded.
    """

    name: str
    title: str
    year: int
    is_published: bool


_REGISTRY: dict[str, NetworkSpec] = {}
_LATER: dict[str, tuple[Listing, Callable[[], NetworkSpec]]] = {}
_find_visitor: Callable[[], str] = str


def register(spec: NetworkSpec) -> NetworkSpec:
    """Add a network to the registry.

    Raises:
        NetworkError: The name is taken.
    """
    _check_free(spec.name)
    _REGISTRY[spec.name] = spec
    return spec


def unregister(name: str) -> None:
    """Take a network out of the registry."""
    _REGISTRY.pop(name, None)
    _LATER.pop(name, None)


def is_known(name: str) -> bool:
    """Whether there is a network of this name."""
    return name in _REGISTRY or name in _LATER


def find_visitors_with(find: Callable[[], str]) -> None:
    """Have lists of networks leave out those of other visitors.

    Args:
        find: Returns the visitor whose list is made; empty where none is known.
    """
    global _find_visitor
    _find_visitor = find


def register_later(listing: Listing, make: Callable[[], NetworkSpec]) -> None:
    """Add a network whose row is made when it is first asked for, because that takes time.

    Raises:
        NetworkError: The name is taken.
    """
    _check_free(listing.name)
    _LATER[listing.name] = (listing, make)


def _check_free(name: str) -> None:
    if is_known(name):
        raise NetworkError(f"The name “{name}” is taken; register the network under another.")


def get_network(name: str) -> NetworkSpec:
    """Return the registry's row of a network.

    Raises:
        NetworkError: There is none of this name.
    """
    if name not in _REGISTRY:
        get_listing(name)  # refuses an unknown name
        _REGISTRY.setdefault(name, _LATER[name][1]())
    return _REGISTRY[name]


def get_listing(name: str) -> Listing:
    """Return name, title and year of a network, without making its row.

    Raises:
        NetworkError: There is none of this name.
    """
    if name in _REGISTRY:
        return _list_spec(_REGISTRY[name])
    if name in _LATER:
        return _LATER[name][0]
    known = ", ".join(listing.name for listing in list_names())
    raise NetworkError(f"There is no network “{name}”; choose one of: {known}.")


def list_names() -> tuple[Listing, ...]:
    """Return names and titles of all networks, oldest first, without making any row."""
    listings = {name: listing for name, (listing, _) in _LATER.items()}
    visitors = ("", _find_visitor())
    own = {name: spec for name, spec in _REGISTRY.copy().items() if spec.visitor in visitors}
    listings |= {name: _list_spec(spec) for name, spec in own.items()}
    return tuple(sorted(listings.values(), key=lambda listing: (listing.year, listing.name)))


def _list_spec(spec: NetworkSpec) -> Listing:
    return Listing(
        name=spec.name, title=spec.title, year=spec.year, is_published=bool(spec.published)
    )


def list_networks() -> tuple[NetworkSpec, ...]:
    """Return all networks, oldest first; the first call takes a second or two."""
    return tuple(get_network(listing.name) for listing in list_names())


def build_network(spec: NetworkSpec, *, unfilled: bool = False) -> nn.Module:
    """Build a network in evaluation mode with frozen parameters, its weights still random.

    Frozen parameters let many threads share the network: nothing in it ever changes.

    Args:
        spec: The network.
        unfilled: Whether the weights may hold any numbers, because they are soon written over.
    """
    module = build_unfilled(spec.build) if unfilled else spec.build()
    if any(_HANDED_OUT.get(id(each)) is each for each in module.parameters()):
        module = deepcopy(module)  # a builder may return one object for ever
    materialize(module, spec.preprocessing.shape)
    _HANDED_OUT.update({id(each): each for each in module.parameters()})
    return module.eval().requires_grad_(requires_grad=False).to(torch.float32)


# The parameters of all networks that were built and are still in use.
_HANDED_OUT: WeakValueDictionary[int, nn.Parameter] = WeakValueDictionary()
