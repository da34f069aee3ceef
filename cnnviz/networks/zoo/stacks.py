"""Stacks of named layers, and a head that fits whatever map size the stack ends with."""

from torch import nn

from cnnviz.costs.arithmetic import output_size
from cnnviz.errors import ArithmeticInputError

Named = list[tuple[str, nn.Module]]


def named_stack(layers: Named) -> nn.Sequential:
    """Chain layers under the names that the literature gives them."""
    stack = nn.Sequential()
    for name, layer in layers:
        stack.add_module(name, layer)
    return stack


def convolution(
    name: str,
    channels_in: int,
    channels_out: int,
    *,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    groups: int = 1,
) -> Named:
    """Make a convolution with its ReLU; convN is followed by reluN."""
    layer = nn.Conv2d(channels_in, channels_out, kernel, stride, padding, groups=groups)
    return [(name, layer), (name.replace("conv", "relu"), nn.ReLU())]


def classifier_head(features: Named, *, size: int, widths: tuple[int, ...]) -> Named:
    """Add fully connected layers fc6, fc7, ... whose first fits the features at this input size.

    Args:
        features: Layers from an RGB image to maps.
        size: Height and width of the image.
        widths: Outputs of each fully connected layer; all but the last get ReLU and dropout of
            half of their outputs.

    Raises:
        ArithmeticInputError: A kernel does not fit.
    """
    inputs = _count_features(features, size=size)
    layers: Named = [*features, ("flatten", nn.Flatten())]
    for number, width in enumerate(widths, start=6):
        layers.append((f"fc{number}", nn.Linear(inputs, width)))
        if number < 5 + len(widths):
            layers += [(f"relu{number}", nn.ReLU()), (f"drop{number}", nn.Dropout(0.5))]
        inputs = width
    return layers


def _count_features(features: Named, *, size: int) -> int:
    """Follow the map through the stack: how many values it ends with."""
    channels, side = 3, size
    for name, layer in features:
        if isinstance(layer, nn.Conv2d):
            channels = layer.out_channels
        if isinstance(layer, nn.Conv2d | nn.MaxPool2d):
            try:
                side = _side_after(layer, side)
            except ArithmeticInputError as error:
                raise ArithmeticInputError(
                    f"The input is too small for this network: at layer “{name}”, {error} "
                    "A larger input is the other mend."
                ) from error
    return channels * side * side


def _side_after(layer: nn.Conv2d | nn.MaxPool2d, side: int) -> int:
    kernel, stride, padding = (
        value if isinstance(value, int) else int(value[0])
        for value in (layer.kernel_size, layer.stride, layer.padding)
    )
    rounds_up = isinstance(layer, nn.MaxPool2d) and layer.ceil_mode
    return output_size(side, kernel=kernel, stride=stride, padding=padding, ceil_mode=rounds_up)
