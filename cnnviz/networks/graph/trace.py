"""Tracing a network while other threads run theirs.

torch.fx replaces nn.Module's own call for the whole process while it traces, so a network that
another thread runs at that moment would be taken for a part of the traced one. Here only the
tracing thread is traced, and one at a time.

Where Python needs a size (a loop over `x.shape`, an `assert`, a branch on the number of channels),
it gets that of one image of the network's own. Branches on what is in an image are refused.
"""

import inspect
import operator
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from types import FunctionType, MethodType, ModuleType
from typing import Any, cast

import torch
from torch import Tensor, fx, nn
from torch.fx.proxy import Attribute, Proxy

from cnnviz.errors import NetworkError
from cnnviz.networks.graph.places import (
    PLACE,
    describe_error,
    describe_place,
    find_line,
    find_place,
)
from cnnviz.networks.graph.sizes import depends_on_image

Shape = tuple[int, int, int]

_TRACING = threading.Lock()
WRITTEN = "written"  # of a node's meta: the author wrote its result over what it reads
_FACTORIES = ("zeros", "ones", "empty", "full", "rand", "randn", "arange", "linspace", "eye")
_RECORDED = ("einops",)  # libraries whose functions and layers are taken whole


class _UntraceableError(Exception):
    """The reason why a forward has no fixed graph; the line is found on its way up."""


class _SizedProxy(Proxy):
    """A value that is not computed yet, but whose sizes are known."""

    tracer: "_OwnThreadTracer"

    def __getattr__(self, k: str) -> "Attribute":
        return _SizedAttribute(self, k)

    def __index__(self) -> int:
        return int(self.tracer.find_value(self.node, "a whole number"))

    __int__ = __index__

    def __float__(self) -> float:
        return float(self.tracer.find_value(self.node, "a number"))

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.tracer.find_value(self.node, "a number"), digits)

    def __len__(self) -> int:
        return self.tracer.find_length(self.node)

    def __contains__(self, key: Any) -> bool:
        return key in self.tracer.find_value(self.node, "a list of sizes")

    def __iadd__(self, other: Any) -> Any:
        return self._write(operator.add, other)

    def __isub__(self, other: Any) -> Any:
        return self._write(operator.sub, other)

    def __imul__(self, other: Any) -> Any:
        return self._write(operator.mul, other)

    def __itruediv__(self, other: Any) -> Any:
        return self._write(operator.truediv, other)

    def _write(self, function: Callable[..., Any], other: Any) -> Any:
        """Record `x += y` as x + y, which is the same unless another name sees the same numbers."""
        written = self.tracer.create_proxy("call_function", function, (self, other), {})
        written.node.meta[WRITTEN] = True
        return written

    def __setitem__(self, key: Any, value: Any) -> None:
        raise _UntraceableError(
            "writes into a tensor{place}, which cannot be traced; make a new one with torch.cat, "
            "torch.where or a product with a mask"
        )


class _SizedAttribute(_SizedProxy, Attribute):
    """An attribute of such a value: its shape, or a method."""


