"""All networks as a table: facts, accuracy, and where their weights are."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.weights import WeightsFile
from cnnviz.zoo import NetworkSpec

COLUMNS = (
    "Network",
    "Year",
    "Weights here",
    "Top-1 %",
    "Top-5 %",
    "Parameters, M",
    "Multiply-adds, G",
    "Input",
    "Download, MB",
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
                str(files[spec.name].origin) if spec.name in files else "",
                *_list_figures(spec, cards.get(spec.name, {})),
            ),
        )
        for spec in specs
    )


def _list_figures(
    spec: NetworkSpec, card: Mapping[str, Any]
) -> tuple[str | int | float | None, ...]:
    shape = "×".join(map(str, spec.preprocessing.shape))
    if spec.published:
        found = spec.published[0].reported
        size = round(found.file_bytes / 1e6, 1)
        learned = round(found.parameters / 1e6, 2)
        return found.top1, found.top5, learned, found.gmacs, shape, size
    parameters, work = card.get("parameters"), card.get("multiply_adds")
    millions = None if parameters is None else round(parameters / 1e6, 2)
    billions = None if work is None else round(work / 1e9, 4)
    # Measured on other images than ImageNet's thousand classes: not to be compared.
    return None, None, millions, billions, shape, None


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
