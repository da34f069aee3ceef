"""x + a·w, live: on the linear classifier, and on LeNet with its gradient for w."""

import streamlit as st
from torch import Tensor

from cnnviz.attacks.pixel_space import score_pixels, see_image
from cnnviz.digits import draw_strokes, sample_digits
from cnnviz.errors import CNNVizError
from cnnviz.figures.attack import list_top
from cnnviz.figures.format import format_count, format_latex, format_number, format_probability
from cnnviz.figures.linear import draw_scores, find_turn, name_amount, pack_perturbation
from cnnviz.imaging import Pixels, to_png
from cnnviz.inference import load_model, rank_logits
from cnnviz.linear.data import PixelRows
from cnnviz.linear.perturb import Perturbation, draw_values, perturb_image, perturb_row
from cnnviz.linear.regression import LinearClassifier
from cnnviz.web.chrome import show_error
from cnnviz.web.components.attack.attack import read_move, show_sweep
from cnnviz.web.option_chooser import choose_listed
from cnnviz.web.url_values import check_choice, check_number, keep_within

NETWORK = "lenet5"
_STRAIGHT = 0.2  # of the gain: what may be missing where a score still counts as linear


def show_linear_push(data: PixelRows, classifier: LinearClassifier) -> int | None:
    """Push a held-out picture along a template; return the slider's position."""
    st.header("x + a·w", anchor=False)
    st.markdown(
        "Take a picture that it has never seen, and add to it a little of another class's "
        "template. Nothing is searched: the template is the direction."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        problem = check_number("item", least=0, most=len(data.test) - 1, noun="picture")
        if not 0 <= (st.session_state.get("item") or 0) < len(data.test):
            st.session_state["item"] = 0
        item = st.number_input(
            "Held-out picture",
            min_value=0,
            max_value=len(data.test) - 1,
            value=3,
            key="item",
            bind="query-params",
            width=150,
        )
        row = data.test[int(item or 0)]
        target = _choose_target("toward", data.classes, classifier.score(row[None])[0])
    if problem:
        st.warning(problem)
    try:
        push = perturb_row(classifier, row, target=target)
    except CNNVizError as error:
        show_error(error)
        return None
    seen = draw_values(row, shape=data.shape)
    truth = data.classes[int(data.test_labels[int(item or 0)])]
    return _show_push(
        push,
        seen,
        classes=data.classes,
        note=f"a written {truth}" if len(data.shape) == 2 else truth,
        key="linear_push",
        amount="amount",
    )


def show_network_push() -> int | None:
    """Do the same with LeNet-5 and its gradient; return the slider's position."""
    model = load_model(NETWORK)
    st.header("The same on LeNet-5", anchor=False)
    st.markdown(
        "A network has no template, but around any picture it is nearly linear: the gradient of a "
        "class's score with respect to the pixels takes the template's place."
    )
    classes = model.spec.classes
    with st.container(horizontal=True, vertical_alignment="bottom"):
        digit = st.segmented_control(
            "Drawing", range(10), default=1, required=True, key="digit", bind="query-params"
        )
        drawing = draw_strokes(sample_digits()[digit or 0], name=f"Written {digit}")
        seen = see_image(model, drawing.pixels)
        target = _choose_target("lenet_toward", classes, score_pixels(model, seen))
    try:
        push = perturb_image(model, seen, target=target)
    except CNNVizError as error:
        show_error(error)
        return None
    return _show_push(
        push,
        seen,
        classes=classes,
        note=f"what LeNet-5 sees, {seen.shape[1]}×{seen.shape[0]}",
        key="network_push",
        amount="lenet_amount",
    )


def _choose_target(key: str, classes: tuple[str, ...], logits: Tensor) -> int:
    """Ask for a class; the second guess unless another was chosen."""
    second = rank_logits(logits).ranking[1]
    name = choose_listed(
        "Push toward", classes, key=key, noun="class", default=classes[second], width=180
    )
    return classes.index(name)


def _show_push(
    push: Perturbation,
    seen: Pixels,
    *,
    classes: tuple[str, ...],
    note: str,
    key: str,
    amount: str,
) -> int:
    figure, told, files = st.container(), st.container(), st.container(horizontal=True)
    names = [name_amount(one) for one in push.images]
    turn = find_turn(push)
    problem = check_choice(amount, names, aliases={n[4:]: n for n in names}, noun="amount")
    keep_within(amount, names, fallback=names[turn])

    def take() -> None:
        moved = read_move(key)
        if moved is not None and moved < len(names):
            st.session_state[amount] = names[moved]

    with figure:
        show_sweep(
            seen,
            pack_perturbation(push, shape=seen.shape, classes=classes),
            top=list_top(push.images[0].prediction, classes),
            titles=("x", "a·w", "x + a·w"),
            notes=(note, "drawn within black and white"),
            slider="a, how much of w is added",
            key=key,
            follows=key,
            on_move=take,
        )
    with files, st.popover("Another a", icon=":material/tune:", key=f"{key}_list"):
        name = st.selectbox(
            "a (as on the slider)", names, index=turn, key=amount, bind="query-params"
        )
    chosen = names.index(name or names[turn])
    with told:
        if problem:
            st.warning(problem)
        curves, words = st.columns([1, 1], gap="large")
    with curves:
        st.plotly_chart(
            draw_scores(push, chosen=chosen, name=classes[push.target]),
            key=f"{key}_scores",
            config={"displayModeBar": False},
            alt=f"The score of {classes[push.target]} against a, and the straight line",
        )
    with words:
        _explain(push, chosen=chosen, classes=classes)
    files.download_button(
        "x + a·w as PNG",
        data=lambda: to_png(draw_values(push.images[chosen].values, shape=seen.shape)),
        file_name=f"{key}-{chosen}.png",
        mime="image/png",
        on_click="ignore",
        key=f"{key}_file",
        icon=":material/download:",
    )
    return chosen


def _explain(push: Perturbation, *, chosen: int, classes: tuple[str, ...]) -> None:
    """The sum with this picture's own numbers."""
    one = push.images[chosen]
    start, gain, amount, square, predicted = (
        format_latex(format_number(value))
        for value in (push.score, one.amount * push.square, one.amount, push.square, one.predicted)
    )
    st.latex(r"w (x + a w) + b = (w x + b) + a \lVert w \rVert^2")
    st.latex(rf"{start} + {amount} \cdot {square}")
    st.latex(rf"= {start} + {gain} = {predicted}")
    count = push.direction.numel()
    mean = float(one.change.abs().mean())
    st.markdown(
        f"Measured: **{format_number(one.score)}**. Each of the {format_count(count)} values "
        f"moves by only "
        f"{format_number(mean)} on average, on a scale from 0 to 1, but every one of them moves "
        f"in the "
        f"direction that counts, so the {format_count(count)} small products all add up."
        if abs(one.score - one.predicted) <= _STRAIGHT * one.amount * push.square
        else f"Measured: **{format_number(one.score)}**. The straight line holds near the picture; "
        "this far out other units have switched on or off, the gradient is another one, and the "
        "old direction no longer helps. An attack in many steps asks for the gradient anew."
    )
    guess = one.saved.ranking[0]
    share = format_probability(float(one.saved.probabilities[guess]))
    st.markdown(
        f"Cut to black and white and rounded to 8 bits, as a file must be, it is called "
        f"{classes[guess]}, with {share}."
    )
