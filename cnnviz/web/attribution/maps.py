"""Attribution maps that visitors share: each is computed once, and what is kept is bounded."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from torch import Tensor

from cnnviz.attribution.methods import Attribution, Method, Options, attribute
from cnnviz.attribution.preparation import InputRange, Mistake, find_range, make_mistake
from cnnviz.imaging import CheckedImage
from cnnviz.inference import Prediction, load_model, predict
from cnnviz.web.caches import get_facts, get_input

# Methods that read a layer; the others are the same whatever the slider says.
OF_LAYERS = (Method.GRAD_CAM, Method.GRAD_CAM_PLUS_PLUS, Method.GUIDED_GRAD_CAM)
_MOST_BYTES = 96 * 2**20
# Multiply-adds that take about a second on one core, there and back.
_MOST_AT_ONCE = 15e9
_BOTH_WAYS = 3
_MANY_PASSES = {
    Method.SMOOTHGRAD: Options().samples,
    Method.INTEGRATED_GRADIENTS: Options().steps,
}


@dataclass(frozen=True, slots=True)
class MapKey:
    """What a map is of.

    Attributes:
        network: Name in the registry.
        digest: Of the picture.
        mistake: What went wrong with its preprocessing.
        method: How it is computed.
        target: Index of the class.
        layer: Layer that is read; None for methods that read none.
    """

    network: str
    digest: str
    mistake: Mistake
    method: Method
    target: int
    layer: str | None


_KEPT: OrderedDict[MapKey, Attribution] = OrderedDict()
_LOCK = threading.Lock()


def name_map(
    network: str,
    picture: CheckedImage,
    *,
    method: Method,
    target: int,
    layer: str | None,
    mistake: Mistake = Mistake.NONE,
) -> MapKey:
    """Name a map."""
    reads = layer if method in OF_LAYERS else None
    return MapKey(network, picture.digest, mistake, method, target, reads)


def find_map(key: MapKey) -> Attribution | None:
    """Return a map that was computed before; None where it was not, or was let go."""
    with _LOCK:
        if key in _KEPT:
            _KEPT.move_to_end(key)
        return _KEPT.get(key)


def get_map(
    key: MapKey, picture: CheckedImage, *, report: Callable[[float], None] | None = None
) -> Attribution:
    """Return a map, computed now where it is not there.

    Raises:
        NetworkError: There is no such layer.
        AttributionError: The method does not apply.
    """
    found = find_map(key)
    if found is not None:
        return found
    made = attribute(
        load_model(key.network),
        get_wrong_input(key.network, picture, key.mistake),
        method=key.method,
        target=key.target,
        layer=key.layer,
        report=report or (lambda _share: None),
    )
    with _LOCK:
        _KEPT[key] = made
        while len(_KEPT) > 1 and sum(map(_count_bytes, _KEPT.values())) > _MOST_BYTES:
            _KEPT.popitem(last=False)
    return made


def _count_bytes(made: Attribution) -> int:
    return sum(each.nbytes for each in (made.values, made.pixels) if each is not None)


def count_work(network: str) -> int:
    """Multiply-adds of one picture."""
    return sum(facts.multiply_adds for facts in get_facts(network).values())


def is_light(network: str, method: Method) -> bool:
    """Whether a map may be computed while the visitor waits; others go into the line."""
    passes = _MANY_PASSES.get(method, 1)
    return passes * _BOTH_WAYS * count_work(network) < _MOST_AT_ONCE


def fits_checks(network: str, method: Method) -> bool:
    """Whether a method may be asked again and again, in a check that is in the line itself."""
    return method not in _MANY_PASSES or is_light(network, method)


@st.cache_resource(max_entries=32, show_spinner=False)
def get_range(network: str) -> InputRange:
    """Return what a network's preprocessing makes of black and white.

    Raises:
        AttributionError: It makes one value of both.
    """
    return find_range(load_model(network).spec.preprocessing)


def _digest(picture: CheckedImage) -> str:
    return picture.digest


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={CheckedImage: _digest})
def get_wrong_input(network: str, picture: CheckedImage, mistake: Mistake) -> Tensor:
    """Return a picture as a network's input after a mistake, (1, C, H, W)."""
    x = get_input(network, picture)
    return x if mistake is Mistake.NONE else make_mistake(x, get_range(network), mistake=mistake)


@st.cache_resource(max_entries=128, show_spinner=False, hash_funcs={CheckedImage: _digest})
def get_guesses(network: str, picture: CheckedImage, mistake: Mistake = Mistake.NONE) -> Prediction:
    """Return what a network says of a picture, after a mistake or none."""
    return predict(load_model(network), get_wrong_input(network, picture, mistake))
