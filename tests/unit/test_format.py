"""Every number that people read is written by one module, by rules worked out by hand."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cnnviz.figures import format as formats

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests" / "vectors" / "formats.json").read_text(encoding="utf-8"))
EXAMPLES = [(kind, *row) for kind, rows in VECTORS.items() if kind != "source" for row in rows]
# Not for people: cells of CSV files (six digits), names of files, values in an address.
FOR_MACHINES = {".6g", ".5g", ".10g"}
ALLOWED = {
    ("cnnviz/figures/attack.py", "g"),  # a column of a CSV
    ("cnnviz/figures/attribution_checks.py", "z.1f"),  # a cell of a matrix has room for no more
    ("cnnviz/figures/synthesis.py", "+.2f"),  # weights of a drawn network, all with two digits
    ("cnnviz/web/pages/adversarial/view.py", ".0f"),  # the name of a file
}


@pytest.mark.parametrize(("kind", "value", "text"), EXAMPLES)
def test_examples_worked_by_hand(kind: str, value: float, text: str) -> None:
    write: Callable[[float], str] = getattr(formats, f"format_{kind}")
    assert write(value) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0.666, "67 %"), (0.004, "< 1 %"), (0.996, "> 99 %"), (0.0, "0 %")]
)
def test_a_share_without_digits(share: float, text: str) -> None:
    assert formats.format_percent(share, digits=0) == text


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("−0.500", "-0.500"),
        ("2,813", "2{,}813"),
        ("66.5 %", r"66.5\,\%"),
        ("−3.10×10⁻⁶", r"-3.10 \times 10^{-6}"),
        ("64×56", r"64 \times 56"),
    ],
)
def test_latex_says_the_same(text: str, latex: str) -> None:
    assert formats.format_latex(text) == latex


@pytest.mark.parametrize(
    ("total", "terms", "text"),
    [
        (0.000688, (-1.23, 1.231), "0.00"),
        (0.102, (-1.23, 1.332), "0.10"),
        (-0.001, (17.4, -17.4), "0.0"),
        (2690.0, (-310.0, 3000.0), "2,690"),
        (0.0, (0.0, 0.0), "0"),
    ],
)
def test_a_sum_has_the_decimals_of_its_largest_term(
    total: float, terms: tuple[float, ...], text: str
) -> None:
    assert formats.format_sum(total, terms) == text


def test_numbers_that_are_none() -> None:
    assert formats.format_number(float("nan")) == "not a number"
    assert formats.format_number(float("-inf")) == "−∞"


@pytest.mark.parametrize("kind", ["probability", "percent", "quantity", "number", "bytes"])
def test_never_nine_digits_in_a_row(kind: str) -> None:
    write: Callable[[float], str] = getattr(formats, f"format_{kind}")
    signs = (1,) if kind == "bytes" else (1, -1)
    values = [sign * 1.2345678 * 10**power for power in range(13) for sign in signs]
    assert not [text for text in map(write, values) if re.search(r"\d{5}", text)]


def list_specs(path: Path) -> Iterator[str]:
    """The format specifications of a file's f-strings, and ready-made ones in plotly's words."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            yield ast.unparse(node.format_spec)[2:-1]
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"%\{[\w.\[\]]+:[^}]+\}", node.value)


def test_nothing_else_writes_a_number() -> None:
    found = set()
    for folder in ("cnnviz/figures", "cnnviz/web", "pages"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name != "cnnviz/figures/format.py":
                found |= {(name, spec) for spec in list_specs(path) if spec not in FOR_MACHINES}
    assert found == ALLOWED
