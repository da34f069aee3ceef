"""What the attribution page is sent, and its sums, against answers worked out by hand."""

import base64

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.attribution.attribute import Method, attribute
from cnnviz.attribution.checks.faithfulness import Faithfulness
from cnnviz.attribution.checks.randomization import Stage
from cnnviz.attribution.methods.worked import explain_cam
from cnnviz.errors import AttributionError
from cnnviz.figures.attribution import (
    find_limit,
    pack_map,
    reduce_blocks,
    write_cam_formula,
)
from cnnviz.figures.attribution_checks import (
    draw_cascade,
    tabulate_areas,
    write_cascade_csv,
    write_curves_csv,
)
from cnnviz.networks.load import LoadedModel, load_model
from tests.home_made import make_model


def make_head() -> LoadedModel:
    """Two maps, the picture and its negative, averaged, and a linear head."""
    convolution = nn.Conv2d(1, 2, 1, bias=False)
    convolution.weight.data = torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1)
    head = nn.Linear(2, 5, bias=False)
    head.weight.data = torch.tensor([[8.0, 2.0], *[[0.0, 0.0]] * 4])
    module = nn.Sequential(convolution, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
    return make_model(module, shape=(1, 2, 2))


def test_a_cell_of_grad_cam_worked_out_by_hand() -> None:
    model = make_head()
    x = torch.tensor([[[[1.0, 2.0], [3.0, 5.0]]]])
    layer = model.graph.layers[1].name
    cam = explain_cam(model, x, target=0, layer=layer, row=1, column=1, terms=1)
    # The mean over four cells: each cell's gradient, and so α, is a quarter of the weight.
    (term,) = cam.terms
    assert (term.channel, term.weight, term.activation) == (0, 2.0, 5.0)
    assert (cam.rest, cam.value, cam.count, cam.cells) == (-2.5, 7.5, 2, 4)
    formula = write_cam_formula(cam)
    assert r"\underbrace{2.00}_{\alpha_{0}}\cdot 5.00" in formula
    assert r"\underbrace{(-2.50)}_{1\text{ further maps}}" in formula
    assert "= 7.50" in formula
    with pytest.raises(AttributionError, match="no cell in row 2, column 0"):
        explain_cam(model, x, target=0, layer=layer, row=2, column=0)


def test_the_sum_is_grad_cams_own_cell() -> None:
    model = load_model("lenet5")
    x = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    values = attribute(model, x, method=Method.GRAD_CAM, target=3, layer="relu3").values
    cam = explain_cam(model, x, target=3, layer="relu3", row=4, column=7)
    assert cam.value == pytest.approx(float(values[4, 7]), rel=1e-4)
    assert sum(term.product for term in cam.terms) + cam.rest == pytest.approx(cam.value, rel=1e-4)


def decode(text: str, shape: tuple[int, ...]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype=np.int8).reshape(shape)


def test_a_map_survives_its_eight_bits() -> None:
    values = torch.tensor([[-2.0, 0.0], [0.5, 4.0]])
    panel = pack_map(values, name="", note="", label="", signed=True)
    sent = decode(panel["values"], (2, 2)) * panel["scale"]
    assert np.abs(sent - values.numpy()).max() <= 4 / 127 / 2
    assert (panel["limit"], panel["peak"]) == (4.0, 4.0)


def test_a_block_keeps_its_strongest_value_with_its_sign() -> None:
    values = torch.zeros(256, 256)
    values[3, 5], values[2, 4] = -7.0, 3.0
    small = reduce_blocks(values)
    assert small.shape == (128, 128)
    assert float(small[1, 2]) == -7
    assert int((small != 0).sum()) == 1


def test_the_scale_of_pixels_ends_below_a_single_spike() -> None:
    values = torch.ones(64, 64)
    values[0, 0] = 1000
    assert find_limit(values, signed=True) == 1
    assert find_limit(values[:8, :8], signed=True) == 1000  # a layer's map: its largest
    assert find_limit(-values[:8, :8], signed=False) == 0


def test_files_hold_the_curves_and_the_correlations() -> None:
    line = torch.tensor([0.0, 1.0])
    good = Faithfulness(shares=line, deletion=1 - line, insertion=line)
    bad = Faithfulness(shares=line, deletion=line, insertion=torch.zeros(2))
    table = tabulate_areas({"bad": bad, "good": good})
    assert list(table.values()) == [["good", "bad"], [0.5, 0.5], [0.5, 0.0]]
    assert write_curves_csv({"good": good}).splitlines()[1:] == ["good,0,1,0", "good,1,0,1"]
    maps = {"Grad-CAM": torch.zeros(1, 1)}
    stage = Stage(("f6", "c5"), 3, maps, signed={"Grad-CAM": 0.25}, absolute={"Grad-CAM": 0.5})
    assert write_cascade_csv([stage]).splitlines()[1] == "3,f6 c5,Grad-CAM,0.25,0.5"


@pytest.mark.parametrize("absolute", [False, True])
def test_the_lowest_correlation_lies_inside_of_the_chart(absolute: bool) -> None:
    values = {"Grad-CAM": torch.tensor([[1.0, 2.0]])}
    stages = [
        Stage(
            layers=(), count=0, maps=values, signed={"Grad-CAM": 1.0}, absolute={"Grad-CAM": 1.0}
        ),
        Stage(("f6",), 1, values, signed={"Grad-CAM": -0.83}, absolute={"Grad-CAM": -0.7}),
    ]
    figure = draw_cascade(stages, labels=["trained", "F6"], at=1, absolute=absolute)
    low, high = figure.layout.yaxis.range
    lowest = -0.7 if absolute else -0.83
    assert -1.05 < low < lowest
    assert high >= 1
