"""The cost table against what lectures and papers print, and against torch's own counts."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from cnnviz.costs.rows import LECTURE, Fold, fold_rows
from cnnviz.costs.table import CostTable
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.networks.zoo.googlenet import AUXILIARY_LOSS_WEIGHT, Inception, NaiveInception
from tests.cost_tables import measure, measure_module
from tests.quick import each

LECTURES: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "lectures.json").read_text(encoding="utf-8")
)


def rows_by_title(table: CostTable) -> dict[str, Any]:
    rows = fold_rows(table, fold=Fold.OPERATIONS, convention=LECTURE)
    return {row.title: row for row in rows}


def check_printed_row(row: Any, printed: dict[str, Any], *, slip: set[str]) -> None:
    """Compare one row of a lecture's table, each number to its printed digits."""
    assert row.input_shape[0] == printed["in_c"]
    assert row.output_shape[0] == printed["out_c"]
    if printed["kernel"] is not None:
        assert row.input_shape[1:] == (printed["in_hw"],) * 2
        assert row.output_shape[1:] == (printed["out_hw"],) * 2
        assert row.window.kernel == (printed["kernel"],) * 2
        assert row.window.stride == (printed["stride"],) * 2
        assert row.window.padding == (printed["pad"],) * 2
    assert row.filters == printed["filters"]
    assert round(row.memory_bytes / 1024) == printed["memory_kb"]
    assert abs(row.operations / 1e6 - printed["mflop"]) <= 0.5 or "mflop" in slip
    biases = sum(layer.biases for layer in row.members) if row.kind == "linear" else 0
    assert abs((row.parameters - biases) / 1e3 - printed["params_k"]) <= 0.5


def test_the_lectures_table_of_the_one_gpu_alexnet() -> None:
    lecture = LECTURES["alexnet_227_64_filters"]
    rows = rows_by_title(measure("alexnet_one_gpu"))
    for numbers in lecture["rows"]:
        printed = dict(zip(lecture["columns"], numbers, strict=True))
        slip = {"mflop"} if printed["layer"] == "conv4" else set()
        check_printed_row(rows[printed["layer"]], printed, slip=slip)


def test_the_exact_numbers_of_the_one_gpu_alexnet() -> None:
    exact = LECTURES["alexnet_227_64_filters"]["exact"]
    rows = rows_by_title(measure("alexnet_one_gpu"))
    assert rows["conv1"].memory_bytes / 1024 == exact["conv1_memory_kb"]
    assert rows["conv1"].parameters == exact["conv1_params"]
    assert rows["conv1"].operations == exact["conv1_flop"]
    assert rows["pool1"].memory_bytes / 1024 == exact["pool1_memory_kb"]
    assert rows["pool1"].operations == exact["pool1_flop"]
    fc6 = measure("alexnet_one_gpu").find("fc6")
    assert fc6.parameters - fc6.biases == exact["fc6_weights"] == 37_748_736
    assert fc6.parameters == 37_752_832  # a slide prints 37,725,832


def test_the_totals_of_the_one_gpu_alexnet_and_its_two_slips() -> None:
    totals = LECTURES["alexnet_227_64_filters"]["totals"]
    table = measure("alexnet_one_gpu")
    assert round(table.parameters / 1e6) == totals["params_m"]
    assert round(table.multiply_adds / 1e9, 1) == totals["gflop"]
    weighted = [layer for layer in table.layers if layer.filters is not None]
    assert (
        round(sum(layer.memory_bytes for layer in weighted) / 2**20, 1) == totals["activation_mb"]
    )
    assert round(table.memory_bytes / 2**20, 1) == 2.2  # with poolings
    # conv4 is printed as 145.
    assert table.find("conv4").counts.multiply_adds == 256 * 13 * 13 * 384 * 9 == 149_520_384


def test_alexnet_of_2012() -> None:
    lecture = LECTURES["alexnet_2012"]
    table = measure("alexnet_2012")
    # The lecture calls the third pooling pool3; its place is after conv5.
    names = {"pool3": "pool5"}
    for name, shape in lecture["shapes"]:
        assert list(table.find(names.get(name, name)).output_shape) == shape
    assert measure("alexnet_2012_ungrouped").parameters == lecture["params_without_groups"]
    assert table.parameters == 60_965_224  # what one reads off the groups by hand
    assert table.find("pool1").output_shape == (96, 27, 27)  # a slide prints 227×227×96
    assert table.find("conv1").parameters - 96 == LECTURES["parameters"][1]["weights"]
    saved = measure("alexnet_2012_ungrouped").parameters - table.parameters
    assert saved == 1_413_120
    work = table.multiply_adds / measure("alexnet_2012_ungrouped").multiply_adds
    assert round(100 * (1 - work)) == 36


