"""Networks that can run now: those whose weights are on this machine."""

from collections.abc import Sequence

from cnnviz.networks.weights.files import BUNDLED, list_weights
from cnnviz.networks.zoo import Listing, get_network, list_names

# What pages about photographs begin with, the first that has its weights here.
PHOTOGRAPH_NETWORKS = ("efficientnet_lite0", "resnet64", "alexnet64")
_MAX_OTHERS = 4  # networks, where others have to stand beside the bundled ones


def list_runnable() -> tuple[Listing, ...]:
    """Return the networks that can run now, oldest first."""
    here = list_weights()
    return tuple(listing for listing in list_names() if listing.name in here)


def reads_colors(listing: Listing) -> bool:
    """Say whether a network reads colour images."""
    return get_network(listing.name).preprocessing.shape[0] == 3


def can_attack(listing: Listing) -> bool:
    """Say whether a change of the image can be traced through a network's preprocessing."""
    return get_network(listing.name).preprocessing.mean is not None


def choose_first(names: Sequence[str], *, most: int) -> tuple[str, ...]:
    """Return the networks to begin a comparison with, of those that can run.

    These are the bundled ones that read colour images; where there is only one, others beside it.
    """
    files = list_weights()
    photographs = [one for one in list_runnable() if one.name in names and reads_colors(one)]
    bundled = [one for one in photographs if files[one.name].path.parent == BUNDLED]
    others = [one for one in photographs if one not in bundled]
    first = bundled if len(bundled) > 1 else [*bundled, *others][:_MAX_OTHERS]
    return tuple(one.name for one in first[:most]) or tuple(names[:most])
