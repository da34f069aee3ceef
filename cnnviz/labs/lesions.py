"""Blocks of a trained residual network and of a plain one, left out or added.

Sources: Veit, Wilber and Belongie 2016, "Residual networks behave like ensembles of relatively
shallow networks", section 4.1; He, Zhang, Ren and Sun 2016, "Deep residual learning for image
recognition", section 1, on the deeper network that copies a shallower one.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz.device import add_transfers, find_device
from cnnviz.networks.load import LoadedModel
from cnnviz.networks.zoo.lineage.residual import BLOCKS_34, Block

NETWORKS = ("resnet64", "plain64")
LESIONS_FACT = "lesions"  # in the networks' cards
STAGES = tuple(f"conv{stage}" for stage in range(2, 6))
BLOCKS = tuple(
    f"{stage}.{chr(ord('a') + place)}"
    for stage, count in zip(STAGES, BLOCKS_34, strict=True)
    for place in range(count)
)
# Whose input and output have the same shape: they add what came in, unchanged.
IDENTITIES = tuple(one for one in BLOCKS if one == "conv2.a" or not one.endswith("a"))
_LAST = {
    f"{stage}.{chr(ord('a') + count - 1)}" for stage, count in zip(STAGES, BLOCKS_34, strict=True)
}
_BRANCH = ("conv1", "norm1", "relu1", "conv2", "norm2")


class BlockOff(nn.Module):
    """A block without its two layers: what its shortcut carries.

    A plain block has none. Then its input goes on; where the maps become smaller and more, every
    second row and column, and maps of zeros.
    """

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.project = block.project
        self.stride = block.conv1.stride[0]
        self.more = block.conv2.out_channels - block.conv1.in_channels

    def forward(self, x: Tensor) -> Tensor:
        """Carry (N, C, H, W) on; negative values do not occur but behind a projection."""
        if self.project is not None:
            carried: Tensor = self.project(x)
            return carried.relu()
        x = x[..., :: self.stride, :: self.stride]
        return functional.pad(x, (0, 0, 0, 0, 0, self.more))


def list_blocks(model: LoadedModel) -> dict[str, Block]:
    """Return the blocks of a network by name, from the input to the output."""
    return {name: cast(Block, model.module.get_submodule(name)) for name in BLOCKS}


def chain_network(
    model: LoadedModel, *, off: Sequence[str] = (), inserted: int = 0
) -> nn.Sequential:
    """Chain the network's own layers anew; the network itself is not changed.

    Args:
        model: One of NETWORKS.
        off: Blocks that are left out.
        inserted: Further blocks behind each stage, all of their weights zero.
    """
    parts: list[nn.Module] = _list_ends(model)[0]
    for name, block in list_blocks(model).items():
        parts.append(BlockOff(block) if name in off else block)
        if name in _LAST:
            parts += [_make_zero_block(block) for _ in range(inserted)]
    return _join(*parts, *_list_ends(model)[1])


def _join(*layers: nn.Module) -> nn.Sequential:
    return add_transfers(nn.Sequential(*layers))


def _list_ends(model: LoadedModel) -> tuple[list[nn.Module], list[nn.Module]]:
    names = (("conv1", "norm1", "relu1"), ("mean", "flatten", "output"))
    first, last = ([model.module.get_submodule(one) for one in each] for each in names)
    return first, last


def _make_zero_block(last: Block) -> Block:
    width = last.conv2.out_channels
    block = Block(width, width, stride=1, plain=last.plain).eval()
    nn.init.zeros_(block.conv1.weight)
    nn.init.zeros_(block.conv2.weight)
    return block.to(find_device(last))


@torch.no_grad()
def find_shares(network: nn.Module, x: Tensor) -> Tensor:
    """Return the probabilities of a batch, (N, classes)."""
    shares: Tensor = network(x).softmax(dim=1)
    return shares


@dataclass(frozen=True, slots=True, eq=False)
class Lesions:
    """What is left of a network's answers where one block is off.

    Attributes:
        blocks: Their names, as far as measured.
        kept: Share of the images whose top-1 class stays (or is correct), by block.
        shares: Mean probability of the class that the whole network names (or the correct one).
        whole: That of the whole network.
    """

    blocks: list[str]
    kept: list[float]
    shares: list[float]
    whole: float


def measure_lesions(
    model: LoadedModel, x: Tensor, *, labels: Tensor | None = None
) -> Iterator[Lesions]:
    """Switch each block off in turn.

    Args:
        model: The network.
        x: Images, (N, 3, 64, 64).
        labels: Correct classes, (N,), for the accuracy in place of the share of kept answers.

    Yields:
        What was measured so far.
    """
    first, last = _list_ends(model)
    blocks = list_blocks(model)
    before = find_shares(model.module, x)
    named = before.argmax(dim=1, keepdim=True) if labels is None else labels[:, None]
    found = Lesions([], [], [], float(before.gather(1, named).mean()))
    with torch.no_grad():
        values = _join(*first)(x)
    for place, (name, block) in enumerate(blocks.items()):
        rest = list(blocks.values())[place + 1 :]
        after = find_shares(_join(BlockOff(block), *rest, *last), values)
        found.blocks.append(name)
        found.kept.append(float((after.argmax(dim=1, keepdim=True) == named).float().mean()))
        found.shares.append(float(after.gather(1, named).mean()))
        with torch.no_grad():
            values = _join(block)(values)
        yield copy.deepcopy(found)


@dataclass(frozen=True, slots=True, eq=False)
class LesionAccuracy:
    """Top-1 accuracy on held-out images, measured once.

    Attributes:
        images: How many.
        whole: Of the whole network, 0 to 1.
        without: Without each block, by its name.
    """

    images: int
    whole: float
    without: dict[str, float]


def read_lesion_accuracy(model: LoadedModel) -> LesionAccuracy | None:
    """Return what a network's card says; None where it says nothing whole."""
    told = model.card.facts.get(LESIONS_FACT)
    try:
        without = {name: float(told["without"][name]) / 100 for name in BLOCKS}  # type: ignore[index]
        return LesionAccuracy(int(told["images"]), float(told["whole"]) / 100, without)  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Addition:
    """Three by three cells of one map where a block adds: y = ReLU(F(x) + x).

    Attributes:
        branch: F(x), (3, 3).
        carried: x, (3, 3).
        output: y, (3, 3).
        channel: The map, counted from 0.
    """

    branch: Tensor
    carried: Tensor
    output: Tensor
    channel: int


def read_addition(model: LoadedModel, x: Tensor, block: str) -> Addition:
    """Read the middle of the map that the block changes most.

    Args:
        model: The residual network.
        x: An image, (1, 3, 64, 64).
        block: One whose shortcut is no projection.
    """
    before = list(list_blocks(model).values())[: BLOCKS.index(block)]
    layers = [model.module.get_submodule(f"{block}.{one}") for one in _BRANCH]
    with torch.no_grad():
        values = _join(*_list_ends(model)[0], *before)(x)
        branch = _join(*layers)(values)[0]  # (C, H, W)
    middle = branch.shape[1] // 2
    rows = slice(middle - 1, middle + 2)
    channel = int(branch[:, rows, rows].abs().sum(dim=(1, 2)).argmax())
    branch, carried = branch[channel, rows, rows], values[0, channel, rows, rows]
    return Addition(branch, carried, (branch + carried).relu(), channel)
