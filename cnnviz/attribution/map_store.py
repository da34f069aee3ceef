"""Attribution maps that visitors share: each is computed once, and what is kept is bounded.

Maps are made at once only for as long as a visitor waits gladly; what would take longer is for the
server's line. How long a map takes is measured, on this machine as busy as it is.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from torch import Tensor

from cnnviz.activations.maps import find_peak
from cnnviz.attribution.attribute import (
    Attribution,
    Method,
    Options,
    Tunnel,
    refine_attribution,
)
from cnnviz.attribution.checks.completeness import (
    Completeness,
    adds_up,
    check_completeness,
)
from cnnviz.attribution.checks.preparation import InputRange, Mistake, find_range, make_mistake
from cnnviz.attribution.elsewhere import choose_pair
from cnnviz.attribution.methods.completeness import (
    LEAST_STEPS,
    Trial,
    integrate,
    integrate_until_complete,
)
from cnnviz.attribution.methods.worked import CamSum, explain_cam
from cnnviz.attribution.passes import count_passes
from cnnviz.attribution.result import OF_LAYERS, OF_SUPERPIXELS
from cnnviz.cache import SizedLRUCache, estimate_bytes
from cnnviz.cached import get_facts, get_input, get_prediction
from cnnviz.errors import AttributionError, NetworkError
from cnnviz.images.image import CheckedImage
from cnnviz.networks.load import Prediction, load_model, predict

_MAX_BYTES = 96 * 2**20
# A first guess at one core's multiply-adds a second, until a map has been timed.
_SPEED = 15e9
_BOTH_WAYS = 3
_PATIENCE = 1.6
_MAX_QUICK_PASSES = 2
# Of one pass; to choose a pair takes about ten.
_MAX_PAIR_WORK = 2e9
_TERMS = 5
# On a photograph and EfficientNet-Lite0 the ranks of these maps correlate 0.97 to 1.00 with those
# of the usual numbers. Fewer noisy images (0.42 to 0.67) and fewer steps to a neuron (0.51) change
# the maps.
BRIEF = Options(steps=20, permutations=4, covers=150)
_BRIEF_METHODS = (
    Method.LAYER_CONDUCTANCE,
    Method.INTERNAL_INFLUENCE,
    Method.SHAPLEY_SAMPLING,
    Method.KERNEL_SHAP,
    Method.LIME,
)


@dataclass(frozen=True, slots=True)
class MapKey:
    """What a map is of.

    Attributes:
        network: Name in the registry.
        digest: Of the image.
        mistake: What went wrong with its preprocessing.
        method: How it is computed.
        target: Index of the class.
        layer: Layer that is read; None for methods that read none.
        steps: Of integrated gradients; None for as many as they need, and for other methods.
        tunnel: How maps of noisy images are drawn together; none for the image's own map.
        is_brief: Whether fewer passes are to do, for a comparison of many methods.
    """

    network: str
    digest: str
    mistake: Mistake
    method: Method
    target: int
    layer: str | None
    steps: int | None = None
    tunnel: Tunnel = Tunnel.NONE
    is_brief: bool = False

    @property
    def options(self) -> Options:
        """What the method is told."""
        return replace(BRIEF if self.is_brief else Options(), tunnel=self.tunnel)


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    made: Attribution
    completeness: Completeness | None = None


Maps = dict[MapKey, Attribution | str]
Report = Callable[[float, str], None]

_KEPT: SizedLRUCache[MapKey, _Kept] = SizedLRUCache(max_bytes=_MAX_BYTES, shared="maps")
_PAIRS: SizedLRUCache[tuple[str, str], tuple[int, int]] = SizedLRUCache(max_entries=256)
_GUESSES: SizedLRUCache[tuple[str, str, Mistake], Prediction] = SizedLRUCache(max_entries=128)
_SUMS: SizedLRUCache[MapKey, CamSum] = SizedLRUCache(max_bytes=_MAX_BYTES // 8)
# Seconds a pass forward and back.
_TIMED: SizedLRUCache[tuple[str, Method], float] = SizedLRUCache(max_entries=4096, shared="seconds")


def name_map(
    network: str,
    image: CheckedImage,
    *,
    method: Method,
    target: int,
    layer: str | None,
    mistake: Mistake = Mistake.NONE,
    tunnel: Tunnel = Tunnel.NONE,
) -> MapKey:
    """Name a map."""
    reads = layer if method in OF_LAYERS else None
    return MapKey(network, image.digest, mistake, method, target, reads, tunnel=tunnel)


def shorten(key: MapKey) -> MapKey:
    """Name the map of fewer passes, where those hardly change it; else the same one."""
    if key.tunnel is not Tunnel.NONE:
        return key
    if key.method is Method.INTEGRATED_GRADIENTS:
        return replace(key, steps=BRIEF.steps)
    return replace(key, is_brief=key.method in _BRIEF_METHODS)


def find_map(key: MapKey) -> Attribution | None:
    """Return a map that was computed before; None where it was not, or was let go."""
    kept = _KEPT.get(key)
    return None if kept is None else kept.made


def find_completeness(key: MapKey) -> Completeness | None:
    """Return how complete a map is that was computed before; None where it promises no sum."""
    kept = _KEPT.get(key)
    return None if kept is None else kept.completeness


def get_map(
    key: MapKey, image: CheckedImage, *, report: Callable[[float], None] | None = None
) -> Attribution:
    """Return a map, computed now where it is not there.

    Raises:
        NetworkError: There is no such layer.
        AttributionError: The method does not apply.
    """
    tell = report or (lambda _share: None)
    return _KEPT.get_or_load(key, lambda: _make(key, image, tell), size=_count_bytes).made


def _make(key: MapKey, image: CheckedImage, report: Callable[[float], None]) -> _Kept:
    """Compute a map, and note how long it took."""
    begun = time.perf_counter()
    if key.method is Method.INTEGRATED_GRADIENTS:
        trials = _integrate(key, image, report)
        for trial in trials:
            its = _Kept(trial.attribution, trial.completeness)
            if trial.steps != key.steps:
                _KEPT.put(replace(key, steps=trial.steps), its, size=_count_bytes(its))
        kept = its
        passes: float = sum(trial.steps for trial in trials)
    else:
        for share, made in _refine(key, image, report):  # noqa: B007  (the last one is whole)
            report(share)
        kept, passes = _keep(key, image, made), count_passes(key.method, key.options).both_ways
    _note_seconds(key, (time.perf_counter() - begun) / passes)
    return kept


def _note_seconds(key: MapKey, seconds: float) -> None:
    """Note what a pass forward and back took."""
    _TIMED.put((key.network, key.method), seconds, size=8)


def _keep(key: MapKey, image: CheckedImage, made: Attribution) -> _Kept:
    """A map with its sum, where its method promises one."""
    if not adds_up(made):
        return _Kept(made)
    x = get_network_input(key.network, image, key.mistake)
    return _Kept(made, check_completeness(load_model(key.network), x, made))


def _refine(
    key: MapKey, image: CheckedImage, report: Callable[[float], None]
) -> Iterator[tuple[float, Attribution]]:
    return refine_attribution(
        load_model(key.network),
        get_network_input(key.network, image, key.mistake),
        method=key.method,
        target=key.target,
        layer=key.layer,
        options=key.options,
        report=report,
    )


def _integrate(
    key: MapKey, image: CheckedImage, report: Callable[[float], None]
) -> tuple[Trial, ...]:
    model, x = load_model(key.network), get_network_input(key.network, image, key.mistake)
    if key.steps is None:
        return integrate_until_complete(model, x, target=key.target, report=report)
    options = Options(steps=key.steps)
    return (integrate(model, x, target=key.target, options=options, report=report),)


def _count_bytes(kept: _Kept) -> int:
    return estimate_bytes(kept.made)


def count_work(network: str) -> int:
    """Multiply-adds of one image."""
    return sum(facts.multiply_adds for facts in get_facts(network).values())


def estimate_seconds(key: MapKey) -> float:
    """Say how long a map will take: as the last of its kind did, or by the network's work."""
    timed = _TIMED.get((key.network, key.method))
    if timed is None:
        timed = _BOTH_WAYS * count_work(key.network) / _SPEED
    if key.method is Method.INTEGRATED_GRADIENTS:
        return timed * (key.steps or 2 * LEAST_STEPS)
    return timed * count_passes(key.method, key.options).both_ways


