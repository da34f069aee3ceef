"""Questions on what layers cost: parameters, multiply-adds and memory."""

from dataclasses import replace
from random import Random

from cnnviz.costs.calculator import LayerSetting, LayerType, count_layer
from cnnviz.figures.calculator import TITLES
from cnnviz.labs.network_builder import lay_out, parse_layers
from cnnviz.quizzes.question import Draft, Generate, draft_number, draft_several
from cnnviz.quizzes.settings import describe_layer, draw_setting

_MILLION, _KILOBYTE = 1e6, 1024


def convolution_parameters(dice: Random) -> Draft:
    """Weights and biases of a convolution."""
    count, words = describe_layer(draw_setting(dice))
    return draft_number(count.parameters, **words)


def convolution_work(dice: Random) -> Draft:
    """Multiply-adds of a convolution."""
    count, words = describe_layer(
        draw_setting(dice, size=dice.choice((28, 32, 56)), filters=dice.choice((32, 64, 128)))
    )
    return draft_number(count.multiply_adds / _MILLION, unit="million multiply-adds", **words)


def output_memory(dice: Random) -> Draft:
    """Memory of a layer's output."""
    count, words = describe_layer(draw_setting(dice, size=dice.choice((32, 56, 112))))
    return draft_number(count.output_bytes / _KILOBYTE, unit="KB", **words)


def grouped_parameters(dice: Random) -> Draft:
    """Weights of a grouped convolution."""
    groups = dice.choice((2, 4, 8))
    channels, filters = (groups * dice.choice((4, 8, 16)) for _ in range(2))
    setting = draw_setting(dice, channels=channels, filters=filters, groups=groups)
    count, words = describe_layer(replace(setting, bias=False))
    return draft_number(count.parameters, each=channels // groups, **words)


def separable_work(dice: Random) -> Draft:
    """How many times a depthwise separable convolution is cheaper."""
    setting = draw_setting(
        dice,
        type=LayerType.SEPARABLE,
        size=dice.choice((14, 28, 56)),
        channels=dice.choice((16, 32, 64)),
        filters=dice.choice((32, 64, 128)),
        kernel=3,
        stride=1,
        padding=1,
    )
    separable, words = describe_layer(setting)
    standard = count_layer(replace(setting, type=LayerType.CONVOLUTION))
    return draft_number(
        standard.multiply_adds / separable.multiply_adds,
        unit="times",
        standard=standard.multiply_adds,
        separable=separable.multiply_adds,
        **words,
    )


def pointwise_parameters(dice: Random) -> Draft:
    """Weights and biases of a 1×1 convolution."""
    channels = dice.choice((64, 128, 192, 256, 512))
    setting = draw_setting(
        dice, channels=channels, filters=channels // dice.choice((2, 4)), kernel=1, padding=0
    )
    count, words = describe_layer(replace(setting, stride=1))
    return draft_number(count.parameters, **words)


def linear_parameters(dice: Random) -> Draft:
    """Weights and biases of a fully connected layer on maps."""
    setting = draw_setting(
        dice,
        type=LayerType.LINEAR,
        size=dice.choice((4, 5, 7)),
        channels=dice.choice((16, 32, 64)),
        filters=dice.choice((10, 84, 100, 120)),
    )
    count, words = describe_layer(setting)
    return draft_number(count.parameters, **words)


def global_pooling(dice: Random) -> Draft:
    """How many weights global average pooling saves the last layer."""
    flat = draw_setting(
        dice,
        type=LayerType.LINEAR,
        size=dice.choice((6, 7, 8)),
        channels=dice.choice((256, 512, 1024)),
        filters=dice.choice((10, 100, 1000)),
    )
    flat = replace(flat, bias=False)
    pooled = replace(flat, sizes=(1, 1))
    saved = count_layer(flat).parameters / count_layer(pooled).parameters
    _, words = describe_layer(flat)
    return draft_number(
        saved,
        unit="times",
        flat=count_layer(flat).parameters,
        pooled=count_layer(pooled).parameters,
        **words,
    )


def without_parameters(dice: Random) -> Draft:
    """Which layers have no parameters."""
    setting = LayerSetting(channels=8, filters=8, kernel=2, padding=0)
    kinds = dice.sample(list(LayerType), 5)
    choices = {
        TITLES[kind]: count_layer(replace(setting, type=kind)).parameters == 0 for kind in kinds
    }
    return draft_several(dice, choices, page="layer_calculator", values={"type": str(kinds[0])})


def network_parameters(dice: Random) -> Draft:
    """Parameters of a small network."""
    first, units = dice.choice((4, 6, 8)), dice.choice((32, 64, 84))
    kernel = dice.choice((3, 5))
    text = f"conv{first}k{kernel}, relu, max2, flatten, fc{units}, relu, fc10"
    rows, _ = lay_out(parse_layers(text), shape=(1, 28, 28), classes=10)
    weighted = [row for row in rows if row.parameters]
    terms = [f"{row.name}: {row.parameters:,}" for row in weighted]
    flat = next(row.output[0] for row in rows if row.name == "flatten1")
    return draft_number(
        sum(row.parameters for row in rows),
        page="train",
        values={"layers": text},
        layers=text,
        terms=", ".join(terms),
        flat=flat,
    )


GENERATORS: tuple[Generate, ...] = (
    convolution_parameters,
    convolution_work,
    output_memory,
    pointwise_parameters,
    grouped_parameters,
    separable_work,
    linear_parameters,
    global_pooling,
    without_parameters,
    network_parameters,
)
