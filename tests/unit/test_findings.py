"""What papers measured, against what the lectures print of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cnnviz.figures.finding_text import (
    RATIO_ARCHITECTURES,
    add_shortcut,
    tabulate_finding,
    tabulate_ratios,
    write_shortcut,
)
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.networks.zoo.findings import FINDINGS, SKIP_INPUT, SKIP_RESIDUAL
from cnnviz.networks.zoo.torchvision_import import import_torchvision
from tests.cost_tables import measure

LECTURES: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "lectures.json").read_text(encoding="utf-8")
)
BY_NAME = {finding.name: finding for finding in FINDINGS}
RESNET = LECTURES["resnet"]
PRINTED: dict[str, list[list[Any]]] = {
    "shortcuts": [[*pair] for pair in RESNET["shortcuts_resnet110_cifar10_error"].items()],
    "preactivation": [
        [name, *errors] for name, errors in RESNET["preactivation_top1_error"].items()
    ],
    "depth": [
        ["alexnet", *LECTURES["single_crop_beside_the_resnets"]["alexnet"]],
        *RESNET["paper_single_crop"]["rows"],
    ],
    "resnets": [
        ["vgg16", "–", LECTURES["top5_error_beside_the_resnets"]["vgg16"]],
        *([row[0], *row[4:]] for row in RESNET["table"]["rows"]),
    ],
    "keras": LECTURES["keras"]["rows"],
    "all-cnn": LECTURES["all_cnn_cifar10_error"]["rows"],
    "trimps": [[*pair] for pair in LECTURES["trimps_soushen_2016_top5_error"].items()],
    "efficientnet": LECTURES["efficientnet_figure"]["rows"],
    "resnet-rs": LECTURES["resnet_rs_additive_top1"],
}


@pytest.mark.parametrize("name", PRINTED)
def test_each_number_is_the_lectures(name: str) -> None:
    rows = [[plain(row[0]), *row[1:]] for row in BY_NAME[name].rows]
    assert rows == [[plain(row[0]), *row[1:]] for row in PRINTED[name]]


def test_every_finding_is_compared_with_what_lectures_print() -> None:
    assert BY_NAME.keys() == PRINTED.keys() | {"ensemble", "exact", "squeezenet", "machines"}
    one, *_, seven = BY_NAME["ensemble"].rows
    ensemble = LECTURES["alexnet_ensemble_top5_error"]
    assert one[1] == ensemble["one_validation"]
    assert seven[1:] == (ensemble["seven_validation"], ensemble["seven_test"])
    exact = [*LECTURES["ilsvrc_exact_top5_error"].values()]
    assert [row[1] for row in BY_NAME["exact"].rows] == exact[:4]
    small = BY_NAME["squeezenet"].rows[-1]
    assert small[2] == LECTURES["squeezenet"]["times_smaller"]
    assert round(float(small[1]), 1) == LECTURES["squeezenet"]["mb"]
    assert round(240 / float(small[1]), -1) == small[2]
    # Errors, sizes and rates of AlexNet in the paper on deep compression (Han and others, 2016).
    printed = [(42.78, 240, 1), (44.02, 47.6, 5), (42.77, 27, 9), (42.78, 6.9, 35)]
    alexnet = BY_NAME["squeezenet"].rows[:4]
    for row, (error, size, rate) in zip(alexnet, printed, strict=True):
        assert row[1:3] == (size, rate)
        assert row[3] == pytest.approx(100 - error, abs=0.05)
    # 660 KB and 363 times smaller: the file that SqueezeNet's authors published.
    assert BY_NAME["squeezenet"].rows[-2][1:3] == (0.66, 363)
    machines = LECTURES["alexnet_images_per_second"]["rows"]
    assert [row[1:] for row in BY_NAME["machines"].rows] == [tuple(row[1:]) for row in machines]


def test_the_errors_beside_the_resnets_are_torchvisions() -> None:
    models = import_torchvision("models")
    for title, top5_error in [(row[0], row[2]) for row in BY_NAME["resnets"].rows]:
        weights = models.get_model_weights(plain(title)).IMAGENET1K_V1
        accuracy = weights.meta["_metrics"]["ImageNet-1K"]["acc@5"]
        assert 100 - accuracy == pytest.approx(top5_error, abs=0.02)  # measured anew since


def test_keras_counts_running_statistics_and_resnets_biases() -> None:
    """VGG has neither; ResNet-50 has 26,560 normalized channels, a mean and a variance each."""
    table = dict(zip(BY_NAME["keras"].architectures, BY_NAME["keras"].rows, strict=True))
    for name in ("vgg16", "vgg19"):
        assert table[name][4] == measure(name).parameters
    assert table["resnet50"][4] == measure("resnet50").parameters + 2 * 26_560 + 26_560


def test_googlenet_has_8_7_times_fewer_parameters_than_alexnet() -> None:
    printed = LECTURES["googlenet_parameters"]
    layers = measure("googlenet_2014").layers
    count = sum(one.parameters for one in layers if not one.title.startswith("aux"))
    assert count == printed["exact"]
    assert round(measure("alexnet_2012").parameters / count, 1) == 8.7
    assert any("6,998,552" in slip for slip in get_architecture("googlenet_2014").slips)


def test_ratios_are_those_printed_and_those_worked_out() -> None:
    """Printed totals: 48.6, 138 and 13.6 by 1.9, 61 and 0.7; 42.9, 1.1 and 7,485 by 7.5, …"""
    table = tabulate_ratios(*(measure(name) for name in RATIO_ARCHITECTURES))
    networks = LECTURES["vgg16_against_alexnet"]
    stems = LECTURES["vgg16_down_to_28_against_googlenets_stem"]
    printed = [*networks.values(), *stems.values()]
    assert [float(one.removesuffix("×")) for one in table["printed"]] == printed
    computed = [float(one.removesuffix("×")) for one in table["computed"]]
    rows = LECTURES["alexnet_227_64_filters"]["rows"]
    megabytes = sum(row[9] for row in rows if row[0] != "flatten") / 1024
    by_hand = (
        *(57.6 / megabytes, 138_357_544 / 61_100_840, 15.470 / 0.714),
        *(51.3 / 7.46, 1_735_488 / 124_096, 9335 / 477.7),
    )
    assert computed == pytest.approx(by_hand, rel=0.01)


def plain(name: object) -> str:
    """A name without its punctuation: ResNet-152 as resnet152."""
    return re.sub(r"[^a-z0-9.]", "", str(name).lower())


def test_the_shortcut_worked_by_hand() -> None:
    example = RESNET["skip_example"]
    assert [list(row) for row in SKIP_INPUT] == example["x"]
    assert [list(row) for row in SKIP_RESIDUAL] == example["f_x"]
    total, output = add_shortcut(SKIP_INPUT, SKIP_RESIDUAL)
    assert [list(row) for row in total] == example["sum"]
    assert [list(row) for row in output] == example["relu"]
    assert "52 & 0 & 30" in write_shortcut()[1]


def test_steps_tell_their_change_and_add_up_to_what_is_said() -> None:
    changes = tabulate_finding(BY_NAME["resnet-rs"])["change"]
    assert changes[:4] == ["", "+0.3", "−0.5", "+0.3"]
    steps = [float(change.replace("−", "-")) for change in changes[1:]]
    assert round(sum(steps), 1) == 4.4
    assert (round(sum(steps[:8]), 1), round(sum(steps[8:]), 1)) == (3.2, 1.2)
    assert sum(step < 0 for step in steps) == 2


def test_our_own_parameters_stand_beside_the_printed() -> None:
    finding = BY_NAME["all-cnn"]
    table = tabulate_finding(
        finding, parameters=[measure(name).parameters for name in finding.architectures]
    )
    assert table["parameters computed"][table["model"].index("C")] == "954,730"