def make_quick(
    keys: Iterable[MapKey], image: CheckedImage, *, seconds: float | None = None
) -> Maps:
    """Return the maps that are known or soon made, the most wanted first; others are missing.

    Args:
        keys: Maps, the most wanted first.
        image: Of what.
        seconds: For how long a visitor waits gladly.
    """
    end = time.monotonic() + (_PATIENCE if seconds is None else seconds)
    made: Maps = {}
    for key in dict.fromkeys(keys):
        if find_map(key) is not None or estimate_seconds(key) <= end - time.monotonic():
            made[key] = _try(key, image)
    return made


def _try(
    key: MapKey, image: CheckedImage, report: Callable[[float], None] | None = None
) -> Attribution | str:
    """A map, or the sentence why there is none."""
    try:
        return get_map(key, image, report=report)
    except (AttributionError, NetworkError) as error:
        return str(error)


def make_maps(
    keys: Iterable[MapKey], image: CheckedImage, *, report: Report
) -> Iterator[tuple[float, str, Maps]]:
    """Make maps that take long one by one, the quickest first.

    Args:
        keys: Maps.
        image: Of what.
        report: Called with the share done of all and the method; may raise to end the work.

    Yields:
        The share done, the method, and the maps so far.
    """
    wanted = sorted(dict.fromkeys(keys), key=estimate_seconds)
    made: Maps = {}
    yield 0.0, "starting", {}
    for done, key in enumerate(wanted):
        name = str(key.method)
        tell = share_of(report, done, len(wanted), name)
        if key.method in OF_SUPERPIXELS and find_map(key) is None:
            for share, growing in _grow(key, image, tell):
                made = made | {key: growing}
                yield (done + min(share, 0.99)) / len(wanted), name, made
        else:
            made = made | {key: _try(key, image, tell)}
        yield (done + 1) / len(wanted), name, made


