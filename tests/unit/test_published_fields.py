"""Receptive fields against the published table of Araujo, Norris and Sim, row by row.

TF-Slim's ResNets have the stride in a block's last unit, ours, like the paper's, in the first unit
of the next; the field at a block's end is the same and the stride comes one block later. Where
torchvision differs from the table, the test works out by how much.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from cnnviz.costs.table import compute_costs
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.receptive_fields.theoretical import Field

TABLE: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "receptive_fields.json").read_text(encoding="utf-8")
)


def fields_of(name: str, *, size: int) -> list[tuple[str, Field]]:
    entry = get_architecture(name)
    table = compute_costs(lambda: entry.build(size), input_shape=(3, size, size))
    return [(layer.title, layer.field) for layer in table.layers if layer.field is not None]


def last_under(fields: list[tuple[str, Field]], *starts: str) -> Field:
    """The field at the end of a part, named by its path or by the graph's name."""
    found = [field for title, field in fields if title.startswith(starts)]
    return found[-1]


def printed(field: Field) -> list[int]:
    assert field.size[0] == field.size[1]
    return [field.size[0], field.jump[0], -field.start[0]]


@pytest.mark.parametrize(
    ("name", "key", "size"),
    [("alexnet_2012", "alexnet_v2", 227), ("vgg11_a", "vgg_a", 224), ("vgg16_d", "vgg_16", 224)],
)
def test_chains(name: str, key: str, size: int) -> None:
    fields = dict(fields_of(name, size=size))
    for layer, *numbers in TABLE[key]:
        assert printed(fields[layer]) == numbers


def test_mobilenet() -> None:
    fields = fields_of("mobilenet_v1", size=321)
    for place, (_, *numbers) in enumerate(TABLE["mobilenet_v1"], start=1):
        part = "conv1" if place == 1 else f"pair{place}."
        assert printed(last_under(fields, part)) == numbers


def ends_of_joins(fields: list[tuple[str, Field]]) -> list[list[int]]:
    return [printed(field) for title, field in fields if title.startswith("cat")]


def test_inception_v3_of_torchvision() -> None:
    fields = fields_of("inception_v3", size=299)
    rows = TABLE["inception_v3"]
    stem = ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "maxpool1", "Conv2d_3b_1x1")
    names = (*stem, "Conv2d_4a_3x3", "maxpool2")
    for name, (_, *numbers) in zip(names, rows, strict=False):
        assert printed(last_under(fields, name)) == numbers
    joined = ends_of_joins(fields)
    # The two last modules join their forks first.
    modules = [joined[place] for place in (0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 14)]
    assert modules == [numbers for _, *numbers in rows[7:]]


def test_inception_v4() -> None:
    rows = TABLE["inception_v4"]
    joined = ends_of_joins(fields_of("inception_v4", size=299))
    modules = [joined[place] for place in range(16)]  # three of the stem, 4 A, one, 7 B, one
    modules += [joined[place] for place in (18, 21, 24)]  # C joins two forks first
    assert modules == [numbers for _, *numbers in rows[3:]]


def test_inception_resnet_v2_as_released() -> None:
    fields = fields_of("inception_resnet_v2_released", size=299)
    parts = (
        ("stem.first.relu1",),
        ("stem.first.relu2",),
        ("stem.first.relu3",),
        ("stem.pool1",),
        ("stem.second.relu1",),
        ("stem.second.relu2",),
        ("stem.pool2",),
    )
    rows = TABLE["inception_resnet_v2"]
    for part, (_, *numbers) in zip(parts, rows, strict=False):
        assert printed(last_under(fields, *part)) == numbers
    joined = ends_of_joins(fields)
    assert joined[0] == rows[7][1:]  # Mixed_5b, before the ten blocks of the first kind
    assert joined[11] == rows[8][1:]  # Mixed_6a, after them
    assert joined[32] == rows[10][1:]  # Mixed_7a, after twenty of the second kind
    assert printed(last_under(fields, "block_b20")) == rows[9][1:]
    assert printed(last_under(fields, "last")) == rows[11][1:]


@pytest.mark.parametrize(
    ("name", "key", "part"),
    [
        ("resnet50_paper", "resnet_v1_50", "conv{}_x"),
        ("resnet101_paper", "resnet_v1_101", "conv{}_x"),
        ("resnet152_paper", "resnet_v1_152", "conv{}_x"),
        ("preact_resnet200", "resnet_v2_200", "stages.stage{}."),
    ],
)
def test_resnets_with_the_stride_in_the_1x1_layer(name: str, key: str, part: str) -> None:
    fields = fields_of(name, size=321)
    for stage, (_, field, stride, padding) in enumerate(TABLE[key], start=1):
        ours = last_under(fields, part.format(stage + (name.endswith("paper"))))
        later = stride // 2 if stage < 4 else stride  # TF-Slim strides at the block's end
        assert printed(ours) == [field, later, padding]


@pytest.mark.parametrize(
    ("name", "key"), [("resnet50", "resnet_v1_50"), ("resnet101", "resnet_v1_101")]
)
def test_torchvisions_resnets_see_less_for_their_stride_in_the_3x3_layer(
    name: str, key: str
) -> None:
    """In three stages one 3×3 layer still steps by the jump before: 8, 16 and 32 pixels less."""
    top = last_under(fields_of(name, size=321), "layer4")
    assert top.size[0] == TABLE[key][-1][1] - (8 + 16 + 32)