def test_neurons_of_alexnets_paper_and_its_slip() -> None:
    printed = LECTURES["alexnet_2012"]["neurons_per_layer_in_the_paper"]
    table = measure("alexnet_2012")
    names = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"]
    neurons = [table.find(name).memory_bytes // 4 for name in names]
    assert neurons[1:] == printed[2:]
    assert printed[0] == 3 * 224 * 224
    assert printed[1] == 253_440  # a slip of the paper's
    assert neurons[0] == 96 * 55 * 55 == 290_400


def test_zfnets_change_from_alexnet() -> None:
    conv1 = measure("zfnet_wide").find("conv1")
    assert conv1.counts.window is not None
    assert conv1.counts.window.kernel == (7, 7)
    assert conv1.counts.window.stride == (2, 2)
    filters = [measure("zfnet_wide").find(f"conv{number}").filters for number in (3, 4, 5)]
    assert filters == [512, 1024, 512]
    sides = [layer.output_shape[1] for layer in measure("zfnet").layers if layer.counts.window]
    assert sides == [110, 55, 26, 13, 13, 13, 13, 6]  # figure 3 of the paper


def test_vgg16_layer_by_layer() -> None:
    table = measure("vgg16_d")
    for name, elements, weights in LECTURES["vgg16_224"]["memory_elements_and_params_weights_only"]:
        layer = table.find(name)
        assert layer.memory_bytes == 4 * elements
        assert layer.parameters - layer.biases == weights


def test_vgg16s_totals_and_the_layer_that_the_lecture_leaves_out() -> None:
    totals = LECTURES["vgg16_224"]["totals"]
    table = measure("vgg16_d")
    assert table.parameters == totals["params"]
    assert round(table.multiply_adds / 1e9, 2) == 15.47
    left_out = table.find("conv3_3")
    assert left_out.counts.multiply_adds == 1_849_688_064
    without = table.multiply_adds - left_out.counts.multiply_adds
    assert round(without / 1e9, 1) == totals["gflop_printed"]
    convolutions = [layer for layer in table.layers if layer.kind is LayerKind.CONVOLUTION]
    memory = sum(layer.memory_bytes for layer in convolutions) - left_out.memory_bytes
    assert round(memory / 2**20, 1) == totals["activation_mb"]
    assert round(table.memory_bytes / 2**20, 1) == 57.6


def test_vgg16_down_to_28_and_the_same_layer_left_out() -> None:
    printed = LECTURES["googlenet"]["stem_224"]["vgg16_down_to_28"]
    names = [layer.title for layer in measure("vgg16_d").layers]
    layers = measure("vgg16_d").layers[: names.index("pool3") + 1]
    convolutions = [
        layer
        for layer in layers
        if layer.kind is LayerKind.CONVOLUTION and layer.title != "conv3_3"
    ]
    assert round(sum(item.memory_bytes for item in convolutions) / 2**20, 1) == printed["memory_mb"]
    assert round(sum(item.parameters for item in convolutions) / 1e6, 1) == printed["params_m"]
    work = sum(item.counts.multiply_adds for item in convolutions)
    assert round(work / 1e6) == printed["mflop"]
    kept = [layer for layer in layers if layer.is_kept]
    assert round(sum(layer.memory_bytes for layer in kept) / 2**20, 1) == 51.3
    assert round(sum(layer.parameters for layer in kept) / 1e6, 1) == 1.7
    assert round(sum(layer.counts.multiply_adds for layer in kept) / 1e6) == 9335


@pytest.mark.parametrize(
    ("name", "printed"),
    [("vgg16_d", "vgg16"), ("vgg19_e", "vgg19")],
)
def test_exact_parameters(name: str, printed: str) -> None:
    assert measure(name).parameters == LECTURES["params_exact"][printed]


@pytest.mark.parametrize(
    ("name", "printed"),
    [("vgg11_a", "vgg11_m"), ("vgg13_b", "vgg13_m"), ("vgg19_e", "vgg19_m")],
)
def test_parameters_in_millions(name: str, printed: str) -> None:
    assert round(measure(name).parameters / 1e6) == LECTURES["params_exact"][printed]
    assert measure("vgg11_a_lrn").parameters == measure("vgg11_a").parameters


def test_vggs_stage_rule() -> None:
    """Half the height and width at twice the channels: the same work, with C, H, W = 6, 5, 7."""
    c, h, w = 6, 5, 7
    rule = LECTURES["parameters"][6]
    shallow = measure_module(
        lambda: nn.Sequential(nn.Conv2d(c, c, 3, padding=1, bias=False)), c, 2 * h, 2 * w
    ).layers[0]
    deep = measure_module(
        lambda: nn.Sequential(nn.Conv2d(2 * c, 2 * c, 3, padding=1, bias=False)), 2 * c, h, w
    ).layers[0]
    numbers = {"C": c, "H": h, "W": w}
    for layer, place in ((shallow, 0), (deep, 1)):
        assert layer.memory_bytes // 4 == evaluate(rule["memory"][place], numbers)
        assert layer.parameters == evaluate(rule["params"][place], numbers)
        assert layer.counts.multiply_adds == evaluate(rule["flops"][place], numbers)


def evaluate(formula: str, numbers: dict[str, int]) -> int:
    """Work out a product such as 36*H*W*C^2."""
    product = 1
    for factor in formula.split("*"):
        base, _, power = factor.partition("^")
        product *= numbers.get(base, 0) ** int(power or 1) if base in numbers else int(base)
    return product


@pytest.mark.parametrize(("place", "single", "stack"), [(4, 5, 2), (5, 7, 3)])
def test_stacked_kernels_of_three(place: int, single: int, stack: int) -> None:
    channels = 11
    rule = LECTURES["parameters"][place]

    def build(kernel: int, layers: int) -> nn.Module:
        return nn.Sequential(
            *(nn.Conv2d(channels, channels, kernel, bias=False) for _ in range(layers))
        )

    one = measure_module(lambda: build(single, 1), channels, 9, 9)
    many = measure_module(lambda: build(3, stack), channels, 9, 9)
    assert one.parameters == evaluate(rule["single"], {"C": channels})
    assert many.parameters == evaluate(rule["stack"], {"C": channels})
    assert one.layers[-1].field is not None
    assert many.layers[-1].field is not None
    assert one.layers[-1].field.size == many.layers[-1].field.size == (single, single)


@pytest.mark.parametrize(("place", "kernels"), [(2, (5,)), (3, (3, 3))])
def test_one_kernel_of_five_against_two_of_three(place: int, kernels: tuple[int, ...]) -> None:
    printed = LECTURES["parameters"][place]
    table = measure_module(
        lambda: nn.Sequential(*(nn.Conv2d(3, 3, kernel, bias=False) for kernel in kernels)), 3, 7, 7
    )
    assert table.parameters == printed["weights"]
    assert list(table.layers[-1].output_shape) == printed["output_from_7x7"]


def test_googlenets_stem_and_its_slip() -> None:
    lecture = LECTURES["googlenet"]["stem_224"]
    rows = rows_by_title(measure("googlenet_2014"))
    operations = memory = parameters = 0
    for numbers in lecture["rows"]:
        printed = dict(zip(lecture["columns"], numbers, strict=True))
        # Our poolings round up without padding, the lecture's pad by one: the same maps.
        row = rows[printed["layer"]]
        if printed["filters"] is None:
            printed["pad"] = 0
        check_printed_row(row, printed, slip=set())
        operations += row.operations
        memory += row.memory_bytes
        parameters += row.parameters
    assert round(memory / 2**20, 1) == lecture["totals"]["memory_mb"]
    assert round(parameters / 1e3) == lecture["totals"]["params_k"]
    assert lecture["totals"]["mflop"] == 418  # though its own rows add up to
    assert round(operations / 1e6) == sum(row[11] for row in lecture["rows"]) == 481


def test_googlenets_head_depth_and_parameters() -> None:
    lecture = LECTURES["googlenet"]
    table = measure("googlenet_2014")
    assert list(table.find("avgpool").output_shape) == lecture["head"]["avgpool_out"]
    assert round(table.find("fc").parameters / 1e3) == lecture["head"]["fc_params_k"]
    vgg = [measure("vgg16_d").find(name) for name in ("fc6", "fc7", "fc8")]
    printed = lecture["head"]["vgg_fc_params_k"]
    assert [(layer.parameters - layer.biases) // 1000 for layer in vgg] == printed
    assert table.unused_parameters == 6_379_728
    assert table.parameters - table.unused_parameters == 6_998_552  # as in Caffe's model zoo
    concatenations = [x for x in table.layers if x.kind is LayerKind.CONCATENATION]
    assert len(concatenations) == lecture["depth"]["inception_modules"]
    # Along the deepest branch: three layers before, two in each module, one behind.
    assert 3 + 2 * len(concatenations) + 1 == lecture["depth"]["layers"]
    between = [layer for layer in table.layers if re.fullmatch(r"pool\d|avgpool", layer.name)]
    assert lecture["depth"]["layers"] + len(between) == lecture["depth"]["with_pooling"]


def test_googlenets_auxiliary_losses_are_told_with_the_lectures_weight() -> None:
    weight = LECTURES["googlenet"]["aux_loss_weight"]
    assert weight == AUXILIARY_LOSS_WEIGHT
    notes = " ".join(get_architecture("googlenet_2014").notes)
    assert f"L = L_main + {weight}·(L_aux1 + L_aux2)" in notes


def test_inception_naive_and_with_reductions_and_the_slip() -> None:
    lecture = LECTURES["googlenet"]["inception_28x28x256"]
    naive = lecture["naive"]["branches"]
    table = measure_module(
        lambda: NaiveInception(256, one=naive["1x1"], three=naive["3x3"], five=naive["5x5"]),
        256,
        28,
        28,
    )
    assert table.layers[-1].output_shape == (lecture["naive"]["out_channels"], 28, 28)
    assert round(table.multiply_adds / 1e6) == lecture["naive"]["mflop"]
    narrow = lecture["bottleneck"]
    sizes = (256, 128, narrow["reduce_3x3"], 192, narrow["reduce_5x5"], 96, narrow["pool_proj"])
    table = measure_module(lambda: Inception(sizes), 256, 28, 28)
    assert table.layers[-1].output_shape == (narrow["out_channels"], 28, 28)
    assert table.multiply_adds == 271_351_808
    twice = table.find("branch3.conv3x3").counts.multiply_adds
    assert round((table.multiply_adds + twice) / 1e6) == narrow["mflop"] == 358


def test_five_by_five_direct_and_through_a_bottleneck() -> None:
    lecture = LECTURES["googlenet"]["bottleneck_28x28x192_to_32_5x5"]
    direct = measure_module(lambda: nn.Sequential(nn.Conv2d(192, 32, 5, padding=2)), 192, 28, 28)
    assert round(direct.multiply_adds / 1e6) == lecture["direct_mflop"]
    through = measure_module(
        lambda: nn.Sequential(nn.Conv2d(192, 16, 1), nn.Conv2d(16, 32, 5, padding=2)), 192, 28, 28
    )
    assert round(through.multiply_adds / 1e6, 1) == lecture["via_16_mflop"]


def test_resnets_of_the_paper() -> None:
    lecture = LECTURES["resnet"]["table"]
    for numbers in lecture["rows"]:
        printed = dict(zip(lecture["columns"], numbers, strict=True))
        table = measure(f"{printed['name']}_paper")
        for stage, layers in enumerate(printed["stage_layers"], start=2):
            found = [
                layer
                for layer in table.layers
                if layer.title.startswith(f"conv{stage}_x.") and ".conv" in layer.title
            ]
            assert len(found) == layers
            blocks = {layer.title.split(".")[1] for layer in found}
            assert len(blocks) == printed["stage_blocks"][stage - 2]
        # The paper cuts after the first digit: 3.66 is printed as 3.6, 3.86 as 3.8, 7.57 as 7.6.
        gigas = table.multiply_adds / 1e9
        assert abs(gigas - printed["gflop_printed"]) < 0.1


def test_all_cnn_has_the_parameters_printed_but_for_model_c() -> None:
    lecture = LECTURES["all_cnn_cifar10_error"]
    for name, _, millions in lecture["rows"]:
        base = name[-1].lower()
        variant = next(
            (key for key, start in _ALL_CNN_NAMES.items() if name.startswith(start)), "base"
        )
        count = measure(f"all_cnn_{base}_{variant}").parameters / 1e6
        if name in ("C", "Strided-CNN-C"):
            assert (millions, round(count, 2)) == (1.3, 0.95)  # a slip of the paper's
        elif base == "b" and variant in ("base", "strided"):
            assert (millions, round(count, 2)) == (1.0, 0.89)  # printed as about 1
        else:
            assert count == pytest.approx(millions, abs=0.065)  # the paper says "about"


_ALL_CNN_NAMES = {"strided": "Strided", "convpool": "ConvPool", "all": "ALL"}


def test_lenet5s_shapes() -> None:
    lecture = LECTURES["lenet5"]
    table = measure("lenet5")
    assert list(table.input_shape) == lecture["input"]
    for name, shape in lecture["shapes"]:
        found = list(table.find(name).output_shape)
        assert found == shape or found == [*shape, 1, 1]


_IN_FIGURE = {
    "ResNet-152": "resnet152",
    "EfficientNet-B1": "efficientnet_b1",
    "ResNeXt-101": "resnext101_64x4d",
    "EfficientNet-B3": "efficientnet_b3",
    "EfficientNet-B4": "efficientnet_b4",
    "EfficientNet-B7": "efficientnet_b7",
}


@pytest.mark.parametrize("title", each(_IN_FIGURE, ("ResNet-152", "EfficientNet-B1")))
def test_efficientnet_figures_parameters(title: str) -> None:
    printed = {row[0]: row[2] for row in LECTURES["efficientnet_figure"]["rows"]}
    count = measure(_IN_FIGURE[title]).parameters / 1e6
    assert count == pytest.approx(printed[title], abs=0.05 if printed[title] < 10 else 0.6)
