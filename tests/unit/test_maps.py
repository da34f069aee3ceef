"""Sorting, packing, counting and drawing of maps and kernels, with answers worked out by hand."""

import io

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from torch import nn

from cnnviz.activations.cell_summary import summarize_products
from cnnviz.activations.cells import explain_cell
from cnnviz.activations.kernels import (
    color_filters,
    order_kernels,
    read_first_filters,
    read_kernels,
)
from cnnviz.activations.maps import (
    MapOrder,
    MapRange,
    Values,
    count_dead,
    count_values,
    find_limits,
    find_peak,
    find_strongest,
    order_channels,
    pack_maps,
    read_layer,
)
from cnnviz.activations.read import MapStatistics, summarize_maps
from cnnviz.errors import NetworkError
from cnnviz.figures.colors import diverging_table
from cnnviz.figures.formulas import (
    write_cost_formulas,
    write_size_formulas,
)
from cnnviz.figures.maps import draw_histogram, draw_sheet, write_map_csv, write_stack_csv
from cnnviz.figures.network import lay_out_network
from cnnviz.figures.sums import pack_sum, write_cell_formula
from cnnviz.networks.graph.layer_facts import describe_layers
from cnnviz.networks.load import LoadedModel
from tests.home_made import Branchy, Deep, make_model, randomize


@pytest.fixture(scope="module")
def branchy() -> LoadedModel:
    return make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))


def statistics_of(*maps: list[list[float]]) -> MapStatistics:
    return summarize_maps(torch.tensor(maps, dtype=torch.float32))


# Sorting and counting ----------------------------------------------------------


def test_channels_are_sorted_by_mean_and_by_maximum() -> None:
    """Means 1, 2, −1; maxima 1, 2, 5: two orders."""
    statistics = statistics_of([[1, 1], [1, 1]], [[2, 2], [2, 2]], [[5, -3], [-3, -3]])
    assert order_channels(statistics, by=MapOrder.CHANNEL) == (0, 1, 2)
    assert order_channels(statistics, by=MapOrder.MEAN) == (1, 0, 2)
    assert order_channels(statistics, by=MapOrder.MAXIMUM) == (2, 1, 0)
    assert find_strongest(statistics) == 2


def test_ties_keep_the_order_of_the_channels() -> None:
    statistics = statistics_of(*[[[1.0]]] * 5)
    assert order_channels(statistics, by=MapOrder.MEAN) == (0, 1, 2, 3, 4)


def test_a_map_that_is_nowhere_above_zero_is_dead() -> None:
    statistics = statistics_of([[0, 0]], [[-1, -2]], [[-1, 0.1]])
    assert count_dead(statistics) == 2


def test_the_peak_is_the_largest_cell() -> None:
    values = np.array([[0, 1, 2], [9, -10, 3]], dtype=np.float32)
    assert find_peak(values) == (1, 0)


def test_the_colour_range_is_the_layers_or_each_maps_own() -> None:
    maps = np.array([[[1, -2]], [[0, 8]], [[0, 0]]], dtype=np.float32)
    assert find_limits(maps, over=MapRange.LAYER, layer_limit=9.0).tolist() == [9, 9, 9]
    assert find_limits(maps, over=MapRange.MAP, layer_limit=9.0).tolist() == [2, 8, 0]


@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9)),
        elements=st.floats(-1e6, 1e6, width=32),
    ),
    st.integers(2, 9),
)
def test_packed_maps_are_right_to_half_a_step(maps: Values, max_side: int) -> None:
    packed = pack_maps(maps, max_side=max_side)
    assert max(packed.values.shape[1:]) <= max_side
    kept = maps[:, :: packed.step, :: packed.step]
    restored = packed.values * packed.scales[:, None, None]
    tolerance = packed.scales[:, None, None] * 0.5 * (1 + 1e-6)
    assert (np.abs(restored - kept) <= tolerance).all()


def test_a_map_of_zeros_packs_to_zeros() -> None:
    packed = pack_maps(np.zeros((2, 3, 3), dtype=np.float32), max_side=8)
    assert not packed.values.any()
    assert packed.scales.tolist() == [0, 0]


@given(
    arrays.arrays(np.float32, st.integers(1, 60), elements=st.floats(-1e3, 1e3, width=32)),
)
def test_the_histogram_counts_every_value_once(values: Values) -> None:
    histogram = count_values(values)
    assert int(histogram.counts.sum()) + histogram.zeros == values.size
    assert (np.diff(histogram.edges) > 0).all()
    positive = int(histogram.counts[histogram.edges[:-1] >= 0].sum())
    assert np.abs(histogram.edges).min() == 0
    assert positive == int((values > 0).sum())


