"""Names for people, made of a traced network: where a layer stands, and what it does there.

“layer2, block 1, conv1 after ReLU”, “inception 4a, 3×3 branch”, “dense block 1, layer 2,
concatenation”. The words come from the modules' own names, shapes and order, so they serve
networks that nobody has seen before as well.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from torch import fx, nn

from cnnviz.networks.graph.layers import Graph, Layer, LayerKind

_CHAINS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
# A block of more layers is too large a piece to look at; its parts are taken in its place.
_MAX_IN_UNIT = 60
# Containers that say nothing of their own.
_SILENT = frozenset({"features", "layers", "blocks", "conv", "block", "encoder", "trunk_output"})
_ORDINALS = ("", "second ", "third ", "fourth ", "fifth ", "sixth ")
_CLASS_WORDS = {"SqueezeExcitation": "squeeze-and-excitation", "Fire": "fire"}
_NAMED_ONCE = frozenset({"squeeze-and-excitation"})
# The paper counts its first convolution as the first of them.
_FIRST_NUMBER = {"Fire": 2}
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"denseblock(\d+)", r"dense block \1"),
        (r"denselayer(\d+)", r"layer \1"),
        (r"transition(\d+)", r"transition \1"),
        (r"inception(\w+)", r"inception \1"),
        (r"Mixed_(\w+)", r"mixed \1"),
        (r"Conv2d_(\w+)_(\d+)x(\d+)", r"conv \1, \2×\3"),
        (r"stage(\d+)", r"stage \1"),
        (r"block\d+-(\d+)", r"block #\1"),
        (r"block(\d+)", r"stage \1"),
        (r"encoder_layer_(\d+)", r"layer #\1"),
        (r"downsample", r"shortcut"),
        (r"expand(\d)x(\d)", r"\1×\2 expand"),
        (r"branch_pool", r"pooling branch"),
        (r"branch(\d)x(\d)", r"\1×\2 branch"),
        (r"branch(\d)x(\d)x(\d)_(\w+)", r"\1×\2×\3 branch, layer \4"),
        (r"branch(\d)x(\d)(?:dbl|stack)_(\w+)", r"double \1×\2 branch, layer \3"),
        (r"branch(\d)x(\d)_(\w+)", r"\1×\2 branch, layer \3"),
    )
)
_ACTIVATION_WORDS = {
    "relu": "ReLU",
    "SiLU": "SiLU",
    "silu": "SiLU",
    "gelu": "GELU",
    "Hardswish": "hard-swish",
    "Hardsigmoid": "hard sigmoid",
    "Sigmoid": "sigmoid",
    "Softmax": "softmax",
}


def name_layers(graph: Graph, *, titles: Mapping[str, str]) -> Graph:
    """Name the layers of a traced network, and the blocks that they belong to.

    Args:
        graph: The network; the names that its layers bear are replaced.
        titles: Names that go before ours, by layer name.
    """
    nodes = {
        "input" if node.op == "placeholder" else node.name: node
        for node in graph.traced.graph.nodes
    }
    words = _Words(graph.traced)
    cores = {layer.name: words.name_core(nodes[layer.name], layer.kind) for layer in graph.layers}
    counts = Counter(cores[layer.name] for layer in graph.layers if layer.kind not in _FOLLOWERS)
    taken: Counter[str] = Counter()
    found: dict[str, str] = {}
    for layer in graph.layers:
        title = _follow(layer, found)
        if title is None:
            title = cores[layer.name]
            if counts[title] > 1:
                taken[title] += 1
                title = f"{title} {taken[title]}"
        found[layer.name] = titles.get(layer.name, title)
    found = _disambiguate(found)
    layers = tuple(
        replace(layer, title=found[layer.name], unit=words.name_unit(nodes[layer.name]))
        for layer in graph.layers
    )
    return Graph(traced=graph.traced, layers=layers)


_FOLLOWERS = frozenset({LayerKind.NORMALIZATION, LayerKind.ACTIVATION, LayerKind.DROPOUT})


def title_layers(layers: Sequence[Layer]) -> dict[str, str]:
    """Return the layers' titles by name, each made the only one of its kind."""
    titles: dict[str, str] = {}
    taken: set[str] = set()
    for layer in layers:
        is_taken = layer.title in taken
        titles[layer.name] = f"{layer.title}, {layer.name}" if is_taken else layer.title
        taken.add(titles[layer.name])
    return titles


