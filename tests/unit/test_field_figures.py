"""Receptive fields in words, tables and CSV, against sums worked by hand."""

import base64
import csv
import io

import numpy as np
import torch

from cnnviz.figures.receptive_field import (
    compare_weights,
    describe_effective,
    describe_top,
    fit_square,
    list_facts,
    list_field_rows,
    pack_energy,
    pack_strength,
    tabulate_network,
    tabulate_stack,
    write_network_csv,
    write_stack_csv,
)
from cnnviz.networks.load import load_model
from cnnviz.receptive_fields.effective import EffectiveField, Measure
from cnnviz.receptive_fields.stacks import StackRow, grow_stack, parse_stack
from cnnviz.receptive_fields.theoretical import Patch


def grow(text: str, *, size: int = 16, channels: int = 2) -> tuple[StackRow, ...]:
    return grow_stack(parse_stack(text), size=size, channels=channels)


def row_of(text: str, number: int) -> dict[str, str]:
    table = tabulate_stack(grow(text))
    return {name: cells[number].replace("\u00a0", " ") for name, cells in table.items()}


def test_a_row_holds_the_sums() -> None:
    assert row_of("3s2p1", 0) == {
        " ": "1",
        "Layer": "conv 3×3, stride 2, padding 1",
        "Cells $N$": "⌊(16 + 2·1 − 3)/2 + 1⌋ = **8**",
        "Field $r$": "1 + (3 − 1)·1·1 = **3**",
        "Jump $j$": "1·2 = **2**",
        "Start $a$": "0 − 1·1 = **−1**",
        "Unread": "1",
    }


def test_the_next_row_starts_from_the_last() -> None:
    assert row_of("3s2p1, 3p1d2", 1) == {
        " ": "2",
        "Layer": "conv 3×3, padding 1, dilation 2",
        "Cells $N$": "(8 + 2·1 − 5)/1 + 1 = **6**",
        "Field $r$": "3 + (3 − 1)·2·2 = **11**",
        "Jump $j$": "2·1 = **2**",
        "Start $a$": "−1 − 1·2 = **−3**",
        "Unread": "",
    }
    assert "Unread" not in tabulate_stack(grow("3, 3"))


def test_the_top_in_words() -> None:
    assert describe_top(grow("3s2p1, 3p1d2")) == (
        "A cell of the last layer sees 11×11 pixels, one step to its neighbor moves that field "
        "by 2 (the effective stride), and cell 0 starts at pixel −3."
    )


def test_stack_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(write_stack_csv(grow("3s2p1, m2")))))
    assert [row["kind"] for row in rows] == ["conv", "max pool"]
    assert [(row["cells"], row["field"], row["jump"], row["start"]) for row in rows] == [
        ("8", "3", "2", "-1"),
        ("4", "5", "4", "-1"),
    ]
    assert [row["weights"] for row in rows] == ["36", "0"]


def test_facts_of_a_stack() -> None:
    facts = dict(list_facts(grow("3, 3, 3", size=13, channels=64), channels=64))
    assert facts["receptive field"] == "7×7"
    assert facts["weights = 27·C², C = 64"] == "110,592"  # 27 · 64²
    assert facts["ReLUs"] == "3"
    assert list_facts((), channels=1) == []


def test_two_stacks_in_one_sentence() -> None:
    # 27/49 = 0.551; (121 + 81 + 49)·9 / (49·49) = 0.941.
    sentence = compare_weights(grow("3, 3, 3", size=13), grow("7", size=13))
    assert sentence is not None
    assert sentence.startswith("Both see 7×7 pixels.")
    assert "0.551 times the weights" in sentence
    assert "0.941 times its multiply-adds" in sentence
    other = compare_weights(grow("3"), grow("5"))
    assert other is not None
    assert other.startswith("They see 3×3 and 5×5")
    assert compare_weights(grow("m2"), grow("3")) is None
    assert compare_weights((), grow("3")) is None


def test_network_table() -> None:
    graph = load_model("lenet5").graph
    rows = list_field_rows(graph)
    table = tabulate_network(rows)
    at = table["Layer"].index("C3")
    assert [table[name][at] for name in ("Cells", "Field", "Jump", "Start")] == [
        *("10", "14", "2", "0")
    ]
    written = list(csv.DictReader(io.StringIO(write_network_csv(rows))))
    assert [row["layer"] for row in written] == table["Layer"]
    assert {row["field_columns"] for row in written} == {"1", "5", "6", "14", "16", "32"}


def test_what_an_effective_field_says() -> None:
    energy = torch.zeros(8, 8, dtype=torch.float64)
    energy[3, 2:6] = 0.25
    field = EffectiveField(
        layer="c1",
        row=0,
        column=0,
        measure=Measure.SQUARES,
        samples=1,
        energy=energy,
        patch=Patch(top=2, bottom=4, left=1, right=6),
    )
    assert describe_effective(field) == (
        "95 % of the energy lies on 4 of 18 pixels, 22.2 % of the theoretical field; its standard "
        "deviation is 0 pixels down and 1.12 across."
    )
    packed = np.frombuffer(base64.b64decode(pack_energy(energy)), dtype=np.uint8).reshape(8, 8)
    assert packed[3].tolist() == [0, 0, 255, 255, 255, 255, 0, 0]
    assert packed.sum() == 4 * 255


def test_the_root_of_the_energy_is_drawn() -> None:
    energy = torch.tensor([[0.8, 0.2]], dtype=torch.float64)  # a quarter: half as bright
    assert list(base64.b64decode(pack_energy(energy))) == [255, 128]


def test_a_picture_is_cut_and_scaled_to_the_input() -> None:
    pixels = np.zeros((4, 8, 3), dtype=np.uint8)
    pixels[:, 2:6] = 200  # the middle square
    assert fit_square(pixels, size=4).tolist() == np.full((4, 4, 3), 200).tolist()
    large = fit_square(pixels, size=9)
    assert large.shape == (9, 9, 3)
    assert large.min() == 200
    assert fit_square(pixels, size=1).shape == (1, 1, 3)


def test_strength_is_the_root_mean_square_over_channels() -> None:
    values = np.array([[[3.0, 0.0]], [[-4.0, 0.0]]], dtype=np.float32)  # (2, 1, 2)
    assert list(base64.b64decode(pack_strength(values))) == [255, 0]
    values[:, 0, 1] = 1.5, 2.0  # half as strong: 255/2
    assert list(base64.b64decode(pack_strength(values))) == [255, 128]
    assert list(base64.b64decode(pack_strength(np.zeros_like(values)))) == [0, 0]