def test_what_is_read_of_a_layer_cannot_be_written(branchy: LoadedModel) -> None:
    reading = read_layer(branchy, torch.ones(1, 3, 48, 48), layer="stem")
    with pytest.raises(ValueError, match="read-only"):
        reading.values[0, 0, 0] = 1
    kernels = read_kernels(branchy.graph, layer="stem", channel=0)
    with pytest.raises(ValueError, match="read-only"):
        kernels.weights[0, 0, 0] = 1


# Kernels -----------------------------------------------------------------------


def test_kernels_of_a_group_read_the_groups_own_channels(branchy: LoadedModel) -> None:
    """Sixteen maps in four groups: map 9 is in the third group, which reads maps 8 to 11."""
    kernels = read_kernels(branchy.graph, layer="first", channel=9)
    assert kernels.weights.shape == (4, 3, 3)
    assert kernels.first_channel == 8
    assert not kernels.in_color
    module = branchy.graph.find("first").module
    assert isinstance(module, nn.Conv2d)
    assert module.bias is not None
    np.testing.assert_array_equal(kernels.weights, module.weight[9].numpy())
    assert kernels.bias == float(module.bias[9])


def test_only_a_first_layer_over_rgb_is_in_colour(branchy: LoadedModel) -> None:
    assert read_kernels(branchy.graph, layer="stem", channel=0).in_color
    assert not read_kernels(branchy.graph, layer="wide", channel=0).in_color
    filters = read_first_filters(branchy.graph, layer="stem")
    assert filters is not None
    assert filters.shape == (8, 3, 5, 5)
    assert read_first_filters(branchy.graph, layer="wide") is None


def test_a_layer_without_kernels_says_so(branchy: LoadedModel) -> None:
    with pytest.raises(NetworkError, match=r"“pool .max pooling.” has no kernels"):
        read_kernels(branchy.graph, layer="pool", channel=0)
    with pytest.raises(NetworkError, match="8 channels; 8 is none"):
        read_kernels(branchy.graph, layer="stem", channel=8)


def test_colours_of_a_filter_worked_out_by_hand() -> None:
    """Red +2, green −2, blue 0: full, none, and the middle of 0..255."""
    filters = np.array([2, -2, 0], dtype=np.float32).reshape(1, 3, 1, 1)
    assert color_filters(filters).tolist() == [[[[255, 0, 128]]]]
    assert color_filters(np.zeros((1, 3, 1, 1), dtype=np.float32)).tolist() == [[[[128, 128, 128]]]]


def test_kernels_are_sorted_by_the_sum_of_their_magnitudes() -> None:
    weights = np.array([[[1, -1]], [[3, 0]], [[-2, -2]]], dtype=np.float32)
    assert order_kernels(weights) == (2, 1, 0)


# One cell ----------------------------------------------------------------------


def test_the_strongest_parts_and_the_rest_add_up(branchy: LoadedModel) -> None:
    x = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(4))
    cell = explain_cell(branchy, x, layer="second", channel=3, row=5, column=6)
    summary = summarize_products(cell, first_channel=0, most=6)
    totals = [part.total for part in summary.parts]
    assert totals == sorted(totals, key=abs, reverse=True)
    assert summary.rest_count == 10
    assert summary.products == 16 * 9
    assert sum(totals) + summary.rest + cell.bias == pytest.approx(cell.value, abs=1e-5)


@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        ("input", "note"),
        ("stem", "products"),
        ("norm", "single"),
        ("relu", "single"),
        ("cat", "single"),
        ("add", "terms"),
        ("pool", "maximum"),
        ("average", "average"),
        ("flatten", "single"),
        ("drop", "single"),
        ("head", "terms"),
    ],
)
def test_each_kind_of_cell_is_laid_out(branchy: LoadedModel, layer: str, kind: str) -> None:
    x = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(4))
    cell = explain_cell(branchy, x, layer=layer, channel=1)
    packed = pack_sum(cell, branchy.graph)
    assert packed["kind"] == kind
    assert packed["value"] == cell.value
    if kind == "terms":
        total = sum(term["product"] for term in packed["terms"])
        assert total + packed["rest"] + packed["bias"] == pytest.approx(cell.value, abs=1e-5)
    if kind == "products":
        assert [part["name"] for part in packed["parts"]] != []
        assert {part["name"] for part in packed["parts"]} == {"red", "green", "blue"}
    if kind == "maximum":
        known = [value for row in packed["inputs"] for value in row if value is not None]
        assert len(known) == 4  # a corner: five of its nine cells lie on padding
        assert max(known) == cell.value


def test_the_formula_of_a_cell_by_hand() -> None:
    """(2, −1) · (3, 4) + 0.5 = 6 − 4 + 0.5 = 2.5."""
    linear = nn.Linear(2, 1)
    model = make_model(nn.Sequential(nn.Flatten(), linear), shape=(1, 1, 2))
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[3.0, 4.0]]))
        linear.bias.fill_(0.5)
    cell = explain_cell(model, torch.tensor([[[[2.0, -1.0]]]]), layer="_1", channel=0)
    formula = write_cell_formula(cell, model.graph)
    assert formula is not None
    assert r"&= 2.00\cdot3.00 + (-1.00)\cdot4.00 \\" in formula
    assert r"&\quad + \underbrace{0.500}_{\text{bias}}" in formula
    assert r"&= 2.50 \end{aligned}" in formula


