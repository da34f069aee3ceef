"""The layer that is worked out, the volume it reads, and layers worth trying."""

from dataclasses import dataclass
from typing import Any

from cnnviz.costs.calculator import LayerSetting, LayerType
from cnnviz.figures.calculator import TITLES
from cnnviz.web.controls.kinds import choice, flag, number
from cnnviz.web.state import PageState

_SIDE, _CHANNELS = 4096, 65_536
_SLIDING = ("kernel", "stride", "padding")
# What changes a layer, by its type; the sizes of the input change all.
ROWS: dict[LayerType, tuple[tuple[str, ...], ...]] = {
    LayerType.CONVOLUTION: (_SLIDING, ("filters", "dilation", "groups"), ("bias",)),
    LayerType.SEPARABLE: (_SLIDING, ("filters", "dilation"), ("bias",)),
    LayerType.TRANSPOSED: (
        _SLIDING,
        ("filters", "dilation", "groups"),
        ("output_padding", "bias"),
    ),
    LayerType.MAX_POOLING: (_SLIDING, ("dilation",)),
    LayerType.AVERAGE_POOLING: (_SLIDING,),
    LayerType.GLOBAL_POOLING: (),
    LayerType.LINEAR: (("filters", "bias"),),
}


def _box(label: str, high: int, default: int, low: int = 1) -> Any:
    return number(label, low, high, default=default, look="box")


@dataclass(frozen=True)
class CalculatorControls:
    """Fields of `LayerSetting`, with the sizes one by one."""

    type: LayerType = choice(LayerType, "Layer", titles=TITLES, look="list")
    axes: str = choice(("1-D", "2-D", "3-D"), "Axes", default="2-D")
    depth: int = _box("Depth", _SIDE, 16)
    height: int = _box("Height", _SIDE, 32)
    width: int = _box("Width", _SIDE, 32)
    channels: int = _box("Channels", _CHANNELS, 3)
    filters: int = _box("Filters", _CHANNELS, 10)
    kernel: int = _box("Kernel K", 512, 5)
    stride: int = _box("Stride S", 512, 1)
    padding: int = _box("Padding P", 512, 2, low=0)
    dilation: int = _box("Dilation D", 512, 1)
    groups: int = _box("Groups", _CHANNELS, 1)
    output_padding: int = number(
        "Output padding A",
        0,
        lambda at: max(at.stride, at.dilation) - 1,
        default=0,
        look="box",
        follows=("stride", "dilation"),
    )
    bias: bool = flag("Bias", default=True)


Page = PageState[CalculatorControls]


def list_sizes(page: Page) -> tuple[str, ...]:
    """Return the fields with the sizes of the input, by its axes."""
    return ("depth", "height", "width")[3 - int(page.values.axes[0]) :]


def read_setting(page: Page) -> LayerSetting:
    """Return the layer as it is chosen."""
    values = page.values
    sizes = tuple(getattr(values, name) for name in list_sizes(page))
    names = LayerSetting.__dataclass_fields__.keys() - {"sizes"}
    return LayerSetting(sizes=sizes, **{name: getattr(values, name) for name in names})


_PLAIN = {"type": "convolution", "axes": "2-D", "dilation": 1, "groups": 1, "bias": True}


def _square(side: int, channels: int, filters: int, **window: Any) -> dict[str, Any]:
    size = {"height": side, "width": side, "channels": channels, "filters": filters}
    return _PLAIN | size | {"kernel": 3, "stride": 1, "padding": 1} | window


# By the title on the button.
EXAMPLES: dict[str, dict[str, Any]] = {
    "Ten 5×5 filters": _square(32, 3, 10, kernel=5, padding=2),
    "AlexNet, first layer": _square(227, 3, 96, kernel=11, stride=4, padding=0),
    "1×1 convolution": _square(56, 64, 32, kernel=1, padding=0),
    "VGG-16, first fully connected": _square(7, 512, 4096, type="linear"),
    "MobileNet, separable": _square(112, 32, 64, type="separable"),
    "Twice as large": _square(18, 8, 8, type="transposed", stride=2, output_padding=1),
    "Video, 3-D": _square(112, 3, 64, axes="3-D", depth=16),
    "Sound, 1-D": _square(1, 1, 32, axes="1-D", width=4000, kernel=80, stride=4, padding=38),
}
