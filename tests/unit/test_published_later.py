"""The later architectures against the numbers that papers, Keras and other collections print."""

from functools import partial

import pytest
from torch import nn

from cnnviz.costs.table import CostTable, compute_costs
from cnnviz.errors import ArithmeticInputError
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.networks.zoo.cifar_resnet import survival_probabilities
from cnnviz.networks.zoo.fractal import SLIM_WIDTHS, FractalBlock, fractalnet
from cnnviz.networks.zoo.meta_build import build_on_meta
from cnnviz.networks.zoo.shufflenet import shufflenet_v1
from tests.cost_tables import measure, measure_module
from tests.quick import each


def build(name: str) -> nn.Module:
    entry = get_architecture(name)
    return build_on_meta(lambda: entry.build(entry.input_size))


def shape_of(table: CostTable, start: str) -> tuple[int, ...]:
    """What the last layer under this path yields."""
    return [layer for layer in table.layers if layer.title.startswith(start)][-1].output_shape


# Counts of the same definitions elsewhere: timm's results table (inception_v4, senet154,
# seresnet50, 101, 152, seresnext50), Cadene's pretrained-models, Keras (xception and mobilenet:
# its trainable parameters), osmr's collection (preresnet164bn, resnet20 to 110 for CIFAR-10).
EXACT = {
    "inception_v4": 42_679_816,
    "inception_resnet_v2_released": 55_843_464,
    "xception": 22_855_952,
    "mobilenet_v1": 4_231_976,
    "mobilenet_v1_075": 2_585_560,
    "mobilenet_v1_050": 1_331_592,
    "mobilenet_v1_025": 470_072,
    "se_resnet50": 28_088_024,
    "se_resnet101": 49_326_872,
    "se_resnet152": 66_821_848,
    "se_resnext50": 27_559_896,
    "senet154": 115_088_984,
    "preact_resnet164_cifar": 1_703_258,
}


# Deeper ones of a family are built of the same blocks.
@pytest.mark.parametrize("name", each(EXACT, EXACT.keys() - {"se_resnet101", "se_resnet152"}))
def test_parameters_are_those_of_other_collections(name: str) -> None:
    assert measure(name).parameters == EXACT[name]


# Keras, "Total params" of its applications' summaries. It counts the two running statistics of
# each batch normalisation; Inception-ResNet-v2's normalisations there have no factor (scale=False).
@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("xception", 22_910_480),
        ("mobilenet_v1", 4_253_864),
        ("mobilenet_v1_075", 2_601_976),
        ("mobilenet_v1_050", 1_342_536),
        ("mobilenet_v1_025", 475_544),
        ("inception_resnet_v2_released", 55_873_736),
    ],
)
def test_keras_counts_the_running_statistics_too(name: str, total: int) -> None:
    module = build(name)
    norms = [part for part in module.modules() if isinstance(part, nn.BatchNorm2d)]
    channels = sum(part.num_features for part in norms)
    factors = channels if name.startswith("inception") else 0
    assert measure(name).parameters - factors + 2 * channels == total
    entry = get_architecture(name)
    assert any(f"{total:,}" in note and f"{2 * channels:,}" in note for note in entry.notes)


# The papers' own digits, millions: He 2016, table 6; He 2016 (identity mappings), table 4;
# Howard 2017, tables 6 and 7; Chollet 2017, table 3; Hu 2018, section 4.
@pytest.mark.parametrize(
    ("name", "millions"),
    [
        ("resnet20_cifar", 0.27),
        ("resnet32_cifar", 0.46),
        ("resnet44_cifar", 0.66),
        ("resnet56_cifar", 0.85),
        ("resnet110_cifar", 1.7),
        ("preact_resnet164_cifar", 1.7),
        ("xception", 22.9),
        ("mobilenet_v1", 4.2),
        ("mobilenet_v1_075", 2.6),
        ("mobilenet_v1_050", 1.3),
        ("mobilenet_v1_025", 0.5),
        ("se_resnet50", 28.1),
    ],
)
def test_parameters_are_the_papers_digits(name: str, millions: float) -> None:
    digits = len(str(millions).partition(".")[2])
    assert round(measure(name).parameters / 1e6, digits) == millions


@pytest.mark.exhaustive  # 1001 layers; 164 of the same kind are counted each time
def test_the_deepest_preactivation_network_is_printed_without_its_normalisations() -> None:
    table = measure("preact_resnet1001_cifar")
    norms = sum(x.parameters for x in table.layers if x.kind is LayerKind.NORMALIZATION)
    assert norms == 149_216
    assert round((table.parameters - norms) / 1e6, 1) == 10.2
    assert round(table.parameters / 1e6, 1) == 10.3


