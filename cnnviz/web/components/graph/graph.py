"""The diagram of a network from which a layer is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnnviz.figures.network import KIND_COLORS, KIND_NAMES, Block, Unit, lay_out_network
from cnnviz.networks.load import LoadedModel
from cnnviz.web.components.bundle import Take, create_component

_graph = create_component("graph")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    blocks: Sequence[Block]
    ties: Sequence[tuple[int, int]]
    units: Sequence[Unit]
    colors: Mapping[str, tuple[str, str]]
    legend: Sequence[tuple[str, str]]
    follows: str


def show_network_picture(model: LoadedModel, *, on_pick: Take, key: str) -> None:
    """Draw a network as blocks; `on_pick` is called with the name of the clicked layer."""
    layout = lay_out_network(model.graph)
    kinds = {block.color for block in layout.blocks}
    payload = Payload(
        blocks=layout.blocks,
        ties=layout.ties,
        units=layout.units,
        colors=KIND_COLORS,
        legend=[(kind, name) for kind, name in KIND_NAMES.items() if kind in kinds],
        follows=key,
    )
    _graph.show(payload, key=key, picked=on_pick)
