"""The block that each architecture is known for, made of the very module that the network uses."""

from cnnviz.errors import NetworkError
from cnnviz.networks.zoo.block import Block
from cnnviz.networks.zoo.blocks_early import BLOCKS_EARLY
from cnnviz.networks.zoo.blocks_later import BLOCKS_LATER

# As on the timeline: by year of publication, within a year as listed.
BLOCKS: tuple[Block, ...] = tuple(
    sorted((*BLOCKS_EARLY, *BLOCKS_LATER), key=lambda block: block.network.year)
)


def get_block(name: str) -> Block:
    """Return a block by name.

    Raises:
        NetworkError: There is none of this name.
    """
    for block in BLOCKS:
        if block.name == name:
            return block
    known = ", ".join(block.name for block in BLOCKS)
    raise NetworkError(f"There is no block “{name}”; choose one of: {known}.")
