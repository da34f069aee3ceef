"""Questions on adversarial examples."""

from random import Random

import numpy as np
import torch

from cnnviz.adversarial.craft import (
    AdversarialImage,
    AttackOptions,
    Method,
    add_noise,
    attack_image,
    has_fooled,
)
from cnnviz.adversarial.gradient import Norm, take_step
from cnnviz.adversarial.linear.perturb import perturb_row
from cnnviz.adversarial.linear.regression import LinearClassifier
from cnnviz.adversarial.pixel_space import LEVELS, see_image
from cnnviz.adversarial.rounding import measure_change
from cnnviz.figures.format import format_share
from cnnviz.images.names import load_named
from cnnviz.networks.load import load_model
from cnnviz.quizzes.question import (
    LETTERS,
    Draft,
    Generate,
    Picture,
    draft_choice,
    draft_letter,
    draft_number,
)
from cnnviz.quizzes.visualization import name_class

_NETWORK = "alexnet64"
_PHOTOS = ("cat", "coffee", "rocket", "motorcycle", "palace", "flower")
_STRENGTHS = (8, 12, 16)  # levels


def _attack(image: str, epsilon: float) -> AdversarialImage:
    model = load_model(_NETWORK)
    seen = see_image(model, load_named(image).pixels)
    return attack_image(model, seen, epsilon=epsilon, options=AttackOptions(method=Method.FGSM))


def attacked_pixel(dice: Random) -> Draft:
    """A pixel after one step of FGSM."""
    level, epsilon = dice.choice((3, 60, 120, 200, 250)), dice.choice((2, 4, 8, 16))
    slope, is_targeted = dice.choice((-0.3, -0.02, 0.01, 0.4)), dice.choice((False, True))
    gradient = torch.full((1, 1, 1, 1), -slope if is_targeted else slope, dtype=torch.float64)
    start = torch.full_like(gradient, level / LEVELS)
    found = take_step(start, gradient, size=epsilon / LEVELS, norm=Norm.LINF)
    sign = 1 if float(gradient) > 0 else -1
    return draft_number(
        round(float(found) * LEVELS),
        page="adversarial",
        values={"epsilon": epsilon, "method": "FGSM"},
        level=level,
        strength=epsilon,
        slope=f"{slope:g}",
        goal="reach the target class" if is_targeted else "leave the true class",
        loss="target class" if is_targeted else "true class",
        sense="against" if is_targeted else "along",
        moved=level + sign * epsilon,
        operation=f"{level} {'+' if sign > 0 else '-'} {epsilon}",
    )


def _draw_weights(dice: Random) -> list[float]:
    return [float(dice.choice((-3, -2, -1, 1, 2, 3))) for _ in range(6)]


def linear_sign(dice: Random) -> Draft:
    """How much a linear score grows by a step along the sign of its weights."""
    weights, epsilon = _draw_weights(dice), dice.choice((0.05, 0.1, 0.2))
    w = torch.tensor(weights, dtype=torch.float64).reshape(1, 1, 1, -1)
    start = torch.full_like(w, 0.5)
    found = take_step(start, w, size=epsilon, norm=Norm.LINF)
    return draft_number(
        round(float((w * (found - start)).sum()), 9),
        page="linear",
        weights=", ".join(f"{value:g}" for value in weights),
        strength=f"{epsilon:g}",
        terms=" + ".join(f"{abs(value):g}" for value in weights),
    )


def linear_template(dice: Random) -> Draft:
    """How much a linear score grows by a step along its weights."""
    weights, amount = _draw_weights(dice), dice.choice((0.1, 0.25, 0.5))
    w = torch.tensor([weights, [0.0] * 6], dtype=torch.float64)
    classifier = LinearClassifier(w, torch.zeros(2, dtype=torch.float64), 0.0, ())
    square = perturb_row(classifier, torch.full((6,), 0.5), target=0).square
    return draft_number(
        amount * square,
        page="linear",
        weights=", ".join(f"{value:g}" for value in weights),
        amount=f"{amount:g}",
        terms=" + ".join(f"({value:g})^2" for value in weights),
    )