class _OwnThreadTracer(fx.Tracer):
    """Records the calls of the thread that made it and lets all others through."""

    def __init__(self, example: Tensor | None) -> None:
        super().__init__()
        self._thread = threading.get_ident()
        self._example = example
        self._values: dict[fx.Node, Any] = {}
        self._is_evaluating = False
        self.fresh: dict[str, nn.Module] = {}

    def is_other(self) -> bool:
        """Whether this call is not a part of what is traced."""
        return threading.get_ident() != self._thread or self._is_evaluating

    def proxy(self, node: fx.Node) -> Proxy:
        return _SizedProxy(node, self)

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        if type(m).__module__.partition(".")[0] in _RECORDED:
            return True
        return bool(super().is_leaf_module(m, module_qualified_name))

    def create_args_for_root(
        self,
        root_fn: Callable[..., Any],
        is_module: bool,  # noqa: FBT001, ARG002  (fx's signature)
        concrete_args: Any = None,  # noqa: ARG002
    ) -> tuple[Any, list[Any]]:
        """One placeholder for the image; other arguments keep the defaults of their author."""
        parameters = list(inspect.signature(inspect.unwrap(root_fn)).parameters.values())[1:]
        if not parameters or parameters[0].kind is inspect.Parameter.KEYWORD_ONLY:
            raise _UntraceableError(
                "has a forward that takes no image; give it an argument for that"
            )
        for more in parameters[1:]:
            if more.default is more.empty and more.kind not in (
                more.VAR_POSITIONAL,
                more.VAR_KEYWORD,
            ):
                raise _UntraceableError(
                    f"has a forward that also asks for “{more.name}”; give that a default value"
                )
        return root_fn, [self.root, self.create_proxy("placeholder", parameters[0].name, (), {})]

    def create_node(self, *args: Any, **kwargs: Any) -> fx.Node:
        node = super().create_node(*args, **kwargs)
        place = find_place(sys._getframe())
        if place is not None:
            node.meta[PLACE] = place
        return node

    def call_module(
        self,
        m: nn.Module,
        forward: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        if self.is_other():
            return forward(*args, **kwargs)
        if m not in self.submodule_paths:  # type: ignore[operator]
            self._adopt(m)
        return super().call_module(m, forward, args, kwargs)

    def _adopt(self, module: nn.Module) -> None:
        """Give a layer that is made in the forward, `nn.ReLU()(x)`, a name of its own."""
        kind = type(module).__name__
        if any(True for _ in module.parameters()):
            raise _UntraceableError(
                f"makes a layer with weights in its forward{{place}} ({kind}), so they are new for "
                "every image; make it in __init__"
            )
        number = 1
        while hasattr(self.root, f"{kind.lower()}_{number}") or (
            f"{kind.lower()}_{number}" in self.fresh
        ):
            number += 1
        own = f"{kind.lower()}_{number}"
        self.fresh[own] = module
        for path, part in module.named_modules(prefix=own):
            self.submodule_paths[part] = path  # type: ignore[index]

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        if self.is_other():
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)

    def to_bool(self, obj: Proxy) -> bool:
        return bool(self.find_value(obj.node, None))

    def iter(self, obj: Proxy) -> Iterator[Any]:
        return iter([cast(Any, obj)[index] for index in range(self.find_length(obj.node))])

    def find_length(self, node: fx.Node) -> int:
        """How many parts a value has; of a tensor that is a size, whatever is in it."""
        return len(self._evaluate(node))

    def find_value(self, node: fx.Node, wanted: str | None) -> Any:
        """The value of a node that follows from sizes alone.

        Args:
            node: The node.
            wanted: What it is turned into; None for a branch.

        Raises:
            _UntraceableError: It depends on what is in the image.
        """
        if depends_on_image(node):
            what = f"turns a value into {wanted}" if wanted else "branches on values"
            raise _UntraceableError(
                f"has no fixed graph: its forward {what}{{place}}; keep values in tensors, and "
                "choose with torch.where"
            )
        return self._evaluate(node)

    def _evaluate(self, node: fx.Node) -> Any:
        """Run a node and what it needs on one image."""
        if self._example is None:
            raise _UntraceableError("needs its input's size while it is traced")
        if node in self._values:
            return self._values[node]
        for source in node.all_input_nodes:
            self._evaluate(source)
        self._is_evaluating = True
        try:
            with torch.no_grad():
                self._values[node] = self._run(node)
        finally:
            self._is_evaluating = False
        return self._values[node]

    def _run(self, node: fx.Node) -> Any:
        if node.op == "placeholder":
            return self._example
        if node.op == "get_attr":
            return _read_path(self.root, str(node.target))
        args, kwargs = fx.node.map_arg((node.args, node.kwargs), self._values.__getitem__)
        if node.op == "call_module":
            path = str(node.target)
            return read_part(self.root, self.fresh, path)(*args, **kwargs)
        if node.op == "call_method":
            return getattr(args[0], str(node.target))(*args[1:], **kwargs)
        return node.target(*args, **kwargs)  # type: ignore[operator]


def _read_path(root: Any, path: str) -> Any:
    for name in path.split("."):
        root = getattr(root, name)
    return root


def _list_recorded() -> list[tuple[ModuleType, str, Callable[..., Any]]]:
    """Where functions of libraries that are taken whole stand by name: file, name, function."""
    libraries = [sys.modules[name] for name in _RECORDED if name in sys.modules]
    functions = {
        id(value)
        for library in libraries
        for value in vars(library).values()
        if isinstance(value, FunctionType)
    }
    return [
        (home, name, value)
        for home in list(sys.modules.values() if functions else ())
        if isinstance(home, ModuleType)
        for name, value in list(vars(home).items())
        if id(value) in functions
    ]


@lru_cache(maxsize=256)
def _name_function(function: type[torch.autograd.Function]) -> Callable[..., Any]:
    """A function of one's own with a backward of its own, as one operation of the graph."""

    def call(*args: Any) -> Any:
        return function.apply(*args)  # type: ignore[no-untyped-call]

    call.__name__, call.__module__ = function.__name__, function.__module__
    return call


