"""Which values of a traced network depend on what is in an image, and which on its size alone."""

from torch import fx

# What these yield is known from a tensor's size and type alone.
_SIZES = frozenset(
    {
        *("shape", "size", "dim", "ndim", "ndimension", "numel", "nelement", "dtype", "device"),
        *("is_cuda", "is_floating_point", "is_complex", "is_contiguous", "requires_grad", "layout"),
        *("get_device", "element_size", "itemsize", "stride", "__len__", "len", "type"),
    }
)


def depends_on_image(node: fx.Node) -> bool:
    """Whether a node's value depends on what is in the image, not only on its size."""
    seen: set[fx.Node] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        if current.op == "placeholder":
            return True
        if not reads_sizes(current):
            waiting += current.all_input_nodes
    return False


def reads_sizes(node: fx.Node) -> bool:
    """Whether a node yields a size, a type or the like: known without what is in the tensor."""
    if node.op == "call_function" and node.target is getattr:
        return node.args[1] in _SIZES
    return str(getattr(node.target, "__name__", node.target)) in _SIZES and node.op in (
        "call_function",
        "call_method",
    )


def list_image_nodes(traced: fx.GraphModule) -> set[fx.Node]:
    """Return the nodes whose values depend on what is in the image, not only on its size."""
    found: set[fx.Node] = set()
    for node in traced.graph.nodes:
        if node.op == "placeholder" or (
            not reads_sizes(node) and not found.isdisjoint(node.all_input_nodes)
        ):
            found.add(node)
    return found
