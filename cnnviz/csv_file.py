"""Tables as CSV files."""

import csv
import io
from collections.abc import Mapping, Sequence


def write_rows_csv(rows: Sequence[Mapping[str, object]]) -> bytes:
    """Write a table as CSV, the header first; unknown cells are left empty."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()