def change_size(dice: Random) -> Draft:
    """The norm of a change."""
    norm = dice.choice((Norm.LINF, Norm.L2))
    change = dice.choice(
        ((3, -4, 0, 12), (2, -3, 6, 0), (8, -4, 1, 0), (-6, 6, 3, 0), (5, 1, -7, 5))
    )
    original = np.full((2, 2), 100, dtype=np.uint8)
    changed = (original + np.array(change).reshape(2, 2)).astype(np.uint8)
    solved = {
        Norm.LINF: rf"\max({', '.join(f'|{value}|' for value in change)})",
        Norm.L2: rf"\sqrt{{{' + '.join(f'({value})^2' for value in change)}}}",
    }
    return draft_number(
        measure_change(changed, original, norm=norm),
        unit="levels",
        page="adversarial",
        values={"norm": str(norm)},
        change=", ".join(map(str, change)),
        norm=str(norm),
        solved=solved[norm],
    )


def largest_length(dice: Random) -> Draft:
    """The largest L2 norm within an L∞ ball."""
    side, epsilon = dice.choice((4, 8, 32, 64)), dice.choice((2, 4, 8))
    original = np.full((side, side, 1), 100, dtype=np.uint8)
    length = measure_change(original + np.uint8(epsilon), original, norm=Norm.L2)
    return draft_number(
        length,
        unit="levels",
        page="adversarial",
        values={"norm": str(Norm.LINF)},
        side=side,
        strength=epsilon,
    )


def changed_image(dice: Random) -> Draft:
    """Which of four photographs was changed."""
    images, place = dice.sample(_PHOTOS, 4), dice.randrange(4)
    epsilon = dice.choice(_STRENGTHS)
    attacked = _attack(images[place], epsilon)
    model = load_model(_NETWORK)
    shown = [see_image(model, load_named(image).pixels) for image in images]
    shown[place] = attacked.pixels
    letters = zip(shown, LETTERS, strict=False)
    return draft_letter(
        place,
        4,
        picture=Picture("Four photographs, A to D.", images=tuple(letters)),
        page="adversarial",
        strength=epsilon,
        network=model.spec.title,
        before=name_class(model, attacked.label),
        after=name_class(model, attacked.prediction.ranking[0]),
        values={"network": _NETWORK, "image": images[place], "method": "FGSM", "epsilon": epsilon},
    )


def fooling_image(dice: Random) -> Draft:
    """Which of four changes of the same size fools a network."""
    epsilon, place = dice.choice(_STRENGTHS), dice.randrange(4)
    found = {image: _attack(image, epsilon) for image in dice.sample(_PHOTOS, len(_PHOTOS))}
    fooling = next(image for image, one in found.items() if one.fools)
    others = [
        image
        for image, one in found.items()
        if image != fooling and not has_fooled(one.noise, label=one.label, target=None)
    ]
    images = others[:3]
    images.insert(place, fooling)
    model = load_model(_NETWORK)
    shown, told = [], []
    for image, letter in zip(images, LETTERS, strict=False):
        one, is_attacked = found[image], image == fooling
        noisy = add_noise(one.original, size=epsilon, norm=Norm.LINF, seed=one.options.seed)
        shown.append((one.pixels if is_attacked else noisy, letter))
        guesses = (one.clean, one.prediction if is_attacked else one.noise)
        before, after = (name_class(model, guess.ranking[0]) for guess in guesses)
        told.append(f"{letter}: “{before}” before, “{after}” now")
    return draft_letter(
        place,
        4,
        picture=Picture("Four photographs, A to D.", images=tuple(shown)),
        page="adversarial",
        strength=epsilon,
        network=model.spec.title,
        told="; ".join(told),
        values={"network": _NETWORK, "image": fooling, "method": "FGSM", "epsilon": epsilon},
    )


def attack_or_noise(dice: Random) -> Draft:
    """Which change follows the gradient."""
    image, epsilon = dice.choice(_PHOTOS), dice.choice(_STRENGTHS)
    found, model = _attack(image, epsilon), load_model(_NETWORK)
    told = [
        f"{name_class(model, found.label)} {format_share(prediction, found.label)}"
        for prediction in (found.prediction, found.noise)
    ]
    return draft_choice(
        dice,
        told[0],
        told[1:],
        picture=Picture("The photograph.", images=((found.original, "original"),)),
        page="adversarial",
        network=model.spec.title,
        strength=epsilon,
        before=name_class(model, found.label),
        clean=format_share(found.clean, found.label),
        noise=told[1],
        values={"network": _NETWORK, "image": image, "method": "FGSM", "epsilon": epsilon},
    )


GENERATORS: tuple[Generate, ...] = (
    attacked_pixel,
    linear_sign,
    linear_template,
    change_size,
    largest_length,
    changed_image,
    fooling_image,
    attack_or_noise,
)
