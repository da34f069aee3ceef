"""What was measured of a network, beside what was computed, in words and columns."""

import csv
import io

from cnnviz.costs.measure import Measurement
from cnnviz.costs.rows import CostRow
from cnnviz.costs.table import CostTable
from cnnviz.figures.format import format_bytes, format_quantity, format_seconds, write_table

TIMED_COLUMNS = ("Layer", "Multiply-adds", "Work %", "Time ms", "Time %", "Billions a second")


def compare_measured(
    table: CostTable, measurement: Measurement
) -> tuple[tuple[str, str, str], ...]:
    """List what was computed beside what was measured: (what, computed, measured)."""
    training, memory = measurement.training_ms, measurement.training_peak_bytes
    failed = f"not run: {measurement.training_error}"
    rate = table.multiply_adds / measurement.forward_ms * 1000
    return (
        (
            "Forward pass",
            f"{format_quantity(table.multiply_adds)} multiply-adds",
            f"{format_seconds(measurement.forward_ms / 1000)}, so {format_quantity(rate)} a second",
        ),
        (
            "Forward and backward",
            f"about {format_quantity(3 * table.multiply_adds)}: each layer's work three times",
            failed if training is None else format_seconds(training / 1000),
        ),
        (
            "Activations, forward",
            f"{format_bytes(table.memory_bytes)}, all layers added up",
            f"{format_bytes(measurement.peak_bytes)} held at once",
        ),
        (
            "The same with backward",
            f"{format_bytes(table.memory_bytes + 4 * table.parameters)} with the gradients",
            failed if memory is None else f"{format_bytes(memory)} held at once",
        ),
    )


def write_measured(table: CostTable, measurement: Measurement) -> str:
    """Write what was computed beside what was measured as a Markdown table."""
    return write_table(("", "Computed", "Measured"), compare_measured(table, measurement))


def describe_measuring(measurement: Measurement) -> str:
    """Say how, and on what, it was measured."""
    threads = "one thread" if measurement.threads == 1 else f"{measurement.threads} threads"
    return (
        f"Measured on {measurement.machine}, with {threads}, one image, float32, random weights, "
        f"in evaluation mode: the median of {measurement.runs} runs after one that is not counted. "
        "Whoever else uses the machine at the same time makes it slower."
    )


def list_times(
    rows: tuple[CostRow, ...], measurement: Measurement
) -> tuple[tuple[str, int, float, float, float, float], ...]:
    """List each row's work and time, in the order of TIMED_COLUMNS; rows of no time left out."""
    times = [sum(measurement.layer_ms.get(one.name, 0) for one in row.members) for row in rows]
    total = sum(times) or 1.0
    works = [sum(one.counts.multiply_adds for one in row.members) for row in rows]
    all_work = sum(works) or 1
    return tuple(
        (row.title, work, 100 * work / all_work, time, 100 * time / total, work / time / 1e6)
        for row, work, time in zip(rows, works, times, strict=True)
        if time > 0
    )


def tabulate_times(rows: tuple[CostRow, ...], measurement: Measurement) -> dict[str, list[object]]:
    """Make columns of each row's work and time."""
    times = list_times(rows, measurement)
    return {name: [one[place] for one in times] for place, name in enumerate(TIMED_COLUMNS)}


def write_times_csv(rows: tuple[CostRow, ...], measurement: Measurement) -> str:
    """Write the times as CSV, the header first."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(TIMED_COLUMNS)
    writer.writerows(list_times(rows, measurement))
    return text.getvalue()
