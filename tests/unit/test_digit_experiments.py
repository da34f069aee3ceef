"""What a drawing teaches, against numbers worked out by hand."""

import base64
import csv
import io
import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz.activations.read import read_activations
from cnnviz.digits.experiments import (
    FilterResponse,
    PenTrial,
    ShiftTrial,
    measure_filters,
    read_drawing,
    try_pens,
    try_shifts,
    work_out_softmax,
)
from cnnviz.digits.mnist import sample_digits
from cnnviz.errors import NetworkError
from cnnviz.figures.digit import (
    SHEET_LAYERS,
    draw_sheet,
    panel_kernel_table,
    panel_kernels,
    panel_pens,
    panel_responses,
    plot_shifts,
)
from cnnviz.figures.digit_text import (
    describe_deeper_filters,
    describe_filters,
    describe_pens,
    describe_shifts,
    describe_softmax,
    write_numbers,
    write_softmax_formula,
    write_softmax_table,
)
from cnnviz.networks.load import load_model
from tests.home_made import make_model

PAPER = -0.1


class LooksAtOnePixel(nn.Module):
    """Two classes: 0 when the pixel at row 5, column 6 has ink, 1 when it has none."""

    def forward(self, x: Tensor) -> Tensor:
        pixel = x[:, 0, 5, 6]
        return torch.stack([4 * pixel, 2 - 4 * pixel], dim=1)


def one_pixel(row: int, column: int) -> Tensor:
    x = torch.full((1, 1, 12, 12), PAPER)
    x[0, 0, row, column] = 1.0
    return x


def test_softmax_of_logarithms_gives_their_shares() -> None:
    softmax = work_out_softmax(torch.tensor([0.0, 2.0, 5.0, 1.0]).log().nan_to_num(neginf=-500.0))
    assert softmax.probabilities == pytest.approx([0, 2 / 8, 5 / 8, 1 / 8], abs=1e-7)
    assert softmax.exponentials == pytest.approx([0, 2, 5, 1], abs=1e-6)
    assert softmax.total == pytest.approx(8, abs=1e-5)


def test_the_shift_that_brings_the_ink_under_the_pixel_is_found() -> None:
    """Ink at (4, 8) comes to (5, 6) by one pixel down and two to the left."""
    trial = try_shifts(make_model(LooksAtOnePixel(), shape=(1, 12, 12)), one_pixel(4, 8), reach=3)
    assert trial.winner == 1
    assert trial.probabilities.shape == trial.guesses.shape == (7, 7)
    hits = (trial.guesses == 0).nonzero().tolist()
    assert hits == [[1 + 3, -2 + 3]]
    guess, probability = trial.at(down=1, right=-2)
    assert guess == 0
    assert probability == pytest.approx(1 / (1 + math.exp(4 - -2)))


def test_ink_moved_out_is_replaced_by_paper() -> None:
    """Ink at (0, 0) leaves when it moves up; then every pixel is paper, −0.1."""
    trial = try_shifts(make_model(LooksAtOnePixel(), shape=(1, 12, 12)), one_pixel(5, 6), reach=1)
    guess, probability = trial.at(down=-1, right=0)
    assert guess == 1
    # Logits −0.4 and 2.4 where the pixel is paper: class 0 has 1 / (1 + e^2.8).
    assert probability == pytest.approx(1 / (1 + math.exp(2.8)))


def test_a_filter_answers_where_the_ink_looks_like_it() -> None:
    """A kernel that is one at its middle copies the picture; its peak is where the ink is."""
    convolution = nn.Conv2d(1, 2, kernel_size=3, bias=False)
    model = make_model(nn.Sequential(convolution), shape=(1, 12, 12))
    with torch.no_grad():
        convolution.weight.zero_()
        convolution.weight[0, 0, 1, 1] = 2.0
        convolution.weight[1, 0, 1, 1] = -1.0
    copied, negated = measure_filters(model, one_pixel(4, 8), layer="_0")
    assert (copied.channel, copied.row, copied.column, copied.peak) == (0, 3, 7, 2.0)
    assert copied.active == pytest.approx(1 / 100)
    assert negated.active == pytest.approx(99 / 100)
    assert copied.kernel.shape == (1, 3, 3)


def test_only_convolutions_have_filters() -> None:
    with pytest.raises(NetworkError, match="“s2” is no convolution"):
        measure_filters(load_model("lenet5"), torch.zeros(1, 1, 32, 32), layer="s2")


def test_pens_read_alone_and_in_one_batch_agree() -> None:
    model, strokes = load_model("lenet5"), sample_digits()[4]
    for trial in try_pens(model, strokes, pens=(0.05, 0.2)):
        alone = read_drawing(model, strokes, pen=trial.pen)
        assert torch.equal(trial.x, alone.x)
        assert trial.guess == alone.prediction.ranking[0]
        assert trial.probability == pytest.approx(
            float(alone.prediction.probabilities.max()), abs=1e-5
        )


def test_the_softmax_is_written_with_its_own_numbers() -> None:
    softmax = work_out_softmax(torch.tensor([1.0, 3.0]).log())
    formula = write_softmax_formula(softmax, classes=("0", "1"), winner=1)
    assert r"\frac{3.00}{4.00} = 75.0\,\%" in formula
    assert "e^{1.10}" in formula
    table = write_softmax_table(softmax, classes=("0", "1"), winner=1).splitlines()
    assert table[2:] == [
        "| 0 | 0 | 1.00 | 25.0 % |",
        "| **1** | **1.10** | **3.00** | **75.0 %** |",
        "| sum | | 4.00 | 100 % |",
    ]
    told = describe_softmax(softmax, classes=("0", "1"), winner=1, second=0)
    assert "a logit 1.10 lower than 1" in told
    assert told.endswith("= 3.00 times smaller.")


