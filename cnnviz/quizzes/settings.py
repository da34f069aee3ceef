"""Layers as questions tell them, and as the page with the layer calculator takes them."""

from random import Random
from typing import Any

from cnnviz.costs.calculator import LayerCount, LayerSetting, LayerType, count_layer
from cnnviz.figures.format import format_shape

_WORDS = ("channels", "filters", "kernel", "stride", "padding", "dilation", "groups")
PAGE = "layer_calculator"


def draw_setting(dice: Random, **fixed: Any) -> LayerSetting:
    """Draw a layer on a square volume, with a bias.

    Args:
        dice: Draws what is not fixed.
        fixed: Fields of `LayerSetting`; `size` gives the side.
    """
    side = fixed.pop("size", None) or dice.choice((12, 16, 20, 24, 28, 32, 48, 56))
    kernel = dice.choice((3, 5, 7))
    drawn: dict[str, Any] = {
        "channels": dice.choice((1, 3, 6, 8, 16, 32)),
        "filters": dice.choice((6, 8, 10, 16, 20, 32, 64)),
        "kernel": kernel,
        "stride": dice.choice((1, 1, 2, 2, 3)),
        "padding": dice.randint(0, kernel // 2),
    }
    return LayerSetting(sizes=(side, side), **(drawn | fixed))


def describe_setting(setting: LayerSetting) -> dict[str, Any]:
    """Return the words of a layer: its numbers by name, and the side of its input as `size`."""
    return {"size": setting.sizes[0]} | {name: getattr(setting, name) for name in _WORDS}


def link_setting(setting: LayerSetting) -> dict[str, Any]:
    """Return what the layer calculator is set to for a layer on a square volume."""
    height, width = setting.sizes
    values = {name: getattr(setting, name) for name in _WORDS}
    values |= {"type": str(setting.type), "axes": "2-D", "height": height, "width": width}
    return values | {
        "output_padding": setting.output_padding,
        "bias": int(setting.bias),
    }


def describe_layer(setting: LayerSetting) -> tuple[LayerCount, dict[str, Any]]:
    """Work a layer out; return it with its words, its page and what that is set to."""
    count = count_layer(setting)
    words = describe_setting(setting) | {"output": format_shape(count.output)}
    if len(count.output) > 1:
        words["out"] = count.output[1]
    return count, words | {"page": PAGE, "values": link_setting(setting)}


POOLINGS = {LayerType.MAX_POOLING: "max", LayerType.AVERAGE_POOLING: "average"}
