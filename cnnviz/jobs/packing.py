"""What goes from one process to another: a network by its name, everything else by its value.

Both processes load a network of a name themselves, from the same file. What is packed comes from
this program alone: nothing that a visitor sends is ever unpacked.
"""

import io
import pickle
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz.networks.graph.layers import Graph, Layer
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.zoo.registry import NetworkSpec, get_network

_UNKNOWN_TO_NUMPY = (torch.bfloat16,)


class _Packer(pickle.Pickler):
    """Writes networks as their names, and of a tensor only the part that is looked at."""

    def reducer_override(self, value: Any) -> Any:
        """Return how to make a value again, or NotImplemented for the usual way."""
        if isinstance(value, LoadedModel):
            return load_model, (value.spec.name,)
        if isinstance(value, NetworkSpec):
            return get_network, (value.name,)
        if isinstance(value, Graph | Layer | nn.Module):
            raise pickle.PicklingError(
                f"A {type(value).__name__} belongs to one process; give the network and a name."
            )
        is_plain = isinstance(value, Tensor) and not isinstance(value, nn.Parameter)
        if is_plain and value.dtype not in _UNKNOWN_TO_NUMPY:
            return torch.from_numpy, (value.detach().cpu().numpy(),)
        return NotImplemented


def pack(value: object) -> bytes:
    """Turn a value into bytes.

    Raises:
        pickle.PicklingError: It holds what belongs to this process. Functions within functions
            raise other errors.
    """
    buffer = io.BytesIO()
    _Packer(buffer, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    return buffer.getvalue()


def unpack(data: bytes) -> Any:
    """Return the value that was packed.

    Raises:
        NetworkError: A network of it is not here.
        WeightsError: Its weights are not here.
    """
    return pickle.loads(data)  # noqa: S301  (written by this program)