def _follow(layer: Layer, titles: Mapping[str, str]) -> str | None:
    """Name a layer after the one it changes: “conv1 normalized”, “conv1 after ReLU”."""
    if layer.kind not in _FOLLOWERS or not layer.inputs:
        return None
    name = re.split(r" normalized| after ", titles[layer.inputs[0]])[0]
    if layer.kind is LayerKind.NORMALIZATION:
        return f"{name} normalized"
    return f"{name} after {_name_follower(layer)}"


def _name_follower(layer: Layer) -> str:
    if layer.kind is LayerKind.DROPOUT:
        return "dropout"
    name = type(layer.module).__name__ if layer.module is not None else layer.name
    name = re.sub(r"_?(_\d+)?$", "", name.rpartition(".")[2])
    return _ACTIVATION_WORDS.get(name, name)


def _disambiguate(titles: Mapping[str, str]) -> dict[str, str]:
    """Number the titles that occur more than once."""
    counts = Counter(titles.values())
    taken: Counter[str] = Counter()
    apart = {}
    for name, title in titles.items():
        taken[title] += 1
        apart[name] = f"{title} ({taken[title]})" if counts[title] > 1 else title
    return apart


class _Words:
    """The words for the modules of one network."""

    def __init__(self, traced: fx.GraphModule) -> None:
        self._traced = traced
        self._scopes = {node: _find_scope(node) for node in traced.graph.nodes}
        self._types = _read_types(traced)
        self._sizes = Counter(path for scope in self._scopes.values() for path in scope)
        self._known: dict[str, str] = {}

    def name_core(self, node: fx.Node, kind: LayerKind) -> str:
        """Name a layer by its place and its own name, before any numbering."""
        if kind is LayerKind.INPUT:
            return "Input"
        place = [self._name_container(path) for path in self._scopes[node]]
        if node.op == "call_module":
            path = str(node.target)
            parent = path.rpartition(".")[0]
            # A container of one convolution gives it its own name.
            if not (parent and place[-1] and self._count_cores(parent) == 1):
                place.append(self._name_leaf(path))
        else:
            place.append(_name_operation(node, kind))
        return ", ".join(filter(None, place))

    def name_unit(self, node: fx.Node) -> str:
        """Name the block that a layer belongs to; empty where it stands alone."""
        scope = self._scopes[node]
        for depth, path in enumerate(scope):
            is_chain = issubclass(self._type_of(path), _CHAINS)
            if not is_chain and self._sizes[path] <= _MAX_IN_UNIT:
                return ", ".join(filter(None, map(self._name_container, scope[: depth + 1])))
        return ""

    def _name_container(self, path: str) -> str:
        if path not in self._known:
            self._known[path] = self._find_container_name(path)
        return self._known[path]

    def _find_container_name(self, path: str) -> str:
        parent, _, name = path.rpartition(".")
        siblings = self._list_children(parent)
        if name not in siblings:
            return ""  # a module of plain functions, of which the trace keeps nothing
        if re.fullmatch(r"branch\d", name):
            return _name_branch(name, siblings)
        if not name.isdecimal():
            return "" if name in _SILENT else _apply_rules(name)
        cores = _list_cores(siblings[name])
        return _describe(cores[0]) if len(cores) == 1 else self._name_numbered(path)

    def _name_numbered(self, path: str) -> str:
        """Name a container that its author only numbered, by its class and its place."""
        parent, _, name = path.rpartition(".")
        own = self._type_of(path)
        word = _CLASS_WORDS.get(own.__name__, "stage" if own is nn.Sequential else "block")
        alike = [
            key
            for key, each in self._list_children(parent).items()
            if (key == name or len(_list_cores(each)) > 1)
            and self._is_alike(own, self._type_of(f"{parent}.{key}" if parent else key))
        ]
        if word in _NAMED_ONCE and len(alike) == 1:
            return word
        return f"{word} {alike.index(name) + _FIRST_NUMBER.get(own.__name__, 1)}"

    def _is_alike(self, own: type, other: type) -> bool:
        """Whether two neighbours are counted together: of one special class, or both blocks."""
        if own.__name__ in _CLASS_WORDS:
            return own is other
        return (own is nn.Sequential) is (other is nn.Sequential)

    def _type_of(self, path: str) -> type:
        # Lists of modules are not called, so no layer tells their type.
        return self._types.get(path, nn.ModuleList)

    def _name_leaf(self, path: str) -> str:
        name = path.rpartition(".")[2]
        if not name.isdecimal():
            return _apply_rules(name)
        return _describe(self._traced.get_submodule(path))

    def _count_cores(self, path: str) -> int:
        return len(_list_cores(self._traced.get_submodule(path)))

    def _list_children(self, parent: str) -> dict[str, nn.Module]:
        try:
            return dict(self._traced.get_submodule(parent).named_children())
        except AttributeError:
            return {}


