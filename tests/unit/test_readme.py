"""What the README says holds."""

import re
from pathlib import Path

import pytest

from cnnviz.digits.answers import answer_cell, answer_digits
from cnnviz.networks.load import load_model
from cnnviz.networks.weights.files import BUNDLED, read_card
from cnnviz.networks.zoo.lineage import MEMBERS
from cnnviz.web.api.digit import routes
from cnnviz.web.sitemap import PageEntry, list_pages

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SEVEN = [[[0.25, 0.2], [0.75, 0.2], [0.45, 0.85]]]


def fields_of(rows: str) -> set[str]:
    """The names in the first column of a table."""
    cells = [row.split("|")[1] for row in rows.splitlines() if row.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_the_figures_are_those_of_the_model_card() -> None:
    scores = load_model("lenet5").card.facts["accuracy"]
    row = next(line for line in README.splitlines() if line.startswith("| LeNet-5"))
    for name in ("mnist_test", "load_digits"):
        percent = 100 * scores[name]["correct"] / scores[name]["total"]
        assert f"{percent:.1f} %" in row


def test_every_shipped_network_of_the_lineage_has_its_row() -> None:
    shipped = [spec for spec in MEMBERS if (BUNDLED / f"{spec.name}.safetensors").is_file()]
    rows = [line for line in README.splitlines() if re.match(r"\| [\w -]+ \| \d{4} \|", line)]
    expected = []
    for spec in sorted(shipped, key=lambda spec: (spec.year, spec.name)):
        facts = read_card(spec.name).facts
        sizes = (facts["multiply_adds"] / 1e6, facts["parameters"] / 1e6)
        scores = (facts["accuracy"][guess] for guess in ("top1", "top5"))
        percents = (100 * score["correct"] / score["total"] for score in scores)
        cells = (
            f"{sizes[0]:.0f} M",
            f"{sizes[1]:.1f} M",
            *(f"{value:.1f} %" for value in percents),
        )
        expected.append(f"| {' | '.join((spec.title, str(spec.year), *cells))} |")
    assert rows == expected


def test_the_made_pictures_are_counted_as_in_the_cards() -> None:
    rows = [line for line in README.splitlines() if line.startswith("| made for ")]
    expected = []
    for spec in sorted(MEMBERS, key=lambda spec: (spec.year, spec.name)):
        told = read_card(spec.name).facts.get("transfer")
        if told is not None:
            counts = [
                [other[guess] for other in told["others"].values()]
                for guess in ("among_five", "first")
            ]
            ranges = (f"{min(count)} to {max(count)}" for count in counts)
            cells = (spec.title, f"{told['sure']} of {told['images']}", *ranges)
            expected.append(f"| made for {' | '.join(cells)} |")
    assert rows == expected


def test_the_documented_fields_are_those_answered() -> None:
    (answer,) = answer_digits([{"strokes": SEVEN, "pen": 0.09, "layers": ["s2"]}])
    assert isinstance(answer, dict)
    request, response = README.split("takes a drawing:")[1].split("and answers\n")
    assert fields_of(request) == {"strokes", "pen", "layers", "network"}
    assert fields_of(response.split("`POST /api/digit/cell`")[0]) == set(answer)
    assert set(answer["layers"][0]) == {"name", "title", "shape", "scale", "values"}


def test_the_documented_layers_are_those_of_the_network() -> None:
    row = next(line for line in README.splitlines() if line.startswith("| `layers` | layers"))
    names = re.findall(r"`(\w+)`", row)[1:]
    every = [layer.name for layer in load_model("lenet5").graph.layers if layer.name != "flatten"]
    assert names == every


def test_the_documented_cell_is_the_one_answered() -> None:
    cell = answer_cell({"strokes": SEVEN, "layer": "c1", "channel": 0, "row": 3, "column": 4})
    described = README.split("`POST /api/digit/cell` takes")[1].split("\n\n")[0]
    for name in ("value", "reads", "inputs", "weights", "products", "bias", "patches"):
        assert name in cell
        assert f"`{name}`" in described


def test_the_documented_routes_exist() -> None:
    assert {f"POST {route.path}" for route in routes} == set(
        re.findall(r"`(POST /api/[a-z/]+)` takes", README)
    )


@pytest.mark.parametrize("entry", list_pages()[1:], ids=lambda entry: entry.url)
def test_every_page_is_named(entry: PageEntry) -> None:
    end = "" if entry.title.endswith("?") else "."
    assert f"**{entry.title}{end}**" in README


def test_links_and_named_files_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    named = re.findall(r"`((?:cnnviz|pages|tests|assets)/[\w./]+\.\w+)`", README)
    for path in {*links, *named} - {"pages/NAME.py", "assets/lessons/en/NAME.md"}:
        assert (ROOT / path).exists(), path
