"""Residual networks at 64 pixels, the plain network of the same layers, and SENet."""

from torch import Tensor, nn

from cnnviz.networks.zoo.lineage.blocks import initialize
from cnnviz.networks.zoo.lineage.classes import CLASS_NAMES
from cnnviz.networks.zoo.stacks import named_stack

_WIDTHS = (32, 64, 128, 256)
BLOCKS_34 = (3, 4, 6, 3)
BLOCKS_18 = (2, 2, 2, 2)
# Units of the squeezed vector for each of the block's maps, as in the paper.
_REDUCTION = 16


class SqueezeExcitation(nn.Module):
    """Weighs each map by a number from 0 to 1, worked out from the means of all maps."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.squeeze = nn.Conv2d(width, max(8, width // _REDUCTION), 1)
        self.relu = nn.ReLU()
        self.excite = nn.Conv2d(max(8, width // _REDUCTION), width, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        """Compute the weights, (N, C, 1, 1), and multiply the maps (N, C, H, W) by them."""
        weights: Tensor = self.sigmoid(self.excite(self.relu(self.squeeze(self.mean(x)))))
        return x * weights


class Block(nn.Module):
    """Two 3×3 layers; then the shortcut is added, unless the network is plain."""

    def __init__(
        self, inputs: int, width: int, *, stride: int, plain: bool, excited: bool = False
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.attend = SqueezeExcitation(width) if excited else None
        self.plain = plain
        self.project: nn.Module | None = None
        if not plain and (stride, inputs) != (1, width):
            layer = nn.Conv2d(inputs, width, 1, stride, bias=False)
            self.project = named_stack([("conv", layer), ("norm", nn.BatchNorm2d(width))])
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Add what two layers learn to what came in; a plain block adds nothing."""
        y = self.norm2(self.conv2(self.relu1(self.norm1(self.conv1(x)))))
        if self.attend is not None:
            y = self.attend(y)
        if not self.plain:
            y = y + (x if self.project is None else self.project(x))
        out: Tensor = self.relu2(y)
        return out


class Residual64(nn.Module):
    """Four stages of blocks, on 32×32, 16×16, 8×8 and 4×4 maps: (N, 3, 64, 64) to (N, 100)."""

    def __init__(
        self, blocks: tuple[int, int, int, int], *, plain: bool, excited: bool = False
    ) -> None:
        super().__init__()
        channels = _WIDTHS[0]
        self.conv1 = nn.Conv2d(3, channels, 3, 2, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU()
        for stage, (count, width) in enumerate(zip(blocks, _WIDTHS, strict=True), start=2):
            layers = nn.Sequential()
            for block in range(count):
                stride = 2 if stage > 2 and block == 0 else 1
                layers.add_module(
                    chr(ord("a") + block),
                    Block(channels, width, stride=stride, plain=plain, excited=excited),
                )
                channels = width
            self.add_module(f"conv{stage}", layers)
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.output = nn.Linear(channels, len(CLASS_NAMES))

    def forward(self, x: Tensor) -> Tensor:
        """Compute the logits."""
        x = self.relu1(self.norm1(self.conv1(x)))  # (N, 32, 32, 32)
        for stage in range(2, 6):
            x = self.get_submodule(f"conv{stage}")(x)
        logits: Tensor = self.output(self.flatten(self.mean(x)))  # (N, 256, 4, 4) -> (N, 100)
        return logits


def resnet64() -> nn.Module:
    """Build a residual network of 34 layers, (N, 3, 64, 64) in."""
    return initialize(Residual64(BLOCKS_34, plain=False))


def plain64() -> nn.Module:
    """Build resnet64 without its shortcuts, (N, 3, 64, 64) in."""
    return initialize(Residual64(BLOCKS_34, plain=True))


def senet64() -> nn.Module:
    """Build a residual network of 18 layers that weighs its maps, (N, 3, 64, 64) in."""
    return initialize(Residual64(BLOCKS_18, plain=False, excited=True))
