"""Grad-CAM worked out at one cell: which maps add what to it."""

from dataclasses import dataclass

from torch import Tensor

from cnnviz.attribution.methods.cut import differentiate_layer
from cnnviz.errors import AttributionError
from cnnviz.networks.load import LoadedModel


@dataclass(frozen=True, slots=True, eq=False)
class CamTerm:
    """What one map of the layer adds to a cell of Grad-CAM.

    Attributes:
        channel: Which map.
        weight: Its α: the mean of the class's gradient over the map.
        activation: The map's value at the cell.
        maps: The map, (H, W).
    """

    channel: int
    weight: float
    activation: float
    maps: Tensor

    @property
    def product(self) -> float:
        """What it adds."""
        return self.weight * self.activation


@dataclass(frozen=True, slots=True, eq=False)
class CamSum:
    """A cell of Grad-CAM as a sum over the layer's maps.

    Attributes:
        row: Row of the cell.
        column: Column of the cell.
        terms: The largest terms, by magnitude.
        rest: Sum of all others.
        count: Maps in all.
        cells: Cells of a map, Z in the paper.
        value: The whole sum, before the ReLU.
    """

    row: int
    column: int
    terms: tuple[CamTerm, ...]
    rest: float
    count: int
    cells: int
    value: float


def explain_cam(
    model: LoadedModel,
    x: Tensor,
    *,
    target: int,
    layer: str,
    row: int,
    column: int,
    terms: int = 6,
) -> CamSum:
    """Work out one cell of Grad-CAM.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        target: Index of the class.
        layer: Name of a layer with maps.
        row: Row of the cell.
        column: Column of the cell.
        terms: How many of the largest terms are told one by one.

    Raises:
        NetworkError: There is no such layer.
        AttributionError: The class does not depend on it, or there is no such cell.

    Source:
        Selvaraju et al.: Grad-CAM, ICCV 2017, equations 1 and 2.
    """
    found = differentiate_layer(model.graph, x, layer=layer, target=target)
    channels, height, width = found.maps.shape
    if not (0 <= row < height and 0 <= column < width):
        raise AttributionError(
            f"There is no cell in row {row}, column {column}; the layer has {height} rows and "
            f"{width} columns."
        )
    weights = found.gradient.mean(dim=(1, 2))  # (C,)
    products = weights * found.maps[:, row, column]  # (C,)
    largest = products.abs().argsort(descending=True)[:terms].tolist()
    return CamSum(
        row=row,
        column=column,
        terms=tuple(
            CamTerm(
                channel=channel,
                weight=float(weights[channel]),
                activation=float(found.maps[channel, row, column]),
                maps=found.maps[channel].clone(),
            )
            for channel in largest
        ),
        rest=float(products.sum() - products[largest].sum()),
        count=channels,
        cells=height * width,
        value=float(products.sum()),
    )
