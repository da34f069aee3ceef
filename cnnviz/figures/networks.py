"""All networks as a table: facts, accuracy, and where their weights are."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.figures.format import format_percent, format_quantity
from cnnviz.networks.weights.files import WeightsFile
from cnnviz.networks.zoo import NetworkSpec
from cnnviz.networks.zoo.reported import Reported
from cnnviz.training.history import read_history

COLUMNS = (
    "Network",
    "Year",
    "Top-1 %",
    "Top-5 %",
    "Held-out top-1 %",
    "Parameters, M",
    "Multiply-adds, G",
    "Input",
    "Weights here",
    "Download, MB",
    "Paper",
)


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """One network's line of the table; None where nothing is known.

    Attributes:
        name: Key in the registry.
        cells: In the order of COLUMNS.
    """

    name: str
    cells: tuple[str | int | float | None, ...]


def list_network_rows(
    specs: Sequence[NetworkSpec],
    *,
    files: Mapping[str, WeightsFile],
    cards: Mapping[str, Mapping[str, Any]],
) -> tuple[NetworkRow, ...]:
    """Say of each network what its publisher or its model card says.

    Args:
        specs: The networks.
        files: The weight files on this machine, by network.
        cards: What the model cards say, by network.
    """
    return tuple(
        NetworkRow(
            name=spec.name,
            cells=(
                spec.title,
                spec.year,
                *_list_accuracies(spec, cards.get(spec.name, {})),
                *_list_sizes(spec, cards.get(spec.name, {})),
                str(files[spec.name].origin) if spec.name in files else None,
                _find_download(spec),
                spec.paper,
            ),
        )
        for spec in specs
    )


def _find_download(spec: NetworkSpec) -> float | None:
    """Megabytes of what has to be downloaded; None where nothing can be."""
    if spec.package is not None:
        return spec.package.megabytes
    return round(spec.published[0].reported.file_bytes / 1e6, 1) if spec.published else None


def _list_accuracies(
    spec: NetworkSpec, card: Mapping[str, Any]
) -> tuple[float | None, float | None, float | None]:
    """Top-1 and top-5 accuracy on ImageNet, and top-1 accuracy on other held-out images."""
    history = read_history(card)
    held_out = None if history is None else round(100 - history.final_error, 2)
    if not spec.published:
        return None if spec.package is None else spec.package.top1, None, held_out
    reported = spec.published[0].reported
    return reported.top1, reported.top5, held_out


def _list_sizes(
    spec: NetworkSpec, card: Mapping[str, Any]
) -> tuple[float | None, float | None, str]:
    """Millions of parameters, billions of multiply-adds, and the input's shape."""
    shape = "×".join(map(str, spec.preprocessing.shape))
    if spec.published:
        reported = spec.published[0].reported
        return round(reported.parameters / 1e6, 2), reported.gmacs, shape
    parameters, work = card.get("parameters"), card.get("multiply_adds")
    if spec.package is not None:
        parameters, work = spec.package.parameters, spec.package.multiply_adds
    millions = None if parameters is None else round(parameters / 1e6, 2)
    return millions, None if work is None else round(work / 1e9, 4), shape


def write_reported(reported: Reported) -> str:
    """Write the accuracy and the size of published weights."""
    return (
        f"{format_percent(reported.top1 / 100)} top-1 on ImageNet, "
        f"{format_quantity(reported.parameters)} parameters, "
        f"{format_quantity(1e9 * reported.gmacs)} multiply-adds."
    )


def tabulate_networks(rows: Sequence[NetworkRow]) -> dict[str, list[str | int | float | None]]:
    """Arrange the table by column."""
    return {name: [row.cells[at] for row in rows] for at, name in enumerate(COLUMNS)}


def write_networks_csv(rows: Sequence[NetworkRow]) -> bytes:
    """Write the table as CSV."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("Name", *COLUMNS))
    writer.writerows((row.name, *row.cells) for row in rows)
    return file.getvalue().encode()
