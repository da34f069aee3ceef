"""One image attacked: with an epsilon, over many of them, or by the least change."""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import torch
from torch import Tensor

from cnnviz.adversarial.gradient import Norm, attack_in_one_step, attack_in_steps, take_step
from cnnviz.adversarial.lbfgs import attack_by_lbfgs
from cnnviz.adversarial.pixel_space import (
    LEVELS,
    compute_gradient,
    make_logits,
    read_back,
    save_as_file,
    score_pixels,
    to_values,
)
from cnnviz.adversarial.rounding import measure_change, round_into_ball
from cnnviz.errors import AttackError
from cnnviz.images.image import Pixels
from cnnviz.networks.load import LoadedModel, Prediction, rank_logits

# Of L-BFGS: what a change costs, in powers of ten; between them the largest that still fools.
_WEIGHT_POWERS = (-3.0, 4.0)
_WEIGHT_TRIES = 9
# Of a first result that comes soon; a longer attack takes its place.
_PREVIEW_STEPS = 4
_PREVIEW_ITERATIONS = 2  # each asks the network several times

Images = tuple["AdversarialImage", ...]


class Method(StrEnum):
    """How an adversarial image is found: in one step, in many, or as the least change."""

    FGSM = "FGSM"
    PGD = "PGD"
    LBFGS = "L-BFGS"


@dataclass(frozen=True, slots=True)
class AttackOptions:
    """What kind of attack.

    Attributes:
        method: How the image is found.
        norm: How its change is bounded; L-BFGS always uses L2.
        steps: Of PGD, or iterations of L-BFGS.
        target: The class to reach; None for any but the first guess.
        random_start: Whether PGD begins at a random point of the ball.
        seed: Of that point, and of the noise to compare with.
    """

    method: Method = Method.PGD
    norm: Norm = Norm.LINF
    steps: int = 20
    target: int | None = None
    random_start: bool = False
    seed: int = 0


def choose_options(
    method: Method, *, norm: Norm, steps: int, target: int | None, random_start: bool
) -> AttackOptions:
    """Return those of the options that a method has, so that equal attacks have equal options."""
    is_fgsm, is_lbfgs = method is Method.FGSM, method is Method.LBFGS
    return AttackOptions(
        method=method,
        norm=Norm.L2 if is_lbfgs else norm,
        steps=1 if is_fgsm else steps,
        target=target,
        random_start=method is Method.PGD and random_start,
    )


@dataclass(frozen=True, slots=True, eq=False)
class AdversarialImage:
    """An image that was changed to fool a network, in 8 bits.

    Attributes:
        network: Name of the network.
        options: How it was made.
        epsilon: The most that could be changed, in levels of 1/255; None for L-BFGS.
        weight: What a change cost in L-BFGS; None for the others.
        original: What the network sees of the image, uint8 (H, W) or (H, W, 3).
        pixels: The same changed, rounded, saved as PNG and read back.
        clean: What the network says of the original.
        unrounded: What it says of the change before rounding.
        prediction: What it says of `pixels`.
        noise: What it says of the original with random noise of the same size.
        label: The first guess on the original.
        linf: Largest change of a value, in levels.
        l2: Root of the sum of squared changes, in levels.
    """

    network: str
    options: AttackOptions
    epsilon: float | None
    weight: float | None
    original: Pixels
    pixels: Pixels
    clean: Prediction
    unrounded: Prediction
    prediction: Prediction
    noise: Prediction
    label: int
    linf: float
    l2: float

    @property
    def strength(self) -> float:
        """Epsilon, or of L-BFGS the length of the change."""
        return round(self.l2, 1) if self.epsilon is None else self.epsilon

    @property
    def fools(self) -> bool:
        """Whether the 8-bit image does what was wanted."""
        return has_fooled(self.prediction, label=self.label, target=self.options.target)

    @property
    def fooled_before_rounding(self) -> bool:
        """Whether the image did so before it was rounded."""
        return has_fooled(self.unrounded, label=self.label, target=self.options.target)


def has_fooled(prediction: Prediction, *, label: int, target: int | None) -> bool:
    """Tell whether a network left its first guess, or with a target whether it reached that."""
    guess = prediction.ranking[0]
    return guess != label if target is None else guess == target


