"""A cell's arithmetic cut to what fits on a page: the strongest parts, and the rest as a sum."""

from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz.activations.cells import CellExplanation
from cnnviz.errors import NetworkError


@dataclass(frozen=True, slots=True, eq=False)
class CellPart:
    """The products of one input channel, or one product of a linear layer.

    Attributes:
        index: Channel of the layer below that it reads (or index of the input).
        inputs: What it reads, (K, K) or a number.
        weights: What each is multiplied by, of the same shape.
        total: Sum of the products.
    """

    index: int
    inputs: Tensor
    weights: Tensor
    total: float


@dataclass(frozen=True, slots=True, eq=False)
class CellSummary:
    """A sum of products, its strongest parts first.

    Attributes:
        parts: Sorted by the magnitude of their totals.
        rest_count: How many further parts there are.
        rest: Their sum.
        products: How many products there are in all.
    """

    parts: tuple[CellPart, ...]
    rest_count: int
    rest: float
    products: int


def summarize_products(cell: CellExplanation, *, first_channel: int, most: int) -> CellSummary:
    """Sort a cell's products by input channel and keep the strongest.

    Args:
        cell: A cell with weights; inputs (C, K, K), or (N,) for a linear layer.
        first_channel: Channel of the layer below that the first input channel is.
        most: How many parts to keep.

    Raises:
        NetworkError: The cell is no sum of products.
    """
    if cell.weights is None:
        raise NetworkError(f"A cell of a {cell.kind} layer is no sum of products.")
    products = cell.inputs * cell.weights
    totals = products.reshape(products.shape[0], -1).double().sum(dim=1)  # (C,)
    order = torch.argsort(totals.abs(), descending=True, stable=True).tolist()
    parts = tuple(
        CellPart(
            index=first_channel + index,
            inputs=cell.inputs[index],
            weights=cell.weights[index],
            total=float(totals[index]),
        )
        for index in order[:most]
    )
    rest = order[most:]
    return CellSummary(
        parts=parts,
        rest_count=len(rest),
        rest=float(totals[rest].sum()) if rest else 0.0,
        products=products.numel(),
    )
