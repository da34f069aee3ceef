"""The adversarial page's results: the figure, the curves, and the files to keep."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.attacks.craft import (
    AdversarialImage,
    Method,
    find_least_change,
    sweep_epsilons,
)
from cnnviz.attacks.pixel_space import save_as_file
from cnnviz.attacks.smallest import SmallestEpsilon, find_smallest_epsilon
from cnnviz.figures.attack import (
    describe_verdict,
    draw_confidence,
    draw_triptych,
    list_top,
    name_strength,
    pack_frame,
    write_sweep_csv,
)
from cnnviz.figures.format import format_count, format_number, format_probability, format_setting
from cnnviz.imaging import to_png
from cnnviz.jobs import Job
from cnnviz.web.adversarial.controls import ANY, STRENGTH, Attack
from cnnviz.web.adversarial.work import Report, Work, estimate_seconds, get_result
from cnnviz.web.chrome import show_finding
from cnnviz.web.components.attack.attack import read_move, show_sweep
from cnnviz.web.components.choices.choices import tell_choices
from cnnviz.web.url_values import check_choice, keep_within

_FIGURE = "attack_figure"
_LBFGS_EVALUATIONS = 12  # costs of a change to try, each with more gradients than iterations

Pictures = tuple[AdversarialImage, ...]


def compute_sweep(attack: Attack) -> Pictures | None:
    """Compute the attack with each strength; while it takes long, show what there is."""
    strengths, steps = attack.epsilons, attack.options.steps
    gradients = {
        Method.FGSM: 1,
        Method.PGD: steps * len(strengths),
        Method.LBFGS: _LBFGS_EVALUATIONS * steps,
    }[attack.options.method]
    work = Work(
        key="sweep",
        identity=attack.identity,
        title=f"Attacking {attack.model.spec.title}",
        seconds=estimate_seconds(
            attack.model, attack.seen, gradients=gradients, answers=5 * len(strengths)
        ),
        run=lambda report: _run_sweep(attack, strengths, report),
    )
    return get_result(work, show_partial=lambda job: _show_partial(attack, job))


def _run_sweep(attack: Attack, strengths: tuple[float, ...], report: Report) -> Pictures:
    if attack.options.method is Method.LBFGS:
        return find_least_change(attack.model, attack.seen, options=attack.options, report=report)
    return sweep_epsilons(
        attack.model, attack.seen, options=attack.options, epsilons=strengths, report=report
    )


def _show_partial(attack: Attack, job: Job[Pictures]) -> None:
    if job.partial:
        # Under a name of its own: told late, it must not move the slider of the finished figure.
        _show_figure(attack, job.partial, key="attack_partial", follows="attack_partial")
        tell_choices(attack_partial=len(job.partial) - 1, gallery=st.session_state.get("sample"))


def show_results(attack: Attack, pictures: Pictures) -> AdversarialImage:
    """Show the figure with its slider and the curves, and return the chosen picture."""
    figure, told, files = st.container(), st.container(), st.container(horizontal=True)
    with files:
        chosen = _choose_strength(pictures)
    picture = pictures[chosen]
    with figure:
        _show_figure(attack, pictures, key=_FIGURE)
    with told:
        _tell_results(attack, pictures, chosen)
    with files:
        _offer_files(attack, pictures, picture)
    st.caption(
        f"Upload the adversarial picture to [Compare on your image](compare) or "
        f"[Activations and filters](activations) with {attack.model.spec.title}: "
        f"{describe_verdict(picture, attack.classes)}"
    )
    tell_choices(attack=chosen, gallery=st.session_state.get("sample"))
    return picture


def _tell_results(attack: Attack, pictures: Pictures, chosen: int) -> None:
    _tell_rounding(attack, pictures)
    curves, words = st.columns([3, 2], gap="large")
    with curves:
        st.subheader("Confidence against strength", anchor=False)
        st.plotly_chart(
            draw_confidence(pictures, attack.classes, chosen=chosen),
            key="confidence",
            config={"displayModeBar": False},
            alt="Probability of the first guess and of the wrong one against the attack's strength",
        )
    with words:
        _explain(attack, pictures[chosen])


def _show_figure(
    attack: Attack,
    pictures: Sequence[AdversarialImage],
    *,
    key: str,
    follows: str = "attack",
) -> None:
    height, width = attack.seen.shape[:2]
    show_sweep(
        attack.seen,
        [pack_frame(one, attack.classes) for one in pictures],
        top=list_top(pictures[0].clean, attack.classes),
        titles=("Picture", "Distortion", "Result"),
        notes=(
            f"what {attack.model.spec.title} sees, {width}×{height}",
            "8 bits, saved as PNG and read back",
        ),
        slider="Strength of the attack",
        key=key,
        follows=follows,
        on_move=lambda: _take_move(key, pictures),
    )


def _take_move(key: str, pictures: Sequence[AdversarialImage]) -> None:
    moved = read_move(key)
    if moved is not None and moved < len(pictures):
        st.session_state[STRENGTH] = name_strength(pictures[moved])


def _choose_strength(pictures: Pictures) -> int:
    """Offer the slider's positions as a list too, for the address; begin where it fools."""
    names = [name_strength(one) for one in pictures]
    numbers = {name.removeprefix("ε = ").removesuffix("/255"): name for name in names}
    first = next((place for place, one in enumerate(pictures) if one.fools), len(names) - 1)
    problem = check_choice(STRENGTH, names, aliases=numbers, noun="strength")
    keep_within(STRENGTH, names, fallback=names[first])
    if problem:
        st.warning(problem)
    with st.popover("Another strength", icon=":material/tune:"):
        name = st.selectbox(
            "Strength (as on the slider)", names, index=first, key=STRENGTH, bind="query-params"
        )
    return names.index(name or names[first])