def list_epsilons(shape: tuple[int, int, int], *, norm: Norm) -> tuple[float, ...]:
    """Return a range of epsilons that shows it all, from 0 up, in levels of 1/255.

    Ink on paper needs more than a photograph; a large image gets fewer, for the time.

    Args:
        shape: Input of the network, (C, H, W).
        norm: How changes are measured.
    """
    channels, height, width = shape
    few = height * width > 100 * 100
    top = 96 if channels == 1 else 16
    if norm is Norm.LINF:
        ends = range(0, top + 1, top // 8 if few else max(1, top // 24))
        return tuple(float(epsilon) for epsilon in ends)
    # As root mean square over all values, up to an eighth or a third of the above.
    parts = 8 if few else 16
    most = math.sqrt(math.prod(shape)) * (top / 3 if channels == 1 else top / 8)
    return tuple(_keep_digits(most * part / parts) for part in range(parts + 1))


def _keep_digits(value: float) -> float:
    """Round to two digits, or to whole numbers where those are more."""
    return float(f"{value:.2g}")


def attack_image(
    model: LoadedModel,
    seen: Pixels,
    *,
    epsilon: float,
    options: AttackOptions,
    clean: Prediction | None = None,
    gradient: Tensor | None = None,
) -> AdversarialImage:
    """Attack an image with FGSM or PGD.

    Args:
        model: The network.
        seen: What it sees of the image, uint8 (H, W) or (H, W, C) of its input's size.
        epsilon: The most that may be changed, in levels of 1/255.
        options: How.
        clean: What the network says of `seen`, where it is known.
        gradient: Of FGSM, where it is known from another epsilon.

    Raises:
        AttackError: The options do not fit, or the preprocessing is not known.
    """
    clean = rank_logits(score_pixels(model, seen)) if clean is None else clean
    label = clean.ranking[0]
    wanted = label if options.target is None else options.target
    _check_target(model, options.target)
    targeted, norm = options.target is not None, options.norm
    logits_of, start = make_logits(model), to_values(seen)
    if epsilon == 0 and options.method is not Method.LBFGS:
        changed = start
    elif options.method is Method.FGSM and gradient is not None:
        changed = take_step(start, gradient, size=epsilon / LEVELS, norm=norm)
    elif options.method is Method.FGSM:
        changed = attack_in_one_step(
            logits_of, start, epsilon=epsilon / LEVELS, label=wanted, targeted=targeted, norm=norm
        )
    elif options.method is Method.PGD:
        changed = attack_in_steps(
            logits_of,
            start,
            epsilon=epsilon / LEVELS,
            label=wanted,
            targeted=targeted,
            norm=norm,
            steps=options.steps,
            random_start=options.random_start,
            seed=options.seed,
        )
    else:
        raise AttackError("L-BFGS takes no epsilon; call find_least_change.")
    return _finish(model, seen, changed, clean=clean, options=options, epsilon=epsilon)


def sweep_epsilons(
    model: LoadedModel,
    seen: Pixels,
    *,
    options: AttackOptions,
    epsilons: tuple[float, ...],
) -> Iterator[tuple[float, str, Images]]:
    """Attack one image with each epsilon, a coarse sweep first and then what lies between.

    Args:
        model: The network.
        seen: What it sees of the image.
        options: How.
        epsilons: In levels of 1/255, growing.

    Yields:
        The share done, the step, and the images so far by epsilon; the last time all of them.
        PGD tells soon what its first steps reach with the largest epsilon.

    Raises:
        AttackError: The options do not fit, or the preprocessing is not known.
    """
    clean, gradient = rank_logits(score_pixels(model, seen)), None
    if options.method is Method.FGSM:
        gradient = compute_gradient(
            make_logits(model),
            to_values(seen),
            label=clean.ranking[0] if options.target is None else options.target,
            targeted=options.target is not None,
        )
    found: dict[float, AdversarialImage] = {}
    order = order_coarse_first(epsilons)
    for place, epsilon in enumerate(order):
        if place == 1 and options.method is Method.PGD and options.steps > _PREVIEW_STEPS:
            few = replace(options, steps=_PREVIEW_STEPS)
            found[epsilon] = attack_image(model, seen, epsilon=epsilon, options=few, clean=clean)
            yield 0.0, f"{_PREVIEW_STEPS} steps with ε = {epsilon:g}/255", _sort(found)
        found[epsilon] = attack_image(
            model, seen, epsilon=epsilon, options=options, clean=clean, gradient=gradient
        )
        yield (place + 1) / len(order), f"ε = {epsilon:g}/255", _sort(found)


def order_coarse_first(values: tuple[float, ...]) -> tuple[float, ...]:
    """Put the ends first, then the middle, then the middles of the halves, and so on."""
    order, parts = [0, len(values) - 1], deque([(0, len(values) - 1)])
    while parts:
        low, high = parts.popleft()
        middle = (low + high) // 2
        if middle > low:
            order.append(middle)
            parts += ((low, middle), (middle, high))
    return tuple(values[place] for place in dict.fromkeys(order))


def _sort(found: dict[float, AdversarialImage]) -> Images:
    return tuple(found[epsilon] for epsilon in sorted(found))


def find_least_change(
    model: LoadedModel, seen: Pixels, *, options: AttackOptions
) -> Iterator[tuple[float, str, Images]]:
    """Search with L-BFGS for the least change that fools, as Szegedy and others did.

    Args:
        model: The network.
        seen: What it sees of the image.
        options: Its target, or without one the network's second guess, is what is reached.

    Yields:
        The share done, the step, and the images so far by the length of their change: the
        original, which is alone at first, and what each cost of a change led to. The first of
        those comes from a few iterations, and is not among the last.

    Raises:
        AttackError: The options do not fit, or the preprocessing is not known.
    """
    clean = rank_logits(score_pixels(model, seen))
    _check_target(model, options.target)
    target = clean.ranking[1] if options.target is None else options.target
    start = to_values(seen)

    def search(power: float, iterations: int) -> AdversarialImage:
        changed = attack_by_lbfgs(
            make_logits(model), start, target=target, weight=10**power, iterations=iterations
        )
        return _finish(model, seen, changed, clean=clean, options=options, weight=10**power)

    low, high = _WEIGHT_POWERS
    found = [_finish(model, seen, start, clean=clean, options=options, weight=math.inf)]
    yield 0.0, "the image itself", tuple(found)
    if options.steps > _PREVIEW_ITERATIONS:
        yield 0.0, f"{_PREVIEW_ITERATIONS} iterations", (*found, search(low, _PREVIEW_ITERATIONS))
    for tried in range(_WEIGHT_TRIES):
        power = low if tried == 0 else (low + high) / 2
        image = search(power, options.steps)
        found = sorted([*found, image], key=lambda one: one.l2)
        low, high = (power, high) if image.fools else (low, power)
        yield (tried + 1) / _WEIGHT_TRIES, f"a change costs {10**power:.3g}", tuple(found)
        if tried == 0 and not image.fooled_before_rounding:
            break  # not even where changes are nearly free


def _check_target(model: LoadedModel, target: int | None) -> None:
    if target is not None and not 0 <= target < len(model.spec.classes):
        raise AttackError(
            f"target is {target}; {model.spec.title} has the classes 0 to "
            f"{len(model.spec.classes) - 1}."
        )


def _finish(
    model: LoadedModel,
    seen: Pixels,
    changed: Tensor,
    *,
    clean: Prediction,
    options: AttackOptions,
    epsilon: float | None = None,
    weight: float | None = None,
) -> AdversarialImage:
    """Round, save, read back and score."""
    norm = Norm.L2 if options.method is Method.LBFGS else options.norm

    def read(shown: Pixels) -> Prediction:
        # Three times less to wait for before the first image, which is the unchanged one.
        return clean if np.array_equal(shown, seen) else rank_logits(score_pixels(model, shown))

    rounded = round_into_ball(changed, seen, epsilon=epsilon, norm=norm)
    pixels = read_back(model, save_as_file(model, rounded))
    unrounded = clean
    if not torch.equal(changed, to_values(seen)):
        with torch.no_grad():
            unrounded = rank_logits(make_logits(model)(changed)[0])
    size = measure_change(rounded, seen, norm=norm)
    noisy = add_noise(seen, size=size, norm=norm, seed=options.seed)
    return AdversarialImage(
        network=model.spec.name,
        options=options,
        epsilon=epsilon,
        weight=weight,
        original=seen,
        pixels=pixels,
        clean=clean,
        unrounded=unrounded,
        prediction=read(pixels),
        noise=read(noisy),
        label=clean.ranking[0],
        linf=measure_change(pixels, seen, norm=Norm.LINF),
        l2=measure_change(pixels, seen, norm=Norm.L2),
    )


def add_noise(seen: Pixels, *, size: float, norm: Norm, seed: int) -> Pixels:
    """Change each value at random by as much as an attack may: random signs, or normal numbers.

    Args:
        seen: uint8 (H, W) or (H, W, C).
        size: In levels of 1/255.
        norm: Whether `size` is that of each value or of all together.
        seed: Of the noise.
    """
    start = to_values(seen)
    noise = torch.randn(start.shape, generator=torch.Generator().manual_seed(seed))
    noise = noise.sign() if norm is Norm.LINF else noise / noise.norm()
    changed = (start + noise * size / LEVELS).clamp(0, 1)
    return round_into_ball(changed, seen, epsilon=size, norm=norm)
