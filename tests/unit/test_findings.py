"""What papers measured, against what the lectures print of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cnnviz.figures.finding_text import add_shortcut, tabulate_finding, write_shortcut
from cnnviz.networks.zoo.findings import FINDINGS, SKIP_INPUT, SKIP_RESIDUAL
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
    "depth": RESNET["paper_single_crop"]["rows"],
    "resnets": [[row[0], *row[4:]] for row in RESNET["table"]["rows"]],
    "all-cnn": LECTURES["all_cnn_cifar10_error"]["rows"],
    "trimps": [[*pair] for pair in LECTURES["trimps_soushen_2016_top5_error"].items()],
    "efficientnet": LECTURES["efficientnet_figure"]["rows"],
    "resnet-rs": LECTURES["resnet_rs_additive_top1"],
}


@pytest.mark.parametrize("name", BY_NAME)
def test_each_number_is_the_lectures(name: str) -> None:
    rows = [[plain(row[0]), *row[1:]] for row in BY_NAME[name].rows]
    assert rows == [[plain(row[0]), *row[1:]] for row in PRINTED[name]]


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