def test_sentences_hold_the_trials_numbers() -> None:
    probabilities, guesses = torch.full((5, 5), 0.5), torch.ones(5, 5, dtype=torch.int64)
    probabilities[2, 4], guesses[2, 4] = 0.25, 0
    trial = ShiftTrial(reach=2, winner=1, probabilities=probabilities, guesses=guesses)
    told = describe_shifts(trial, classes=("no", "yes"))
    assert "the network reads no: the probability of yes goes from 50.0 % to 25.0 %" in told
    assert "At 1 of the 24 shifts the first guess is another." in told
    x = torch.zeros(1, 1, 32, 32)
    pens = (
        PenTrial(pen=0.03, x=x, guess=0, probability=0.6),
        PenTrial(pen=0.25, x=x, guess=1, probability=0.7),
    )
    told = describe_pens(pens, winner=1, classes=("no", "yes"))
    assert "With 1 of 2 pens the same strokes are read as yes." in told
    assert "thinnest gives no with 60.0 %, the thickest yes with 70.0 %" in told


def make_filters() -> tuple[FilterResponse, ...]:
    kernel, response = torch.ones(3, 5, 5), torch.ones(28, 28)
    return tuple(
        FilterResponse(
            channel=channel,
            kernel=kernel * channel,
            response=response * channel,
            peak=float(channel),
            row=3,
            column=9,
            active=channel / 10,
        )
        for channel in range(4)
    )


def test_filters_are_told_by_their_peak_and_their_rest() -> None:
    assert "Map 3 answers this 7 most: 3.00 at row 3, column 9." in describe_filters(
        make_filters(), guess="7"
    )
    assert "Map 0 is above zero in only 0 % of its cells." in describe_filters(
        make_filters(), guess="7"
    )
    assert "a column for each of its 4 maps, a row for each of the 3 S2 maps" in (
        describe_deeper_filters(make_filters(), below=3)
    )


def test_panels_share_one_scale() -> None:
    """The strongest kernel, 3, gets 127; kernel 1 gets a third of it."""
    panels = panel_kernels(make_filters())
    assert [base64.b64decode(panel.frames[0])[0] for panel in panels] == [0, 42, 85, 127]
    assert [base64.b64decode(panel.frames[0])[0] for panel in panel_responses(make_filters())] == [
        0,
        42,
        85,
        127,
    ]
    table = panel_kernel_table(make_filters())
    assert (table.maps, table.across, table.rows) == (12, 4, 5)
    # A column a map: the second kernel of the first row is map 1's.
    assert base64.b64decode(table.frames[0])[25] == 42


def test_pens_are_pictures_of_ink() -> None:
    x = torch.full((1, 1, 32, 32), PAPER)
    x[0, 0, 0, 1] = 1.175
    (panel,) = panel_pens(
        (PenTrial(pen=0.25, x=x, guess=1, probability=0.5),), classes=("no", "yes")
    )
    assert (panel.title, panel.note, panel.scale) == ("25 %", "yes, 50.0 %", "ink")
    cells = np.frombuffer(base64.b64decode(panel.frames[0]), dtype=np.int8)
    assert cells[:3].tolist() == [-128, 127, -128]


def test_the_shift_map_names_other_guesses() -> None:
    trial = try_shifts(make_model(LooksAtOnePixel(), shape=(1, 12, 12)), one_pixel(4, 8), reach=3)
    heat = plot_shifts(trial, classes=("ink", "none")).data[0]
    assert [list(row) for row in heat.text][4] == ["", "ink", "", "", "", "", ""]
    assert list(heat.x) == list(heat.y) == [-3, -2, -1, 0, 1, 2, 3]


def test_every_cell_and_probability_is_in_the_csv() -> None:
    model = load_model("lenet5")
    reading = read_drawing(model, sample_digits()[3], pen=0.09)
    values = read_activations(model, reading.x, layers=("c1", "f6"))
    text = write_numbers(
        {name: value[0] for name, value in values.items()},
        reading=reading,
        classes=model.spec.classes,
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 6 * 28 * 28 + 84 + 10
    row = rows[1 * 28 * 28 + 4 * 28 + 20]
    assert (row["layer"], row["channel"], row["row"], row["column"]) == ("c1", "1", "4", "20")
    assert float(row["value"]) == pytest.approx(float(values["c1"][0, 1, 4, 20]), rel=1e-5)
    assert sum(float(row["value"]) for row in rows[-10:]) == pytest.approx(1, abs=1e-4)


def test_the_sheet_holds_the_drawing_in_ink_on_paper() -> None:
    model = load_model("lenet5")
    strokes = (((0.0, 0.5), (1.0, 0.5)),)
    reading = read_drawing(model, strokes, pen=0.2)
    names = tuple(name for name, _, _ in SHEET_LAYERS)
    values = read_activations(model, reading.x, layers=names)
    sheet = draw_sheet(
        strokes,
        pen=0.2,
        values={name: value[0] for name, value in values.items()},
        titles=dict.fromkeys(names, "a layer"),
        verdict="a verdict",
    )
    assert sheet.dtype == np.uint8
    assert sheet[0, 0].tolist() == [252, 251, 248]
    # The pad is 256 dots from dot 32 on, in the middle of 440 below 48; the stroke in its middle.
    assert sheet[48 + 220, 32 + 128].tolist() == [29, 36, 51]
    assert sheet[48 + 220 - 100, 32 + 128].tolist() == [252, 251, 248]
