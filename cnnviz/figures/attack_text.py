"""An attack in words: its formula, and the numbers of one image."""

import math
from collections.abc import Sequence

from cnnviz.adversarial.craft import AdversarialImage, AttackOptions, Method
from cnnviz.adversarial.gradient import Norm
from cnnviz.figures.attack import name_strength
from cnnviz.figures.format import (
    format_count,
    format_number,
    format_setting,
    format_share,
)
from cnnviz.networks.zoo import NetworkSpec


def write_formula(options: AttackOptions) -> str:
    """Write an attack as a formula in LaTeX, in lines that fit into a narrow column."""
    if options.method is Method.LBFGS:
        return _align(r"\min_r\;& c\,\lVert r\rVert_2^2 + L(x + r,\, t)", r"& 0 \le x + r \le 1")
    sign = "+" if options.target is None else "-"
    label, point = ("y", "x") if options.target is None else ("t", "x")
    if options.method is Method.PGD:
        point = "x_k"
    gradient = rf"g &= \nabla_x L({point}, {label})"
    direction = r"\operatorname{sign}(g)" if options.norm is Norm.LINF else r"g / \lVert g\rVert_2"
    if options.method is Method.FGSM:
        return _align(gradient, rf"x' &= x {sign} \varepsilon\,{direction}")
    return _align(
        gradient,
        rf"\alpha &= 2.5\,\varepsilon / {options.steps}",
        rf"x_{{k+1}} &= \Pi_\varepsilon(x_k {sign} \alpha\,{direction})",
    )


def _align(*lines: str) -> str:
    return r"\begin{aligned}" + r"\\".join(lines) + r"\end{aligned}"


def explain_image(image: AdversarialImage, classes: Sequence[str]) -> str:
    """Give the numbers of one image: how much was changed, and what it did."""
    label, target = classes[image.label], image.options.target
    wanted = f"y = {label}" if target is None else f"t = {classes[target]}"
    if image.options.method is Method.LBFGS:
        wanted = f"t = {classes[image.clean.ranking[1] if target is None else target]}"
    strength = "" if image.epsilon is None else f"{name_strength(image)}, "
    before, after, noise = (
        format_share(said, image.label) for said in (image.clean, image.prediction, image.noise)
    )
    return (
        f"{strength}{wanted}. {format_count(image.original.size)} values change by at most "
        f"{format_setting(image.linf)}/255; the L2 norm of the change is "
        f"{format_number(image.l2)}/255.\n\n"
        f"{label}: **{before}** before, **{after}** after the attack. Random noise of the same "
        f"size leaves {noise}."
    )


def write_words(
    image: AdversarialImage, *, spec: NetworkSpec, classes: Sequence[str]
) -> dict[str, object]:
    """Write the facts of an image for a sentence of a lesson, by name."""
    shares = {"clean": image.clean, "after": image.prediction, "noise": image.noise}
    return {
        "network": spec.title,
        "before": classes[image.label],
        "now": classes[image.prediction.ranking[0]],
        "strength": name_strength(image),
        "shape": "×".join(str(side) for side in spec.preprocessing.shape),
        **{name: format_share(said, image.label) for name, said in shares.items()},
    }


def find_answers(image: AdversarialImage) -> dict[str, float]:
    """Return how many values there are, and the longest change that ε allows."""
    answers = {"values": float(image.original.size)}
    if image.epsilon and image.options.norm is Norm.LINF:
        answers["length"] = image.epsilon * math.sqrt(image.original.size)
    return answers
