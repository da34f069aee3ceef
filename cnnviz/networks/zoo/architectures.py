"""Every architecture whose cost can be shown, with or without weights.

This is a second list beside the registry of runnable networks: an entry here can be measured and
drawn, and holds no weights.
"""

from functools import cache

from cnnviz.errors import NetworkError
from cnnviz.networks.zoo.architecture import Architecture
from cnnviz.networks.zoo.efficientnet_lite import LITE_ARCHITECTURES
from cnnviz.networks.zoo.lineage.members import MEMBERS
from cnnviz.networks.zoo.published import PUBLISHED
from cnnviz.networks.zoo.published_later import PUBLISHED_LATER
from cnnviz.networks.zoo.registry import NetworkSpec
from cnnviz.networks.zoo.torchvision_list import list_torchvision


@cache
def list_architectures() -> tuple[Architecture, ...]:
    """Return all architectures, oldest first, those of one paper in the paper's order."""
    entries = (
        *PUBLISHED,
        *PUBLISHED_LATER,
        *LITE_ARCHITECTURES,
        *list_torchvision(),
        *map(_scaled, MEMBERS),
    )
    return tuple(sorted(entries, key=lambda entry: entry.year))


def _scaled(spec: NetworkSpec) -> Architecture:
    """A network of the lineage as an architecture among the others."""
    channels, side, _ = spec.preprocessing.shape
    return Architecture(
        name=spec.name,
        title=f"{spec.title} at {side}×{side}",
        family=spec.title,
        year=spec.year,
        paper=spec.paper,
        idea=spec.idea,
        build=lambda _size: spec.build(),
        input_size=side,
        channels=channels,
        notes=(spec.changes,),
    )


def list_titles() -> dict[str, str]:
    """Return the titles of all architectures by name."""
    return {one.name: one.title for one in list_architectures()}


def get_architecture(name: str) -> Architecture:
    """Return an architecture by name.

    Raises:
        NetworkError: There is none of this name.
    """
    for entry in list_architectures():
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in list_architectures())
    raise NetworkError(f"There is no architecture “{name}”; choose one of: {known}.")
