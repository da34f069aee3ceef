"""Blocks against the networks that they are of, lectures' numbers, and sums worked out by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from cnnviz.costs.table import CostTable
from cnnviz.errors import NetworkError
from cnnviz.figures.block_layout import MIDDLE, lay_out_block
from cnnviz.figures.block_text import (
    compare_tables,
    explain_layer,
    list_terms,
    list_titles,
    tabulate_kernels,
    tabulate_stage_rule,
    write_block_csv,
)
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.zoo.block import Block, take_part
from cnnviz.networks.zoo.block_pairs import PAIRS, Pair, get_pair
from cnnviz.networks.zoo.blocks import BLOCKS, get_block
from cnnviz.networks.zoo.ilsvrc import HUMAN_TOP5_ERROR, RESULTS, list_winners
from cnnviz.networks.zoo.meta_build import build_on_meta
from tests.cost_tables import measure_module

LECTURES: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "lectures.json").read_text(encoding="utf-8")
)


def measure_block(name: str, *, channels: int | None = None, size: int | None = None) -> CostTable:
    block = get_block(name)
    width, side = channels or block.channels, size or block.size
    return measure_module(lambda: block.build(width), width, side, side)


def measure_pair(name: str) -> tuple[CostTable, CostTable]:
    pair = get_pair(name)
    shape = (pair.channels, pair.size, pair.size)
    first, second = (
        measure_module(lambda side=side: side.build(shape[0]), *shape) for side in pair.sides
    )
    return first, second


def shapes_of(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in module.state_dict().items()}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_a_block_is_the_one_in_its_network(block: Block) -> None:
    own = build_on_meta(lambda: block.build(block.channels))
    taken = build_on_meta(lambda: take_part(block.architecture, block.place))
    assert shapes_of(own) == shapes_of(taken)
    if block.name == "dense":
        return  # its layers take a list of maps, so that three of them are no chain
    table = measure_module(lambda: block.build(block.channels), block.channels, *(block.size,) * 2)
    part = measure_module(
        lambda: take_part(block.architecture, block.place), block.channels, *(block.size,) * 2
    )
    assert table.multiply_adds == part.multiply_adds
    assert [layer.operation for layer in table.layers] == [layer.operation for layer in part.layers]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_a_block_takes_all_the_channels_that_it_offers(block: Block) -> None:
    assert not block.choices or block.channels in block.choices
    for channels in block.choices:
        table = measure_block(block.name, channels=channels, size=7)
        assert table.input_shape == (channels, 7, 7)
    get_pair(block.pair)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_both_sides_of_a_comparison_take_all_its_channels(pair: Pair) -> None:
    assert pair.channels in pair.choices
    for channels in pair.choices:
        for side in pair.sides:
            measure_module(lambda side=side, c=channels: side.build(c), channels, 7, 7)


def test_the_lectures_inception_and_its_slip() -> None:
    lecture = LECTURES["googlenet"]["inception_28x28x256"]
    naive, reduced = measure_pair("inception")
    assert naive.layers[-1].output_shape[0] == lecture["naive"]["out_channels"]
    assert reduced.layers[-1].output_shape[0] == lecture["bottleneck"]["out_channels"]
    assert round(naive.multiply_adds / 1e6) == lecture["naive"]["mflop"] == 854
    # 28·28·(256·128 + 256·64 + 64·192·9 + 256·64 + 64·96·25 + 256·64), not the printed 358 million.
    assert reduced.multiply_adds == 784 * (32768 + 3 * 16384 + 110592 + 153600) == 271_351_808
    assert "271,351,808" in get_pair("inception").slip
    assert "86,704,128" in get_pair("inception").slip
    assert round((271_351_808 + 86_704_128) / 1e6) == lecture["bottleneck"]["mflop"]


def test_the_lectures_five_by_five() -> None:
    lecture = LECTURES["googlenet"]["bottleneck_28x28x192_to_32_5x5"]
    direct, through = measure_pair("reduce")
    assert round(direct.multiply_adds / 1e6) == lecture["direct_mflop"] == 120
    assert round(through.multiply_adds / 1e6, 1) == lecture["via_16_mflop"] == 12.4


def test_residual_blocks_by_hand() -> None:
    basic, bottleneck = measure_pair("bottleneck")
    assert basic.multiply_adds == 18 * 256**2 * 56 * 56
    assert bottleneck.multiply_adds == 17 * 256**2 // 16 * 56 * 56
    plain, residual = measure_pair("plain")
    assert plain.multiply_adds == residual.multiply_adds == 18 * 128**2 * 28 * 28
    assert plain.parameters == residual.parameters
    pre, post = measure_block("preactivation"), measure_block("bottleneck")
    assert pre.multiply_adds == post.multiply_adds
    assert pre.parameters == post.parameters  # 2·(256 + 64 + 64) and 2·(64 + 64 + 256)


def test_separable_and_fire_by_hand() -> None:
    standard, separable = measure_pair("separable")
    assert standard.multiply_adds == 9 * 128 * 128 * 56 * 56
    assert separable.multiply_adds == (9 * 128 + 128 * 128) * 56 * 56
    plain, fire = measure_pair("fire")
    assert plain.multiply_adds == 9 * 128 * 128 * 54 * 54
    assert fire.multiply_adds == (128 * 16 + 16 * 64 + 9 * 16 * 64) * 54 * 54
    assert fire.layers[-1].output_shape == plain.layers[-1].output_shape == (128, 54, 54)
    # 128·16 + 16, 16·64 + 64, 9·16·64 + 64.
    assert fire.parameters == 2064 + 1088 + 9280


def test_excitation_costs_an_eighth_of_the_weights_and_hardly_any_work() -> None:
    without, excited = measure_pair("excited")
    assert excited.parameters - without.parameters == 2 * 256 * 16 + 256 + 16
    assert excited.multiply_adds - without.multiply_adds == 2 * 256 * 16


def test_vggs_rules() -> None:
    rule = next(x for x in LECTURES["parameters"] if x["what"].startswith("VGG stage rule"))
    table = tabulate_stage_rule(64, 56)
    assert rule["params"] == ["9*C^2", "36*C^2"]
    assert table["first stage"][3] == f"9·C² = {9 * 64**2:,}"
    assert table["next stage"][3] == f"36·C² = {36 * 64**2:,}"
    work = f"36·H·W·C² = {36 * 56 * 56 * 64**2:,}"
    assert table["first stage"][4] == table["next stage"][4] == work
    assert table["first stage"][2] == f"4·H·W·C = {4 * 56 * 56 * 64:,} values"
    assert table["next stage"][2] == f"2·H·W·C = {2 * 56 * 56 * 64:,} values"
    kernels = tabulate_kernels(3)
    assert kernels["one layer"] == ["25·C² = 225", "49·C² = 441"]
    assert kernels["3×3 layers"] == ["2 · 9·C² = 18·C² = 162", "3 · 9·C² = 27·C² = 243"]


def test_the_challenges_results() -> None:
    printed = [row for row in LECTURES["ilsvrc_top5_error"] if row[0] is not None]
    slips = LECTURES["ilsvrc_layers_slip"]
    for result in RESULTS:
        assert (str(result.year) in slips) == (result.printed_layers is not None)
        if result.printed_layers is not None:
            assert result.layers == slips[str(result.year)][0]
    assert [
        (r.year, r.top5_error, r.printed_layers or r.layers)
        for r in sorted(RESULTS, key=lambda r: (r.year, -r.top5_error))
    ] == [(year, error, layers) for year, _, error, layers in printed]
    assert LECTURES["ilsvrc_top5_error"][-1][2] == HUMAN_TOP5_ERROR
    assert [winner.year for winner in list_winners()] == list(range(2010, 2018))
    errors = {result.entry: result.top5_error for result in RESULTS}
    assert [errors["AlexNet"], errors["ZFNet"]] == LECTURES["zfnet"]["top5_error"]


def test_the_inception_modules_branches_stand_side_by_side() -> None:
    layout = lay_out_block(measure_block("inception"))
    assert layout.lanes == 4
    assert layout.arounds == 0
    lanes: dict[int, list[str]] = {}
    for box in layout.boxes:
        lanes.setdefault(box.lane, []).append(box.title)
    assert lanes == {
        MIDDLE: ["input", "joined"],
        0: ["1×1 conv", "ReLU"],
        1: ["1×1 conv", "ReLU", "3×3 conv", "ReLU"],
        2: ["1×1 conv", "ReLU", "5×5 conv", "ReLU"],
        3: ["max pool 3×3", "1×1 conv", "ReLU"],
    }
    assert sorted(tie.source for tie in layout.ties if tie.target == 14) == [2, 6, 10, 13]


@pytest.mark.parametrize(("name", "arounds"), [("residual", 1), ("preactivation", 1), ("se", 2)])
def test_a_shortcut_runs_round_the_outside(name: str, arounds: int) -> None:
    layout = lay_out_block(measure_block(name))
    assert layout.lanes == 1
    assert layout.arounds == arounds
    sums = [
        x for x, box in enumerate(layout.boxes) if box.layer and box.layer.kind is LayerKind.SUM
    ]
    assert [tie.source for tie in layout.ties if tie.around is not None and tie.target in sums] == [
        0
    ]


def test_every_layer_of_a_dense_block_is_tied_to_all_before_it() -> None:
    layout = lay_out_block(measure_block("dense"))
    joins = [place for place, box in enumerate(layout.boxes) if box.title == "joined"]
    fans = [sum(tie.target == join for tie in layout.ties) for join in joins]
    assert fans == [1, 2, 3, 4]


def test_a_box_is_worked_out_with_its_numbers() -> None:
    table = measure_block("inception")
    titles = {title: name for name, title in list_titles(lay_out_block(table)).items()}
    formulas = dict(explain_layer(table.find(titles["5×5 conv"]), table=table))
    assert (
        formulas["Multiply-adds"]
        == r"96 \cdot 28 \cdot 28 \cdot 32 \cdot 5 \cdot 5 = 60{,}211{,}200"
    )
    assert formulas["Parameters"] == r"96 \cdot (32 \cdot 5 \cdot 5 + 1) = 76{,}896"
    joined = dict(explain_layer(table.find(titles["joined"]), table=table))
    assert joined["Channels"] == "128 + 192 + 96 + 64 = 480"
    residual = measure_block("residual")
    summed = next(layer for layer in residual.layers if layer.kind is LayerKind.SUM)
    assert dict(explain_layer(summed, table=residual))["Additions"].endswith("= 100{,}352}"[:-1])


def test_the_terms_add_up_and_the_csv_has_them() -> None:
    table = measure_block("mobilenet")
    terms = list_terms(table)
    assert [(term.product, term.multiply_adds) for term in terms] == [
        ("128·56·56·1·3·3", 3_612_672),
        ("128·56·56·128·1·1", 51_380_224),
    ]
    assert write_block_csv(table).count("\n") == 1 + len(table.layers)


def test_two_modules_are_compared_in_one_sentence() -> None:
    sentence = compare_tables(measure_pair("plain"), titles=("plain", "residual"))
    assert sentence == (
        "**residual** has as many multiply-adds and as many parameters compared with **plain**."
    )
    sentence = compare_tables(measure_pair("inception"), titles=("naive", "reduced"))
    assert "3.15 times fewer multiply-adds" in sentence  # 854,196,224 / 271,351,808


def test_unknown_names_get_a_sentence() -> None:
    with pytest.raises(NetworkError, match="There is no block “x”"):
        get_block("x")
    with pytest.raises(NetworkError, match="There is no comparison “x”"):
        get_pair("x")
