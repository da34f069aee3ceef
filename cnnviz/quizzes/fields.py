"""Questions on receptive fields."""

from random import Random
from typing import Any

from cnnviz.cached import get_architecture_costs
from cnnviz.figures.format import format_pair
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.quizzes.question import Draft, Generate, draft_number
from cnnviz.receptive_fields.stacks import StackRow, format_stack, grow_stack, parse_stack

_SIZE = 64
_CHAINS = ("lenet5", "alexnet64", "zfnet64", "vgg64")  # networks without branches


def _grow(notation: str, channels: int = 64) -> tuple[StackRow, ...]:
    return grow_stack(parse_stack(notation), size=_SIZE, channels=channels)


def _describe(rows: tuple[StackRow, ...]) -> dict[str, Any]:
    """The words of a stack, and the page where it is drawn."""
    steps = [
        f"{row.field_below} + ({row.layer.window.kernel} - 1) \\cdot {row.layer.window.dilation} "
        f"\\cdot {row.jump_below} = {row.field}"
        for row in rows
    ]
    values = {"view": "stack", "stack": format_stack([row.layer for row in rows]), "size": _SIZE}
    return {
        "layers": "\n".join(f"{place}. {row.layer.title}" for place, row in enumerate(rows, 1)),
        "steps": r" \\ ".join(f"r_{place} &= {step}" for place, step in enumerate(steps, 1)),
        "jumps": r" \cdot ".join(str(row.layer.window.stride) for row in rows),
        "page": "receptive_fields",
        "values": values,
    }


def stack_field(dice: Random) -> Draft:
    """The receptive field of a stack."""
    kernels = [dice.choice(("3", "3", "5", "3s2", "5s2")) for _ in range(2)]
    rows = _grow(", ".join([*kernels, "m2", "3"]))
    return draft_number(rows[-1].field, unit="pixels", **_describe(rows))


def stack_jump(dice: Random) -> Draft:
    """The effective stride of a stack."""
    kernels = [dice.choice(("3", "3s2", "5s2", "7s2")) for _ in range(2)]
    rows = _grow(", ".join([*kernels, dice.choice(("m2", "3")), "3s2"]))
    return draft_number(rows[-1].jump, unit="pixels", **_describe(rows))


def dilated_field(dice: Random) -> Draft:
    """The receptive field of dilated convolutions."""
    dilations = dice.choice(((1, 2), (1, 2, 4), (2, 4), (1, 3), (1, 2, 3)))
    rows = _grow(", ".join(f"3d{each}" for each in dilations))
    return draft_number(rows[-1].field, unit="pixels", **_describe(rows))


def small_kernels(dice: Random) -> Draft:
    """How many 3×3 convolutions see as much as one large kernel."""
    kernel = dice.choice((5, 7, 9, 11, 13))
    count = next(n for n in range(1, kernel) if _grow("3, " * n)[-1].field == kernel)
    words = _describe(_grow("3, " * count))
    values = {"view": "stack", "against": str(kernel), "size": _SIZE}
    shown = {"stack": format_stack(parse_stack("3, " * count))}
    return draft_number(count, kernel=kernel, **words | {"values": values | shown})


def stack_weights(dice: Random) -> Draft:
    """What share of the weights a stack of 3×3 needs."""
    count, channels = dice.choice((2, 3, 4)), dice.choice((32, 64, 128, 256))
    rows = _grow("3, " * count, channels)
    kernel = rows[-1].field
    (single,) = _grow(str(kernel), channels)
    stacked = sum(row.parameters for row in rows)
    words = _describe(rows)
    values = {"view": "stack", "stack": "3, " * (count - 1) + "3", "against": str(kernel)}
    return draft_number(
        100 * stacked / single.parameters,
        unit="%",
        count=count,
        channels=channels,
        kernel=kernel,
        stacked=stacked,
        single=single.parameters,
        **words | {"values": values | {"size": _SIZE, "channels": channels}},
    )


def network_field(dice: Random) -> Draft:
    """The receptive field of a layer of a trained network."""
    network = get_architecture(dice.choice(_CHAINS))
    table = get_architecture_costs(network.name, network.input_size)
    rows = [row for row in table.layers if row.counts.window and row.field]
    chain = rows[: dice.randint(3, min(6, len(rows)))]
    lines, below = [], 1
    for place, row in enumerate(chain, 1):
        window, field = row.counts.window, row.field
        if window is None or field is None:
            continue
        stride = f", stride {format_pair(window.stride)}" if window.stride[0] > 1 else ""
        kind = "pool" if not row.parameters else "conv"
        lines.append(f"{place}. {kind} {window.kernel[0]}×{window.kernel[1]}{stride}")
        below = field.size[0]
    return draft_number(
        below,
        unit="pixels",
        page="receptive_fields",
        values={"view": "network", "network": network.name, "layer": chain[-1].name},
        network=network.title,
        layers="\n".join(lines),
        sizes=", ".join(str(row.field.size[0]) for row in chain if row.field),
    )


GENERATORS: tuple[Generate, ...] = (
    stack_field,
    stack_jump,
    dilated_field,
    small_kernels,
    stack_weights,
    network_field,
)