def _find_scope(node: fx.Node) -> tuple[str, ...]:
    """Paths of the modules that a node lies in, the outermost first, without the root."""
    stack = node.meta.get("nn_module_stack") or {}
    paths = [str(path) for path, _ in stack.values() if path]
    own = str(node.target) if node.op == "call_module" else ""
    innermost = own.rpartition(".")[0] if own else (paths[-1] if paths else "")
    parts = innermost.split(".") if innermost else []
    return tuple(".".join(parts[: end + 1]) for end in range(len(parts)))


def _read_types(traced: fx.GraphModule) -> dict[str, type]:
    """Classes of the containers by path; the traced network itself has forgotten them."""
    return {
        str(path): kind
        for node in traced.graph.nodes
        for path, kind in (node.meta.get("nn_module_stack") or {}).values()
    }


def _list_cores(module: nn.Module) -> list[nn.Module]:
    """The layers in a module that compute something of their own."""
    return [
        part
        for part in module.modules()
        if isinstance(part, nn.Conv2d | nn.Linear | nn.MaxPool2d | nn.AvgPool2d)
        or type(part).__name__.startswith("Adaptive")
    ]


def _apply_rules(name: str) -> str:
    for pattern, words in _RULES:
        found = pattern.fullmatch(name)
        if found:
            # “#3” counts from 0 in the code and from 1 for people.
            return re.sub(r"#(\d+)", lambda hit: str(int(hit[1]) + 1), found.expand(words))
    return name.replace("_", " ")


def _name_branch(name: str, siblings: dict[str, nn.Module]) -> str:
    """Name a branch by its largest kernel, or by its pooling."""
    described = {
        key: _describe_branch(module)
        for key, module in siblings.items()
        if re.fullmatch(r"branch\d", key)
    }
    own = described[name]
    before = [key for key in list(described) if described[key] == own].index(name)
    return f"{_ORDINALS[before]}{own} branch"


def _describe_branch(module: nn.Module) -> str:
    cores = _list_cores(module)
    kernels = [part.kernel_size for part in cores if isinstance(part, nn.Conv2d)]
    if len(kernels) < len(cores) or not kernels:
        return "pooling" if cores else "untouched"
    high, wide = max(kernels)[:2]
    return f"{high}×{wide}"


def _describe(module: nn.Module) -> str:
    """Say what a layer without a name of its own is."""
    if isinstance(module, nn.Conv2d):
        high, wide = module.kernel_size[:2]
        depthwise = "depthwise " if 1 < module.groups == module.in_channels else ""
        return f"{depthwise}{high}×{wide} convolution"
    if isinstance(module, nn.Linear):
        return "linear layer"
    name = type(module).__name__
    if "Pool" in name:
        return "max pooling" if "Max" in name else "average pooling"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _name_operation(node: fx.Node, kind: LayerKind) -> str:
    name = str(getattr(node.target, "__name__", node.target)).strip("_")
    if kind in (LayerKind.RESHAPE, LayerKind.OTHER, LayerKind.ACTIVATION):
        return {"flatten": "vector", "getitem": "part"}.get(name, name.replace("_", " "))
    return str(kind)
