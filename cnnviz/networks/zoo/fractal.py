"""FractalNet: very deep without residuals, by one rule applied again and again.

f_1 is one convolution; f_(C+1) is f_C twice in a row beside one convolution, their mean the output.

Source: Larsson, Maire and Shakhnarovich 2017, "FractalNet: ultra-deep neural networks without
residuals", section 3 and figure 1.
"""

import torch
from torch import Tensor, nn

from cnnviz.networks.zoo.stacks import Named, named_stack

CIFAR_WIDTHS = (64, 128, 256, 512, 512)
SLIM_WIDTHS = (16, 32, 64, 128, 128)


class FractalBlock(nn.Module):
    """A fractal of C columns: 2^(C − 1) layers along the deepest, one along the shallowest.

    Where columns end together, their values are averaged once, all of them.
    """

    def __init__(self, inputs: int, width: int, *, columns: int) -> None:
        super().__init__()
        self._depth = 2 ** (columns - 1)
        self._columns = columns
        for column in range(columns):
            for number in range(2**column):
                layer = _convolution(inputs if number == 0 else width, width)
                self.add_module(f"column{column + 1}_{number + 1}", layer)

    def forward(self, x: Tensor) -> Tensor:
        """Go down the columns, joining those that end at the same depth."""
        heads = [x] * self._columns
        for step in range(1, self._depth + 1):
            ending = []
            for column in range(self._columns):
                length = self._depth // 2**column  # steps that one layer of this column spans
                if step % length == 0:
                    layer = self.get_submodule(f"column{column + 1}_{step // length}")
                    heads[column] = layer(heads[column])
                    ending.append(column)
            joined = _average([heads[column] for column in ending])
            for column in ending:
                heads[column] = joined
        return heads[-1]


def _convolution(inputs: int, width: int) -> nn.Sequential:
    return named_stack(
        [
            ("conv", nn.Conv2d(inputs, width, 3, padding=1, bias=False)),
            ("bn", nn.BatchNorm2d(width)),
            ("relu", nn.ReLU()),
        ]
    )


def _average(values: list[Tensor]) -> Tensor:
    total = values[0]
    for value in values[1:]:
        total = torch.add(total, value)
    return total if len(values) == 1 else total * (1 / len(values))


def fractalnet(
    _size: int, *, columns: int, widths: tuple[int, ...] = CIFAR_WIDTHS, classes: int = 10
) -> nn.Module:
    """Build a FractalNet for CIFAR: a fractal and a 2×2 pooling for each width.

    Args:
        _size: Height and width of the input, 32 in the paper: five poolings leave one cell.
        columns: C; the deepest path has 2^(C − 1) layers a block.
        widths: Channels of each block.
        classes: Outputs.
    """
    layers: Named = []
    channels = 3
    for number, width in enumerate(widths, start=1):
        layers.append((f"block{number}", FractalBlock(channels, width, columns=columns)))
        layers.append((f"pool{number}", nn.MaxPool2d(2, 2)))
        channels = width
    layers += [
        ("avgpool", nn.AdaptiveAvgPool2d(1)),
        ("flatten", nn.Flatten()),
        ("fc", nn.Linear(channels, classes)),
    ]
    return named_stack(layers)
