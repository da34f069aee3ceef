"""What kind of attack, on which picture of which network: all in the address."""

from dataclasses import dataclass, replace

import streamlit as st

from cnnviz.attacks.craft import AttackOptions, Method, list_epsilons
from cnnviz.attacks.gradient import Norm
from cnnviz.attacks.pixel_space import see_image
from cnnviz.imaging import CheckedImage, Pixels
from cnnviz.inference import LoadedModel
from cnnviz.web.layer_chooser import choose_network
from cnnviz.web.picture_chooser import choose_picture
from cnnviz.web.runnable import PHOTOGRAPH_NETWORKS
from cnnviz.web.url_values import check_choice, check_number, keep_within

ANY = "any other class"
STRENGTH = "epsilon"
_FIRST = "grace-hopper"  # ResNet names her uniform, and one step is enough to fool it
_MOST_STEPS = 100
_NORMS = {"L∞: each value": Norm.LINF, "L2: all together": Norm.L2}


@dataclass(frozen=True, slots=True, eq=False)
class Attack:
    """What a visitor asks for.

    Attributes:
        model: The network.
        picture: Their picture.
        seen: What the network sees of it, uint8.
        options: What kind of attack.
    """

    model: LoadedModel
    picture: CheckedImage
    seen: Pixels
    options: AttackOptions

    @property
    def identity(self) -> tuple[object, ...]:
        """What the attack's results depend on."""
        return (self.model.spec.name, self.picture.digest, self.options)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names, each made the only one of its kind."""
        return name_classes(self.model)

    @property
    def epsilons(self) -> tuple[float, ...]:
        """The epsilons of the slider."""
        return list_epsilons(self.model.spec.preprocessing.shape, norm=self.options.norm)


def name_classes(model: LoadedModel) -> tuple[str, ...]:
    """Return a network's class names; ImageNet has two of some, which get their number."""
    classes = model.spec.classes
    return tuple(
        name if classes.count(name) == 1 else f"{name} ({index})"
        for index, name in enumerate(classes)
    )


def read_attack() -> Attack | None:
    """Show all controls and return what they ask for; None while there is no picture."""
    choosing, asking = st.columns(2, gap="large")
    with asking:
        model = choose_network(prefer=PHOTOGRAPH_NETWORKS)
    with choosing:
        picture = choose_picture(model, first=_FIRST)
    with asking:
        options = _choose_options(model)
    if picture is None:
        return None
    return Attack(model, picture, see_image(model, picture.pixels), options)


def _choose_options(model: LoadedModel) -> AttackOptions:
    problems = [
        check_choice("method", list(Method), aliases=_METHOD_ALIASES, noun="method"),
        check_choice("norm", list(_NORMS), aliases=_NORM_ALIASES, noun="norm"),
    ]
    method = Method(
        st.segmented_control(
            "Method",
            list(Method),
            default=Method.FGSM,
            required=True,
            key="method",
            bind="query-params",
            width="stretch",
        )
    )
    options = AttackOptions(method=method, norm=Norm.L2)
    if method is not Method.LBFGS:
        norm = st.segmented_control(
            "What is bounded",
            list(_NORMS),
            default=next(iter(_NORMS)),
            required=True,
            key="norm",
            bind="query-params",
            width="stretch",
        )
        options = replace(options, norm=_NORMS[norm or next(iter(_NORMS))])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if method is not Method.FGSM:
            problems.append(check_number("steps", least=1, most=_MOST_STEPS, noun="steps"))
            steps = st.number_input(
                "Steps",
                min_value=1,
                max_value=_MOST_STEPS,
                value=20,
                key="steps",
                bind="query-params",
                width=120,
            )
            options = replace(options, steps=int(steps or 20))
        options = replace(options, target=_choose_target(model, problems))
    if method is Method.PGD:
        begins = st.toggle("Begin at a random point", key="random", bind="query-params")
        options = replace(options, random_start=begins)
    for problem in filter(None, problems):
        st.warning(problem)
    return options


_METHOD_ALIASES = {"fgsm": Method.FGSM, "pgd": Method.PGD, "lbfgs": Method.LBFGS}
_NORM_ALIASES = {
    key: label for label, norm in _NORMS.items() for key in (norm.lower(), norm.name.lower())
}


def _choose_target(model: LoadedModel, problems: list[str | None]) -> int | None:
    classes = name_classes(model)
    goals = [ANY, *classes]
    aliases = {name.lower(): name for name in goals}
    problems.append(check_choice("target", goals, aliases=aliases, noun="class"))
    keep_within("target", goals, fallback=ANY)
    goal = st.selectbox("Make the network say", goals, key="target", bind="query-params", width=260)
    return None if goal in (None, ANY) else classes.index(goal)