# Facts, formulas and the drawing of a network ------------------------------------


def test_facts_of_a_layer_counted_by_hand(branchy: LoadedModel) -> None:
    facts = describe_layers(branchy.graph)
    assert facts["stem"].parameters == 8 * (3 * 25 + 1)
    assert facts["stem"].multiply_adds == 8 * 24 * 24 * 75
    assert facts["first"].parameters == 16 * (4 * 9 + 1)
    assert facts["second"].parameters == 16 * 16 * 9
    assert facts["norm"].parameters == 2 * 8
    assert facts["pool"].multiply_adds == 16 * 12 * 12 * 9
    assert facts["head"].parameters == 5 * 17
    assert facts["head"].multiply_adds == 80
    total = sum(parameter.numel() for parameter in branchy.module.parameters())
    assert sum(entry.parameters for entry in facts.values()) == total


def test_size_and_cost_formulas_carry_the_layers_own_numbers(branchy: LoadedModel) -> None:
    facts = describe_layers(branchy.graph)["stem"]
    assert facts.terms is not None
    (size,) = write_size_formulas(facts.terms)
    # (48 + 4 − 4 − 1) / 2 + 1 = 24.5, rounded down.
    assert r"\left\lfloor \frac{48 + 2\cdot2 - 1(5 - 1) - 1}{2} + 1 \right\rfloor = 24" in size
    parameters, multiply_adds = write_cost_formulas(facts)
    assert r"8\,(3\cdot5\cdot5 + 1) = 608" in parameters
    assert r"8\cdot24\cdot24\cdot(3\cdot5\cdot5) = 345{,}600" in multiply_adds


def test_branches_stand_beside_each_other(branchy: LoadedModel) -> None:
    layout = lay_out_network(branchy.graph)
    place = {block.name: (block.column, block.lane) for block in layout.blocks}
    assert place["input"] == (0, 0)
    assert place["narrow"][0] == place["wide"][0]
    assert {place["narrow"][1], place["wide"][1]} == {0, 1}
    assert place["cat"] == (place["wide"][0] + 1, 0)
    names = [block.name for block in layout.blocks]
    ties = {(names[below], names[above]) for below, above in layout.ties}
    assert {("cat", "add"), ("second", "add"), ("narrow", "cat"), ("wide", "cat")} <= ties
    assert len(set(place.values())) == len(place)


def test_a_long_residual_network_stays_in_one_lane() -> None:
    layout = lay_out_network(make_model(Deep(), shape=(3, 32, 32)).graph)
    assert len(layout.blocks) == 165
    assert {block.lane for block in layout.blocks} == {0}
    assert all(0 <= block.height <= 1 and 0 <= block.thickness <= 1 for block in layout.blocks)


# Files -------------------------------------------------------------------------


def test_the_sheet_shows_each_maps_colours() -> None:
    maps = np.zeros((2, 2, 2), dtype=np.float32)
    maps[0], maps[1, 0, 0] = 3.0, -3.0
    png = draw_sheet(maps, limits=np.full(2, 3.0), captions=["0", "1"], title="Two maps")
    pixels = np.asarray(Image.open(io.BytesIO(png)))
    colors = {tuple(color) for color in pixels.reshape(-1, 3).tolist()}
    table = diverging_table(dark=False)
    assert tuple(table[255].tolist()) in colors
    assert tuple(table[1].tolist()) in colors
    assert tuple(table[128].tolist()) in colors


def test_csv_files_hold_the_values() -> None:
    values = np.array([[[1, 2], [3, 4]], [[5, 6], [7, 0.125]]], dtype=np.float32)
    assert write_map_csv(values[0]) == b"1,2\n3,4\n"
    assert write_stack_csv(values, name="input", first=8).decode().splitlines() == [
        "input,row,column 0,column 1",
        "8,0,1,2",
        "8,1,3,4",
        "9,0,5,6",
        "9,1,7,0.125",
    ]
    assert write_stack_csv(np.array([1.5, -2], dtype=np.float32)) == b"index,value\n0,1.5\n1,-2\n"


def test_the_histogram_figure_carries_the_counts() -> None:
    values = np.array([0, 0, 0, 1, 2, -1], dtype=np.float32)
    figure = draw_histogram(count_values(values), dead_fraction=4 / 6)
    assert sum(figure.data[0].y) == 3
    assert list(figure.data[1].y) == [3]
    assert figure.layout.title.text == "66.7 % at zero or below"