def _grow(
    key: MapKey, image: CheckedImage, report: Callable[[float], None]
) -> Iterator[tuple[float, Attribution | str]]:
    """A map of superpixels while it grows; the last one is kept."""
    begun = time.perf_counter()
    try:
        for share, made in _refine(key, image, report):
            yield share, made
        kept = _keep(key, image, made)
    except (AttributionError, NetworkError) as error:
        yield 1.0, str(error)
        return
    passes = count_passes(key.method, key.options).both_ways
    _note_seconds(key, (time.perf_counter() - begun) / passes)
    _KEPT.put(key, kept, size=_count_bytes(kept))


def share_of(report: Report, done: int, count: int, name: str) -> Callable[[float], None]:
    """Report the share done of one of several as that of all."""
    return lambda share: report((done + share) / count, name)


def fits_checks(network: str, method: Method) -> bool:
    """Whether a method may be asked again and again, in a check that is in the line itself."""
    passes = count_passes(method, Options()).both_ways
    return passes <= _MAX_QUICK_PASSES or passes * _BOTH_WAYS * count_work(network) < _SPEED


def get_range(network: str) -> InputRange:
    """Return what a network's preprocessing makes of black and white.

    Raises:
        AttributionError: It makes one value of both.
    """
    return find_range(load_model(network).spec.preprocessing)


def get_network_input(network: str, image: CheckedImage, mistake: Mistake = Mistake.NONE) -> Tensor:
    """Return an image as a network's input after a mistake or none, (1, C, H, W)."""
    x = get_input(network, image)
    return x if mistake is Mistake.NONE else make_mistake(x, get_range(network), mistake=mistake)


def get_guesses(network: str, image: CheckedImage, mistake: Mistake = Mistake.NONE) -> Prediction:
    """Return what a network predicts for an image, after a mistake or none."""
    return _GUESSES.get_or_load(
        (network, image.digest, mistake),
        lambda: predict(load_model(network), get_network_input(network, image, mistake)),
        size=estimate_bytes,
    )


def get_pair(network: str, image: CheckedImage) -> tuple[int, int]:
    """Return the two classes to ask about first; of a large network the two likeliest."""
    if count_work(network) > _MAX_PAIR_WORK:
        ranking = get_prediction(network, image).ranking
        return ranking[0], ranking[min(1, len(ranking) - 1)]
    return _PAIRS.get_or_load(
        (network, image.digest),
        lambda: choose_pair(load_model(network), get_input(network, image)),
        size=estimate_bytes,
    )


def get_sum(key: MapKey, image: CheckedImage) -> CamSum:
    """Return the brightest cell of Grad-CAM worked out.

    Raises:
        AttributionError: The method does not apply.
        NetworkError: There is no such layer.
    """

    def explain() -> CamSum:
        values = get_map(key, image)
        row, column = find_peak(values.values.numpy())
        return explain_cam(
            load_model(key.network),
            get_network_input(key.network, image, key.mistake),
            target=key.target,
            layer=values.layer or "",
            row=row,
            column=column,
            terms=_TERMS,
        )

    return _SUMS.get_or_load(key, explain, size=estimate_bytes)


def is_quick(key: MapKey) -> bool:
    """Say whether a visitor waits gladly for a map while the page runs."""
    return estimate_seconds(key) <= _PATIENCE
