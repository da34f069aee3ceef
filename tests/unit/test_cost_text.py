"""Numbers of the cost table in words, formulas and CSV."""

import csv
import io

from torch import nn

from cnnviz.costs.rows import Convention, CostRow, Fold, fold_rows
from cnnviz.costs.table import compute_costs
from cnnviz.figures.cost_text import (
    list_conventions,
    summarize_costs,
    write_csv,
    write_formulas,
    write_percent,
)
from cnnviz.figures.costs import draw_bars, find_limits
from cnnviz.figures.formulas import write_equation, write_long_sum
from cnnviz.figures.strip import pack_bars


def build_small() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(2, 4, (3, 1), stride=(2, 1), bias=False, groups=2),
        nn.ReLU(),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Flatten(),
        nn.Linear(4 * 2 * 4, 5),
    )


def small_rows() -> tuple[CostRow, ...]:
    table = compute_costs(build_small, input_shape=(2, 9, 8))
    return fold_rows(table, fold=Fold.LAYERS, convention=Convention())


def test_shares() -> None:
    shares = [write_percent(part, 1000) for part in (0, 1, 500, 999, 1000)]
    assert shares == ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]


def test_formulas_of_a_grouped_convolution_that_is_not_square() -> None:
    formulas = dict(write_formulas(small_rows()[0]))
    assert formulas["Height"] == (
        r"\left\lfloor \frac{9 + 2 \cdot 0 - 1 \cdot (3 - 1) - 1}{2} \right\rfloor + 1 = 4"
    )
    assert formulas["Width"].endswith("= 8")
    assert formulas["Parameters"] == r"4 \cdot 1 \cdot 3 \cdot 1 = 12"
    assert formulas["Multiply-adds"] == r"4 \cdot 4 \cdot 8 \cdot 1 \cdot 3 \cdot 1 = 384"
    assert formulas["Memory"].endswith(r"= 512\,\text{B}")


def test_formulas_of_a_pooling_that_rounds_up_and_of_a_linear_layer() -> None:
    _, pool, linear = small_rows()
    formulas = dict(write_formulas(pool))
    assert r"\left\lceil" in formulas["Height"]
    assert formulas["Values read"] == r"4 \cdot 2 \cdot 4 \cdot 2 \cdot 2 = 128"
    formulas = dict(write_formulas(linear))
    assert formulas["Parameters"] == r"5 \cdot (32 + 1) = 165"
    assert formulas["Multiply-adds"] == r"5 \cdot 32 = 160"


def test_csv_has_a_line_for_each_row() -> None:
    lines = list(csv.DictReader(io.StringIO(write_csv(small_rows()))))
    assert [line["Parameters"] for line in lines] == ["12", "0", "165"]
    assert [line["Kernel"] for line in lines] == ["3×1", "2", ""]
    assert lines[0]["Input"] == "2×9×8"


def test_summary_says_where_the_costs_are() -> None:
    text = summarize_costs(small_rows())
    assert "**Parameters**: 93 % in the fully connected layers" in text  # 165 of 177
    assert "**Work**: 71 % in the convolutions" in text  # 384 of 544
    assert "the first 1 of 3 layers" in text


def test_conventions_are_counted_for_one_network() -> None:
    table = compute_costs(build_small, input_shape=(2, 9, 8))
    counts = [number for _, number, _ in list_conventions(table)]
    assert counts == [544, 549, 549 + 128, 549 + 128 + 128, 1088]


def test_bars_carry_their_rows() -> None:
    rows = small_rows()
    limits = find_limits(rows)
    figure = draw_bars(rows, unit="Multiply-adds", limits=limits, selected=rows[2].title)
    bars = [(x, y) for trace in figure.data[::3] for x, y in zip(trace.x, trace.y, strict=True)]
    assert sorted(bars) == [(place, row.memory_bytes / 2**20) for place, row in enumerate(rows)]
    assert {data[0] for trace in figure.data for data in trace.customdata} == {0, 1, 2}
    assert figure.layout.shapes[0].x0 == 1.5


def test_packed_bars_are_a_square() -> None:
    panel = pack_bars([1, 2, 0], note="three")
    assert panel.rows == panel.columns == 11


# A phone's line holds 34 signs: “4·4 = 16” stays on one, VGG-16's conv2_2 does not.
def test_long_equations_are_broken_for_a_phone() -> None:
    assert write_equation(r"4 \cdot 4", "16") == r"4 \cdot 4 = 16"
    left, right = r"128 \cdot 112 \cdot 112 \cdot 128 \cdot 3 \cdot 3", "1{,}849{,}688{,}064"
    assert write_equation(left, right) == (
        rf"\begin{{aligned}} & {left} \\ &= {right} \end{{aligned}}"
    )


def test_a_long_sum_is_broken_for_a_phone() -> None:
    assert write_long_sum(["64", "32"], "96") == "64 + 32 = 96"
    assert write_long_sum(["64", *["32"] * 5], "224") == (
        r"\begin{aligned} & 64 + 32 + 32 + 32 + 32 \\ & + 32 \\ &= 224 \end{aligned}"
    )
