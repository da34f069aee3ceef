"""“Take it away as code”: a page's result as a Python program and as a notebook.

The programs lie in assets/programs, one for each page, and run as they stand. Their constants are
the assignments to names in capitals; a page puts its own values in their place. Each cell begins
with a line “# %% what it does”.
"""

import ast
import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from cnnviz.errors import ProgramError

FOLDER = Path(__file__).parents[1] / "assets" / "programs"
_CELL = "# %%"


@cache
def list_programs() -> tuple[str, ...]:
    """Return the names of the pages that have a program."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.py")))


def list_constants(page: str) -> dict[str, object]:
    """Return a program's constants with their values, in its order.

    Raises:
        ProgramError: The page has no program.
    """
    return {name: ast.literal_eval(node) for name, node in _find_values(page).items()}


def render_program(page: str, constants: Mapping[str, object]) -> str:
    """Return a page's program with other constants.

    Args:
        page: Name of the page.
        constants: Values by name: text, numbers, booleans, None, and tuples or lists of these.
            Those that are not given stay as they are.

    Raises:
        ProgramError: The page has no program, the program no such constant, or a value is of
            another kind.
    """
    source, values = _read(page), _find_values(page)
    unknown = ", ".join(sorted(constants.keys() - values.keys()))
    if unknown:
        raise ProgramError(
            f"The program of {page} has no constant {unknown}; it has {', '.join(values)}."
        )
    lines = source.encode().splitlines(keepends=True)  # ast counts columns in bytes
    for name, node in reversed(values.items()):
        if name not in constants or node.end_lineno is None:
            continue
        first, last = node.lineno - 1, node.end_lineno - 1
        text = repr(_to_plain(name, constants[name])).encode()
        kept = lines[first][: node.col_offset] + text + lines[last][node.end_col_offset :]
        lines[first : last + 1] = [kept]
    return b"".join(lines).decode()


def render_notebook(page: str, constants: Mapping[str, object]) -> bytes:
    """Return a page's program with other constants as a Jupyter notebook (nbformat 4.5).

    Args:
        page: Name of the page.
        constants: As of `render_program`.

    Raises:
        ProgramError: As of `render_program`.
    """
    _, *parts = render_program(page, constants).split(f"\n{_CELL} ")
    title, _, rest = (ast.get_docstring(_parse(page)) or page).partition("\n")
    cells = [_make_cell("markdown", 0, f"# {title}\n{rest}")]
    for part in parts:
        sentence, _, code = part.partition("\n")
        cells.append(_make_cell("markdown", len(cells), sentence))
        cells.append(_make_cell("code", len(cells), code))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1).encode()


def _make_cell(kind: str, number: int, text: str) -> dict[str, object]:
    lines = text.strip("\n").splitlines(keepends=True)
    cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": lines}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


@cache
def _read(page: str) -> str:
    if page not in list_programs():
        raise ProgramError(
            f"The page {page!r} has no program; these have: {', '.join(list_programs())}."
        )
    return (FOLDER / f"{page}.py").read_text(encoding="utf-8")


@cache
def _parse(page: str) -> ast.Module:
    """A page's program, parsed once: CPython 3.11 fails when two threads parse at the same time."""
    return ast.parse(_read(page))


def _find_values(page: str) -> dict[str, ast.expr]:
    """The values of the constants, in the order of the program."""
    found: dict[str, ast.expr] = {}
    for node in _parse(page).body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name) and target.id.isupper():
                found[target.id] = node.value
    return found


def _to_plain(name: str, value: object) -> object:
    """The same value of a built-in type, whose repr is Python text and nothing else."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):  # of a StrEnum too
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, tuple | list):
        parts = [_to_plain(name, part) for part in value]
        return tuple(parts) if isinstance(value, tuple) else parts
    raise ProgramError(
        f"{name} is {value!r}; give text, a finite number, a boolean, None, or a list of these."
    )