# Howard 2017, tables 6 and 7: millions of multiply-adds by width and by input size.
@pytest.mark.parametrize(
    ("name", "size", "millions"),
    [
        ("mobilenet_v1", 224, 569),
        ("mobilenet_v1_075", 224, 325),
        ("mobilenet_v1_050", 224, 149),
        ("mobilenet_v1_025", 224, 41),
        ("mobilenet_v1", 192, 418),
        ("mobilenet_v1", 128, 186),
    ],
)
def test_mobilenets_multiply_adds(name: str, size: int, millions: int) -> None:
    entry = get_architecture(name)
    table = compute_costs(lambda: entry.build(size), input_shape=(3, size, size))
    assert round(table.multiply_adds / 1e6) == millions


def test_mobilenet_at_160_is_printed_cut_off() -> None:
    entry = get_architecture("mobilenet_v1")
    table = compute_costs(lambda: entry.build(160), input_shape=(3, 160, 160))
    assert table.multiply_adds // 10**6 == 290  # 290.68


# Zhang 2018, table 1, prints 143, 140, 137, 133, 137; the authors' code collection (megvii-model,
# ShuffleNet-Series) prints 138 for 3 and 8 groups, and the parameters. Of 3 groups, a run of
# calflops on that code gives 137.46; of 8, 138.36.
@pytest.mark.parametrize(
    ("groups", "printed", "exact"),
    [(1, 143, 143.08), (2, 140, 140.84), (3, 137, 137.46), (4, 133, 134.34), (8, 137, 138.37)],
)
def test_shufflenets_multiply_adds_and_where_the_paper_has_a_million_less(
    groups: int, printed: int, exact: float
) -> None:
    work = measure(f"shufflenet_v1_g{groups}").multiply_adds / 1e6
    assert round(work, 2) == exact
    assert int(work) - printed == (1 if groups in (4, 8) else 0)


@pytest.mark.parametrize(
    ("name", "parameters", "millions"),
    [
        ("shufflenet_v1_g3_x0_5", 0.7, 38),
        ("shufflenet_v1_g3", 1.9, 137),
        ("shufflenet_v1_g8", 2.4, 138),
        ("shufflenet_v1_g3_x1_5", 3.4, 292),
        ("shufflenet_v1_g3_x2_0", 5.5, 524),
    ],
)
def test_shufflenets_sizes(name: str, parameters: float, millions: int) -> None:
    table = measure(name)
    assert round(table.parameters / 1e6, 1) == parameters  # 5.45 is printed as 5.4
    assert round(table.multiply_adds / 1e6) == millions


def test_shufflenet_of_eight_groups_at_other_scales() -> None:
    for scale, parameters, millions in ((1.5, 4.27, 290.19), (2.0, 6.52, 521.94)):
        make = partial(shufflenet_v1, groups=8, scale=scale)
        table = measure_module(partial(make, 224), 3, 224, 224)
        assert round(table.parameters / 1e6, 2) == parameters
        assert table.multiply_adds / 1e6 == pytest.approx(millions, abs=0.01)


def test_senet154s_work_is_the_papers() -> None:
    assert round(measure("senet154").multiply_adds / 1e9, 1) == 20.7  # Hu 2018, table 8


