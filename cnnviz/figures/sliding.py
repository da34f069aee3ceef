"""A sliding window's results as words and tables."""

import csv
import io

from cnnviz.sliding import Grid, Slide


def describe_sizes(slide: Slide) -> str:
    """Say what a window makes of the size below it, and what it drops."""
    rows, columns = slide.rows, slide.columns
    said = (
        f"**{slide.layer.title}**: from {rows.size_below}×{columns.size_below} to "
        f"{rows.size}×{columns.size}."
    )
    dropped = slide.unread_rows, slide.unread_columns
    if not any(dropped):
        return said
    parts = [
        f"{noun if len(places) == 1 else f'{noun}s'} {', '.join(map(str, places))}"
        for noun, places in zip(("row", "column"), dropped, strict=True)
        if places
    ]
    return (
        f"{said} No window reads {' or '.join(parts)}: whatever stands there, the result is the "
        "same."
    )


def write_map_csv(grid: Grid) -> str:
    """Write a map as CSV, a line a row, without a head."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(grid.tolist())
    return file.getvalue()
