"""Attribution maps that visitors share: each is computed once, and what is kept is bounded.

Maps are made while a page runs only for as long as a visitor waits gladly; what would take longer
goes into the server's line. How long a map takes is measured, on this machine as busy as it is.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import streamlit as st
from torch import Tensor

from cnnviz.attribution.completeness import (
    LEAST_STEPS,
    Trial,
    integrate,
    integrate_until_complete,
)
from cnnviz.attribution.elsewhere import choose_pair
from cnnviz.attribution.integrated_gradients import Completeness
from cnnviz.attribution.methods import Attribution, Method, Options, attribute
from cnnviz.attribution.preparation import InputRange, Mistake, find_range, make_mistake
from cnnviz.errors import CNNVizError
from cnnviz.imaging import CheckedImage
from cnnviz.inference import Prediction, load_model, predict
from cnnviz.web.caches import get_facts, get_input

# Methods that read a layer; the others are the same whatever the slider says.
OF_LAYERS = (Method.GRAD_CAM, Method.GRAD_CAM_PLUS_PLUS, Method.GUIDED_GRAD_CAM)
_MOST_BYTES = 96 * 2**20
# A first guess at one core's multiply-adds a second, until a map has been timed.
_SPEED = 15e9
_BOTH_WAYS = 3
_MANY_PASSES = {
    Method.SMOOTHGRAD: Options().samples,
    Method.INTEGRATED_GRADIENTS: Options().steps,
}
_PATIENCE = 1.6


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
        steps: Of integrated gradients; None for as many as they need, and for other methods.
    """

    network: str
    digest: str
    mistake: Mistake
    method: Method
    target: int
    layer: str | None
    steps: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    made: Attribution
    completeness: Completeness | None = None


_KEPT: OrderedDict[MapKey, _Kept] = OrderedDict()
_TIMED: dict[tuple[str, Method], float] = {}  # seconds a pass
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
    kept = _find(key)
    return None if kept is None else kept.made


def find_completeness(key: MapKey) -> Completeness | None:
    """Return how complete integrated gradients are that were computed before; else None."""
    kept = _find(key)
    return None if kept is None else kept.completeness


def _find(key: MapKey) -> _Kept | None:
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
    begun = time.perf_counter()
    tell = report or (lambda _share: None)
    if key.method is Method.INTEGRATED_GRADIENTS:
        trials = _integrate(key, picture, tell)
        for trial in trials:
            _keep(replace(key, steps=trial.steps), _Kept(trial.attribution, trial.completeness))
        last, passes = trials[-1], sum(trial.steps for trial in trials)
        kept = _Kept(last.attribution, last.completeness)
    else:
        kept, passes = _Kept(_attribute(key, picture, tell)), _MANY_PASSES.get(key.method, 1)
    _TIMED[key.network, key.method] = (time.perf_counter() - begun) / passes
    _keep(key, kept)
    return kept.made


def _attribute(key: MapKey, picture: CheckedImage, report: Callable[[float], None]) -> Attribution:
    return attribute(
        load_model(key.network),
        get_wrong_input(key.network, picture, key.mistake),
        method=key.method,
        target=key.target,
        layer=key.layer,
        report=report,
    )


def _integrate(
    key: MapKey, picture: CheckedImage, report: Callable[[float], None]
) -> tuple[Trial, ...]:
    model, x = load_model(key.network), get_wrong_input(key.network, picture, key.mistake)
    if key.steps is None:
        return integrate_until_complete(model, x, target=key.target, report=report)
    options = Options(steps=key.steps)
    return (integrate(model, x, target=key.target, options=options, report=report),)


def _keep(key: MapKey, kept: _Kept) -> None:
    with _LOCK:
        _KEPT[key] = kept
        while len(_KEPT) > 1 and sum(map(_count_bytes, _KEPT.values())) > _MOST_BYTES:
            _KEPT.popitem(last=False)


def _count_bytes(kept: _Kept) -> int:
    return sum(each.nbytes for each in (kept.made.values, kept.made.pixels) if each is not None)


def count_work(network: str) -> int:
    """Multiply-adds of one picture."""
    return sum(facts.multiply_adds for facts in get_facts(network).values())


def estimate_seconds(key: MapKey) -> float:
    """Say how long a map will take: as the last of its kind did, or by the network's work."""
    timed = _TIMED.get((key.network, key.method), _BOTH_WAYS * count_work(key.network) / _SPEED)
    if key.method is Method.INTEGRATED_GRADIENTS:
        return timed * (key.steps or 2 * LEAST_STEPS)
    return timed * _MANY_PASSES.get(key.method, 1)


class Patience:
    """How long a visitor still waits in this run of the page."""

    def __init__(self, seconds: float | None = None) -> None:
        self._end = time.monotonic() + (_PATIENCE if seconds is None else seconds)

    def make(
        self, keys: Iterable[MapKey], picture: CheckedImage, *, coming: frozenset[MapKey]
    ) -> tuple[MapKey, ...]:
        """Make what there is time for, and return what is missing, the quickest first.

        Args:
            keys: Maps, the most wanted first.
            picture: Of what.
            coming: Maps that a job makes already; they are not made twice.
        """
        missing = []
        for key in dict.fromkeys(keys):
            if find_map(key) is not None:
                continue
            if key in coming or estimate_seconds(key) > self._end - time.monotonic():
                missing.append(key)
                continue
            try:
                get_map(key, picture)
            except CNNVizError:
                continue  # its panel tells why
        return tuple(sorted(missing, key=estimate_seconds))


def fits_checks(network: str, method: Method) -> bool:
    """Whether a method may be asked again and again, in a check that is in the line itself."""
    passes = _MANY_PASSES.get(method, 1)
    return passes == 1 or passes * _BOTH_WAYS * count_work(network) < _SPEED


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


@st.cache_resource(max_entries=128, show_spinner=False, hash_funcs={CheckedImage: _digest})
def get_pair(network: str, picture: CheckedImage) -> tuple[int, int]:
    """Return the two classes to ask about first."""
    return choose_pair(load_model(network), get_input(network, picture))
