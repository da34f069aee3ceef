"""Tracing a network while other threads run theirs.

torch.fx replaces nn.Module's own call for the whole process while it traces, so a network that
another thread runs at that moment would be taken for a part of the traced one. Here only the
tracing thread is traced, and one at a time.
"""

import threading
from collections.abc import Callable
from typing import Any

from torch import fx, nn

from cnnviz.errors import NetworkError

_TRACING = threading.Lock()


class _OwnThreadTracer(fx.Tracer):
    """Records the calls of the thread that made it and lets all others through."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()

    def call_module(
        self,
        m: nn.Module,
        forward: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        if threading.get_ident() != self._thread:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        if threading.get_ident() != self._thread:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)


def trace_module(module: nn.Module) -> fx.GraphModule:
    """Trace a network into its graph, while other threads go on with theirs.

    Args:
        module: A network in evaluation mode.

    Raises:
        NetworkError: Its forward depends on the data, so there is no fixed graph.
    """
    with _TRACING:
        tracer = _OwnThreadTracer()
        try:
            graph = tracer.trace(module)
        except (fx.proxy.TraceError, TypeError) as error:
            raise NetworkError(
                f"{type(module).__name__} has no fixed graph (its forward depends on the data); "
                "write it without branches on values."
            ) from error
    return fx.GraphModule(tracer.root, graph, type(module).__name__)
