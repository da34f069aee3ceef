"""Layers packed for the browser."""

import base64
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch

from cnnviz.figures.colors import diverging_table, pack_tables
from cnnviz.figures.strip import pack_ink, pack_signed

ROOT = Path(__file__).parent.parent.parent


def unpack(text: str) -> list[int]:
    return [int(value) for value in np.frombuffer(base64.b64decode(text), dtype=np.int8)]


def test_signed_values_share_one_scale_over_all_moments() -> None:
    values = torch.tensor([[[[0.5, -1.0]]], [[[2.0, 0.0]]]])  # (2, 1, 1, 2)
    panel = pack_signed(values, title="C1", note="", across=1)
    # 2.0 is the largest magnitude: 127 · 0.5 / 2 = 31.75 and 127 · −1 / 2 = −63.5, to even.
    assert [unpack(frame) for frame in panel.frames] == [[32, -64], [127, 0]]
    assert (panel.maps, panel.rows, panel.columns) == (1, 1, 2)


def test_a_layer_of_zeros_stays_zero() -> None:
    panel = pack_signed(torch.zeros(1, 2, 1, 1), title="", note="", across=2)
    assert unpack(panel.frames[0]) == [0, 0]


def test_ink_runs_from_paper_to_full_ink() -> None:
    panel = pack_ink(np.array([[[0.0, 1.0]]], dtype=np.float32), title="", note="")
    assert unpack(panel.frames[0]) == [-128, 127]


def test_tables_are_256_colours_for_each_theme() -> None:
    for tables in pack_tables().values():
        assert {kind: len(base64.b64decode(table)) for kind, table in tables.items()} == {
            "signed": 768,
            "ink": 768,
        }


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_chart_colours_of_the_theme_are_those_of_the_figures(theme: str) -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    table = diverging_table(dark=theme == "dark")
    colors = [f"#{red:02X}{green:02X}{blue:02X}" for red, green, blue in table]
    # Streamlit wants ten: five either way, evenly spaced from the ends to a tenth beside zero.
    places = [0, 26, 51, 77, 102, 154, 179, 205, 230, 255]
    chosen = config["theme"][theme]["chartDivergingColors"]
    assert chosen == [colors[place] for place in places]
    positive = np.linspace(142, 255, 10).round().astype(int)
    sequence = config["theme"][theme]["chartSequentialColors"]
    assert sequence == [colors[place] for place in positive]