def test_squeeze_and_excitation_costs_what_its_two_layers_cost() -> None:
    """2·C²/16 weights and C/16 + C biases in each block; the paper's equation 6 without biases."""
    extra = sum(
        blocks * (2 * channels * channels // 16 + channels // 16 + channels)
        for blocks, channels in zip((3, 4, 6, 3), (256, 512, 1024, 2048), strict=True)
    )
    plain = measure("resnet50_paper").parameters
    assert measure("se_resnet50").parameters - plain == extra == 2_530_992


# Maps in the papers' figures and tables.
@pytest.mark.parametrize(
    ("name", "start", "shape"),
    [
        ("inception_v4", "inception_a4", (96, 35, 35)),
        ("inception_v4", "inception_c3", (256, 8, 8)),
        ("inception_resnet_v1", "stem.", (256, 35, 35)),
        ("inception_resnet_v1", "block_b10", (896, 17, 17)),
        ("inception_resnet_v1", "block_c5", (1792, 8, 8)),
        ("inception_resnet_v2", "block_a5", (384, 35, 35)),
        ("inception_resnet_v2", "block_b10", (1152, 17, 17)),
        ("inception_resnet_v2_released", "block_b20", (1088, 17, 17)),
        ("inception_resnet_v2_released", "last", (1536, 8, 8)),
        ("xception", "middle8", (728, 19, 19)),
        ("xception", "exit3", (2048, 10, 10)),
        pytest.param("preact_resnet200", "stages.", (2048, 7, 7), marks=pytest.mark.exhaustive),
        ("mobilenet_v1", "pair14", (1024, 7, 7)),
        ("shufflenet_v1_g3", "stage2_4", (240, 28, 28)),
        ("shufflenet_v1_g8", "stage4_4", (1536, 7, 7)),
        ("senet154", "stages.conv5_x", (2048, 7, 7)),
        ("fractalnet20_cifar", "pool5", (512, 1, 1)),
    ],
)
def test_maps_are_the_papers(name: str, start: str, shape: tuple[int, ...]) -> None:
    assert shape_of(measure(name), start) == shape


def test_the_stem_of_inception_v4_joins_two_branches() -> None:
    for name in ("inception_v4", "inception_resnet_v2"):
        reader = next(x for x in measure(name).layers if x.title.startswith(("incep", "block")))
        assert reader.input_shape == (384, 35, 35)


def test_inception_resnets_sums_have_other_widths_than_its_figures_print() -> None:
    ups = {x.filters for x in measure("inception_resnet_v2").layers if x.title.endswith(".up")}
    assert ups == {384, 1152, 2144}  # the figures print 384, 1154 and 2048


# Larsson 2017, the table of ever deeper networks with 16 to 128 filters: layers and millions.
FRACTALS = ((1, 5, 0.3), (2, 10, 0.8), (3, 20, 2.1), (4, 40, 4.8), (5, 80, 10.2), (6, 160, 21.1))


@pytest.mark.parametrize("row", each(FRACTALS, FRACTALS[:4]))
def test_slim_fractals_have_the_printed_parameters(row: tuple[int, int, float]) -> None:
    columns, depth, millions = row
    table = measure_module(
        lambda: fractalnet(32, columns=columns, widths=SLIM_WIDTHS, classes=100), 3, 32, 32
    )
    assert round(table.parameters / 1e6, 1) == millions
    deepest = [x for x in table.layers if ".column" in x.title and x.title.endswith(".conv")]
    longest = max(int(x.title.split(".")[1].partition("_")[2]) for x in deepest)
    assert 5 * longest == depth


def test_a_fractals_deepest_and_shallowest_way() -> None:
    """Four columns: eight 3×3 layers see 17×17, the single one 3×3; 15 layers in all."""
    table = measure_module(lambda: nn.Sequential(FractalBlock(2, 2, columns=4)), 2, 40, 40)
    assert table.layers[-1].field is not None
    assert table.layers[-1].field.size == (17, 17)
    assert sum(x.kind is LayerKind.CONVOLUTION for x in table.layers) == 15
    joins = [x for x in table.layers if x.kind is LayerKind.PRODUCT]
    assert len(joins) == 4  # one for each pair of the deepest column's layers


def test_the_wide_fractal_lacks_what_the_paper_prints() -> None:
    convolutions = sum(
        x.parameters
        for x in measure("fractalnet20_cifar").layers
        if x.kind is LayerKind.CONVOLUTION
    )
    by_hand = 0
    inputs = 3
    for width in (64, 128, 256, 512, 512):
        by_hand += 9 * (3 * inputs * width + 4 * width * width)
        inputs = width
    assert convolutions == by_hand == 33_698_880  # 38.6 million are printed


def test_stochastic_depths_expected_cost() -> None:
    """Huang 2016, section 3: (3L − 1)/4 blocks of L = 54, about 40."""
    chances = survival_probabilities(54)
    assert sum(chances) == pytest.approx((3 * 54 - 1) / 4)
    assert chances[-1] == 0.5
    table = measure("stochastic_depth110_cifar")
    assert table.multiply_adds == measure("resnet110_cifar").multiply_adds
    work: dict[str, int] = {}
    for layer in table.layers:
        if ".block" in layer.title:
            block = ".".join(layer.title.split(".")[:3])
            work[block] = work.get(block, 0) + layer.counts.multiply_adds
    assert len(work) == 54
    kept = sum(p * cost for p, cost in zip(chances, work.values(), strict=True))
    expected = round(table.multiply_adds - sum(work.values()) + kept)
    notes = " ".join(get_architecture("stochastic_depth110_cifar").notes)
    assert f"{expected:,} of the {table.multiply_adds:,}" in notes


def test_every_definition_tells_how_it_relates_to_the_paper() -> None:
    from cnnviz.networks.zoo.published_later import PUBLISHED_LATER

    assert all(entry.notes and entry.paper and entry.idea for entry in PUBLISHED_LATER)


def test_a_size_below_what_the_poolings_leave_gets_the_formula() -> None:
    for name, size in (("inception_v4", 40), ("xception", 3), ("fractalnet20_cifar", 16)):
        entry = get_architecture(name)
        build_it = partial(entry.build, size)
        with pytest.raises(ArithmeticInputError, match=r"N = \d, P = \d, D = 1, K = \d, S = \d"):
            compute_costs(build_it, input_shape=(3, size, size))
