"""Whether methods agree: the rank correlation of every two maps of one image and class."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from cnnviz.attribution.map_store import MapKey, Report, get_map, get_network_input, share_of
from cnnviz.attribution.result import Method, resize_to
from cnnviz.errors import AttributionError, NetworkError
from cnnviz.images.image import CheckedImage


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Rank correlations of maps.

    Attributes:
        methods: Whose maps.
        signed: Of the values, −1 to 1, (n, n); not a number where a map has one value everywhere.
        absolute: Of their magnitudes, (n, n).
    """

    methods: tuple[Method, ...]
    signed: np.ndarray
    absolute: np.ndarray


def correlate_maps(maps: Mapping[Method, Tensor]) -> Agreement:
    """Correlate the ranks of maps of one size, (H, W) each.

    Source:
        Spearman: The proof and measurement of association between two things, 1904; for maps:
        Adebayo and others: Sanity Checks for Saliency Maps, NeurIPS 2018.
    """
    columns = np.stack([values.detach().flatten().numpy() for values in maps.values()], axis=1)
    return Agreement(
        methods=tuple(maps), signed=_correlate(columns), absolute=_correlate(np.abs(columns))
    )


def _correlate(columns: np.ndarray) -> np.ndarray:
    """Spearman's correlation of columns, (pixels, n) to (n, n)."""
    from scipy.stats import spearmanr

    count = columns.shape[1]
    found = np.full((count, count), np.nan)
    varied = np.flatnonzero(np.ptp(columns, axis=0) > 0)
    if len(varied) > 1:
        # Of two columns scipy gives one number.
        statistic = np.asarray(spearmanr(columns[:, varied]).statistic)
        pair = np.array([[1.0, statistic], [statistic, 1.0]]) if statistic.ndim == 0 else statistic
        found[np.ix_(varied, varied)] = pair
    found[varied, varied] = 1.0
    return found


def compare_methods(
    network: str, image: CheckedImage, keys: Sequence[MapKey], *, report: Report
) -> Iterator[tuple[float, str, Agreement]]:
    """Make the maps of one class by several methods, and correlate those that there are.

    Args:
        network: Name in the registry.
        image: Of what.
        keys: Maps of the correct input, one a method, the quickest first.
        report: Called with the share done and the method; may raise to end the work.

    Yields:
        The share done, the method, and the correlations so far; a method that fails is left out.

    Raises:
        AttributionError: All of them failed.
    """
    x, maps = get_network_input(network, image), dict[Method, Tensor]()
    size, failed = (int(x.shape[2]), int(x.shape[3])), ""
    for done, key in enumerate(keys):
        try:
            made = get_map(key, image, report=share_of(report, done, len(keys), str(key.method)))
        except (AttributionError, NetworkError) as error:
            failed = str(error)
            continue
        maps[key.method] = resize_to(made, size)
        ordered = {method: maps[method] for method in Method if method in maps}
        yield (done + 1) / len(keys), str(key.method), correlate_maps(ordered)
    if not maps:
        raise AttributionError(failed or "No method applies to this network.")