@contextmanager
def _record_more(tracer: _OwnThreadTracer, module: nn.Module) -> Iterator[None]:
    """Record what torch's own parser would refuse of a value that is not computed yet.

    Functions with a backward of their own are taken whole, and tensors may be made in the size of
    others.
    """
    patched: list[tuple[Any, str, Any]] = []

    def patch(home: Any, name: str, value: Any) -> None:
        patched.append((home, name, home.__dict__[name]))
        setattr(home, name, value)

    original = torch.autograd.Function.__dict__["apply"].__func__

    def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if not tracer.is_other() and _holds_proxy(args):
            return tracer.create_proxy("call_function", _name_function(cls), args, kwargs)
        return original(cls, *args, **kwargs)

    try:
        patch(torch.autograd.Function, "apply", classmethod(apply))
        for name in _FACTORIES:
            patch(torch, name, _record_call(tracer, getattr(torch, name)))
        for home, name, function in _list_recorded():
            patch(home, name, _record_call(tracer, function))
        for home, name, function in _list_bound(module):
            patch(home, name, lambda *args, function=function: apply(function, *args))
        yield
    finally:
        for home, name, value in reversed(patched):
            setattr(home, name, value)


def _holds_proxy(values: Any) -> bool:
    found: list[Any] = []
    fx.node.map_aggregate(values, lambda value: found.append(isinstance(value, Proxy)))
    return any(found)


def _record_call(tracer: _OwnThreadTracer, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not tracer.is_other() and _holds_proxy((args, kwargs)):
            return tracer.create_proxy("call_function", function, args, kwargs)
        return function(*args, **kwargs)

    return call


def _list_bound(module: nn.Module) -> list[tuple[ModuleType, str, Any]]:
    """Names such as `swish = Swish.apply` in the files of a network: file, name, function."""
    homes = {
        home
        for part in module.modules()
        if (home := sys.modules.get(type(part).__module__)) is not None
        and not type(part).__module__.startswith("torch.")
    }
    return [
        (home, name, value.__self__)
        for home in homes
        for name, value in vars(home).items()
        if isinstance(value, MethodType)
        and isinstance(value.__self__, type)
        and issubclass(value.__self__, torch.autograd.Function)
        and value.__name__ == "apply"
    ]


def trace_module(module: nn.Module, *, input_shape: Shape | None = None) -> fx.GraphModule:
    """Trace a network into its graph, while other threads go on with theirs.

    Args:
        module: A network in evaluation mode.
        input_shape: One image, (C, H, W); a forward that counts with its input's sizes needs it.

    Raises:
        NetworkError: Its forward depends on the data, so there is no fixed graph.
    """
    name = type(module).__name__
    with _TRACING:
        tracer = _OwnThreadTracer(_make_example(module, input_shape))
        try:
            with _record_more(tracer, module):
                graph = tracer.trace(module)
        except _UntraceableError as reason:
            where = describe_place(find_line(reason.__traceback__))
            raise NetworkError(f"{name} {str(reason).format(place=where)}.") from reason
        except Exception as error:  # an author's forward may raise anything
            place = find_line(error.__traceback__)
            raise NetworkError(
                f"{name} cannot be traced{describe_place(place)} ({describe_error(error)}); write "
                "its forward with torch's own functions and layers."
            ) from error
        root = _gather(tracer, graph) if tracer.fresh else tracer.root
    traced = fx.GraphModule(root, graph, name)
    traced.training = module.training
    return traced


def _make_example(module: nn.Module, input_shape: Shape | None) -> Tensor | None:
    if input_shape is None:
        return None
    device = next((each.device for each in (*module.parameters(), *module.buffers())), None)
    return torch.zeros(1, *input_shape, device=device)


def read_part(root: nn.Module, fresh: dict[str, nn.Module], path: str) -> Any:
    """Return what stands at a path of a network, or of a layer that its forward made."""
    first, _, rest = path.partition(".")
    if first not in fresh:
        return _read_path(root, path)
    return _read_path(fresh[first], rest) if rest else fresh[first]


def _gather(tracer: _OwnThreadTracer, graph: fx.Graph) -> dict[str, Any]:
    """The modules and parameters of a graph by path, with those made in the forward."""
    paths = [str(node.target) for node in graph.nodes if node.op in ("call_module", "get_attr")]
    return {path: read_part(tracer.root, tracer.fresh, path) for path in paths}
