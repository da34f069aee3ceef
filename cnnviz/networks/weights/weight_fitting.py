"""Weights of others fitted into a network, by torch's own rules of `load_state_dict`.

Training programs wrap a state_dict in dictionaries and put prefixes before its names. Each wrapping
and prefix is tried, and one is taken off only if the rest then fits.
"""

import copy
import warnings
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from cnnviz.errors import WeightsError
from cnnviz.networks.weights.checkpoints import Content, list_tables

# Where training programs keep the weights, the usual ones first; others follow in their order.
_USUAL_PLACES = ("", "state_dict", "model_state_dict", "model", "net", "network", "module")
# Put before names by wrappers that train in parallel, compile or average, wherever they stand.
_WRAPPERS = frozenset({"module", "_orig_mod"})
_MAX_PREFIXES = 4
# Training programs keep a handful of networks side by side; more would only keep the reader busy.
_MAX_SIDE_BY_SIDE = 20
_MAX_CANDIDATES = 100
# Counted in training only: absent from files older than it, and the averages' own.
_COUNTER = "num_batches_tracked"
_AVERAGED = "n_averaged"
_WHOLE = (torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)

State = OrderedDict[str, Tensor]
Rename = Callable[[str], str | None]


def fill_module(
    module: nn.Module,
    state: Content,
    *,
    file: str,
    network: str,
    rename_key: Rename,
) -> None:
    """Copy a weight file's tensors into a module, all of them and nothing else.

    Args:
        module: A module of the network's architecture, on the CPU.
        state: The file's content: tensors by name, perhaps in dictionaries.
        file: Name of the file, for messages.
        network: Name of the network, for messages.
        rename_key: The file's name of a tensor to the module's; None for what is left out.

    Raises:
        WeightsError: A tensor is missing, too many, of another shape or type, or not finite.
    """
    own = module.state_dict()
    nearest, most = OrderedDict[str, Tensor](), -1
    candidates = _list_candidates(state, rename_key, least=len(own) // 2)
    for candidate in islice(candidates, _MAX_CANDIDATES):
        if (fitting := _find_fitting(module, candidate)) is not None:
            _check_numbers(candidate, own, file)
            module.load_state_dict(fitting, strict=False)
            return
        known = sum(key in own for key in candidate)
        if known > most:
            nearest, most = candidate, known
    _check_types(nearest, own, file)
    raise WeightsError(_describe_misfit(nearest, own, file=file, network=network))


def _list_candidates(content: Content, rename_key: Rename, *, least: int) -> Iterator[State]:
    """List the tables of a file with fewer and fewer prefixes, as the network would name them.

    The outermost come as they are; of what lies within, only what has at least so many tensors.
    """
    tables = sorted(list_tables(content), key=lambda table: _rank(table[0]))
    for _, table in tables:
        seen: set[tuple[str, ...]] = set()
        for stripped in _strip_prefixes(table, least=least):
            if (keys := tuple(stripped)) not in seen:
                seen.add(keys)
                yield _rename(stripped, rename_key, with_notes=False)


def _rank(place: str) -> int:
    last = place.rpartition(".")[2]
    return _USUAL_PLACES.index(last) if last in _USUAL_PLACES else len(_USUAL_PLACES)


def _strip_prefixes(table: Mapping[str, Tensor], *, least: int) -> Iterator[State]:
    """List a table as it is, without its wrappers' names, and what lies under each first name."""
    level = [_rename(table, lambda key: key), _rename(table, _drop_wrappers)]
    yield from level
    for _ in range(_MAX_PREFIXES):
        level = [inner for outer in level for inner in _list_inner(outer, least=least)]
        yield from level


def _list_inner(table: State, *, least: int) -> Iterator[State]:
    """List what lies under each first name with so many tensors, the usual ones first."""
    counts = Counter(key.partition(".")[0] for key in table if "." in key)
    firsts = [first for first, count in counts.items() if count >= least]
    for first in sorted(firsts, key=_rank)[:_MAX_SIDE_BY_SIDE]:
        yield _rename(table, partial(_take_off, f"{first}."))


def _take_off(prefix: str, key: str) -> str | None:
    return key.removeprefix(prefix) if key.startswith(prefix) else None


def _drop_wrappers(key: str) -> str:
    return ".".join(part for part in key.split(".") if part not in _WRAPPERS)


def _rename(table: Mapping[str, Tensor], rename: Rename, *, with_notes: bool = True) -> State:
    """Rename a table's tensors, and the modules in torch's notes on versions; None leaves out."""
    renamed = OrderedDict[str, Tensor]()
    for key, value in table.items():
        if key != _AVERAGED and (name := rename(key)) is not None:
            renamed[name] = value
    notes = getattr(table, "_metadata", None)
    if isinstance(notes, Mapping) and with_notes:
        # A prefix comes off a module's name as off its weights'; the network itself has none.
        named = {rename(f"{key}." if key else ""): note for key, note in notes.items()}
        notes = {key.removesuffix("."): note for key, note in named.items() if key is not None}
    return _note_versions(renamed, notes)


def _note_versions(state: State, notes: Any) -> State:
    state._metadata = notes  # type: ignore[attr-defined] # where torch looks for them
    return state


def _copy_shapes(module: nn.Module) -> nn.Module:
    """Copy a module with tensors that have shapes and no values: nothing is spent on a try."""
    memo: dict[int, Any] = {}
    for part in module.modules():
        tensors = [value for value in vars(part).values() if isinstance(value, Tensor)]
        for tensor in (*part._parameters.values(), *part._buffers.values(), *tensors):
            if tensor is not None and not is_lazy(tensor):
                shape = torch.empty_like(tensor, device="meta")
                own = isinstance(tensor, nn.Parameter)
                memo[id(tensor)] = nn.Parameter(shape, requires_grad=False) if own else shape
    return copy.deepcopy(module, memo)


def _find_fitting(module: nn.Module, state: State) -> State | None:
    """Return the state as torch takes it, all of it and nothing else; None where it does not.

    Tried is the version that the file notes, then the version of today.
    """
    today = _note_versions(OrderedDict(state), module.state_dict()._metadata)  # type: ignore[attr-defined]
    return next((each for each in (state, today) if _takes(module, each)), None)


def _takes(module: nn.Module, state: State) -> bool:
    shapes = OrderedDict((key, value.to("meta")) for key, value in state.items())
    _note_versions(shapes, getattr(state, "_metadata", None))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # copying shapes copies nothing, says torch
            wrong = _copy_shapes(module).load_state_dict(shapes, strict=False)
    except (RuntimeError, ValueError, KeyError):
        return False
    return not wrong.unexpected_keys and all(key.endswith(_COUNTER) for key in wrong.missing_keys)


def _check_numbers(state: State, own: Mapping[str, Tensor], file: str) -> None:
    """Refuse tensors that are of no type that weights have, or not finite.

    Raises:
        WeightsError: There is one.
    """
    _check_types(state, own, file)
    for key, value in state.items():
        if not bool(torch.isfinite(value).all()):
            raise WeightsError(
                f"The weight file {file} holds numbers in “{key}” that are infinite or none at "
                "all; train or download it anew."
            )


def _check_types(state: State, own: Mapping[str, Tensor], file: str) -> None:
    for key, value in state.items():
        whole = value.dtype in _WHOLE and key in own and not own[key].is_floating_point()
        strided = value.layout is torch.strided
        if not strided or not (value.dtype in _FLOATS or whole):
            kind = f"{'' if strided else 'sparse '}{str(value.dtype).removeprefix('torch.')}"
            raise WeightsError(
                f"The weight file {file} holds “{key}” as {kind}, a type that weights are not "
                "read from; save them as float32 or float16."
            )


def _describe_misfit(state: State, own: Mapping[str, Tensor], *, file: str, network: str) -> str:
    start = f"The weight file {file} does not fit {network}: it"
    missing = [key for key in own if key not in state and not key.endswith(_COUNTER)]
    surplus = [key for key in state if key not in own]
    for keys, verb in ((missing, "lacks"), (surplus, "has in surplus")):
        if keys:
            return f"{start} {verb} {_describe_keys(keys)}; use the file of this very architecture."
    for key, value in state.items():
        if value.shape != own[key].shape:
            return (
                f"{start}s “{key}” is {_describe_shape(value)}, and the network's is "
                f"{_describe_shape(own[key])}; use the file of this very architecture and number "
                "of classes."
            )
    return f"{start} was written by another version; save the network's state_dict() anew."


def _describe_keys(keys: list[str]) -> str:
    return f"“{keys[0]}”" + (f" and {len(keys) - 1} more" if len(keys) > 1 else "")


def _describe_shape(value: Tensor) -> str:
    return "×".join(map(str, value.shape)) or "a single number"