def _tell_rounding(attack: Attack, pictures: Pictures) -> None:
    undone = [one for one in pictures if one.fooled_before_rounding and not one.fools]
    if undone:
        strengths = ", ".join(name_strength(one) for one in undone)
        show_finding(
            f"Rounding to 8 bits undid the attack at {strengths}: the change was real, but smaller "
            "than half a level in too many pixels."
        )
    if not any(one.fools for one in pictures):
        goal = "any other class" if attack.options.target is None else "the class you asked for"
        show_finding(
            f"No strength up to {name_strength(pictures[-1])} reached {goal}; try many steps, or "
            "another class."
        )


def _explain(attack: Attack, picture: AdversarialImage) -> None:
    """The formula, with this picture's own numbers."""
    st.subheader("How it was made", anchor=False)
    options, classes = attack.options, attack.classes
    sign = "+" if options.target is None else "-"
    wanted = classes[picture.label if options.target is None else options.target]
    if options.method is Method.LBFGS:
        st.latex(r"\min_r\; c\,\lVert r\rVert^2 + L(x + r,\, t),\quad 0 \le x + r \le 1")
        st.markdown(
            f"{format_count(picture.original.size)} numbers were moved at once. The length of the "
            f"change is {format_number(picture.l2)}/255, its largest part "
            f"{format_setting(picture.linf)}/255."
        )
    else:
        st.latex(_write_formula(attack, sign))
        st.markdown(
            f"Here ε = {format_setting(picture.epsilon or 0.0)}/255 and y = {wanted}, over "
            f"{format_count(picture.original.size)} numbers: the largest change is "
            f"{format_setting(picture.linf)}/255, the length of all changes together "
            f"{format_number(picture.l2)}/255."
        )
    before = float(picture.clean.probabilities[picture.label])
    after = float(picture.prediction.probabilities[picture.label])
    noise = float(picture.noise.probabilities[picture.label])
    st.markdown(
        f"{classes[picture.label]} falls from **{format_probability(before)}** to "
        f"**{format_probability(after)}**. Random noise of the same size leaves "
        f"{format_probability(noise)}: "
        "it is the direction that fools, not the amount."
    )


def _write_formula(attack: Attack, sign: str) -> str:
    gradient = r"\nabla_x L(x, y)"
    direction = rf"\operatorname{{sign}}\,{gradient}"
    if attack.options.norm == "L2":
        direction = rf"\frac{{{gradient}}}{{\lVert{gradient}\rVert}}"
    if attack.options.method is Method.FGSM:
        return rf"x' = x {sign} \varepsilon\,{direction}"
    size = rf"\frac{{2.5\,\varepsilon}}{{{attack.options.steps}}}"
    later = direction.replace("(x, y)", "(x_k, y)")
    return rf"x_{{k+1}} = \Pi_\varepsilon\!\left(x_k {sign} {size}\,{later}\right)"


def _offer_files(attack: Attack, pictures: Pictures, picture: AdversarialImage) -> None:
    stem = f"adversarial-{attack.model.spec.name}-{picture.linf:.0f}"
    files = (
        ("Adversarial picture as PNG", lambda: save_as_file(attack.model, picture.pixels), ".png"),
        ("The figure as PNG", lambda: to_png(draw_triptych(picture)), "-figure.png"),
        ("The curves as CSV", lambda: write_sweep_csv(pictures, attack.classes), ".csv"),
    )
    for label, make, ending in files:
        st.download_button(
            label,
            data=make,
            file_name=f"{stem}{ending}",
            mime="text/csv" if ending == ".csv" else "image/png",
            on_click="ignore",
            icon=":material/download:",
        )


def show_smallest(attack: Attack) -> None:
    """Search for the smallest epsilon that fools."""
    st.header("The smallest ε that fools", anchor=False)
    if attack.options.method is Method.LBFGS:
        st.markdown(
            "L-BFGS looks for the least change by itself: the shortest that fools is where the "
            "slider turns. Choose one of the other methods to search along ε."
        )
        return
    st.markdown(
        "Halve the interval between an ε that fools and one that does not, again and again: first "
        "for pictures of real numbers, then for pictures that can be saved."
    )
    steps = 1 if attack.options.method is Method.FGSM else attack.options.steps
    most = attack.epsilons[-1]
    work: Work[SmallestEpsilon] = Work(
        key="smallest",
        identity=attack.identity,
        title="Searching the smallest ε",
        seconds=estimate_seconds(attack.model, attack.seen, gradients=17 * steps, answers=85),
        run=lambda report: find_smallest_epsilon(
            attack.model, attack.seen, options=attack.options, most=most, report=report
        ),
        button="Search",
    )
    found = get_result(work)
    if found is not None:
        _tell_smallest(attack, found)


def _tell_smallest(attack: Attack, found: SmallestEpsilon) -> None:
    if found.real is None:
        goal = ANY if attack.options.target is None else attack.classes[attack.options.target]
        st.markdown(f"Not even ε = {format_setting(found.most)}/255 makes it say {goal}.")
        return
    with st.container(horizontal=True, gap="large"):
        st.metric("of real numbers", f"{format_number(found.real)} / 255", width="content")
        valid = "none" if found.valid is None else f"{format_number(found.valid)} / 255"
        st.metric("of 8 bits, saved and read back", valid, width="content")
        st.metric("attacks made", str(found.tries), width="content")
    if found.image is not None:
        st.markdown(describe_verdict(found.image, attack.classes))
