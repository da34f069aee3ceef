"""What becomes of an adversarial example: the smallest, processed, and shown to other networks."""

from collections.abc import Callable, Iterator

import streamlit as st

from cnnviz.attacks.craft import AdversarialImage, Method
from cnnviz.attacks.pixel_space import see_image
from cnnviz.attacks.smallest import SmallestEpsilon, find_smallest_epsilon
from cnnviz.attacks.survival import Survival, measure_survival
from cnnviz.attacks.transfer import TransferMatrix, can_share, measure_transfer
from cnnviz.cache import estimate_bytes
from cnnviz.errors import CNNVizError
from cnnviz.figures.attack import (
    describe_verdict,
    draw_transfer,
    name_strength,
    tabulate_guesses,
    tabulate_survival,
    write_survival_csv,
    write_transfer_csv,
)
from cnnviz.figures.format import format_number, format_setting
from cnnviz.gallery import SampleKind, list_samples, load_sample
from cnnviz.heavy import HeavyResult
from cnnviz.imaging import Pixels
from cnnviz.inference import LoadedModel, load_model
from cnnviz.runnable import list_runnable
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_result
from cnnviz.web.pages.adversarial.controls import ALL_SAMPLES, AdversarialControls, Attack
from cnnviz.web.state import PageState
from cnnviz.zoo import get_network

_MAX_NETWORKS = 12
_PERCENT = st.column_config.ProgressColumn(format="%.1f", min_value=0, max_value=100)


def show_smallest(attack: Attack) -> None:
    """Search for the smallest epsilon that fools."""
    st.subheader("Smallest ε", anchor=False)
    if attack.options.method is Method.LBFGS:
        st.markdown("L-BFGS searches for the least change by itself. FGSM and PGD have an ε.")
        return
    st.markdown("Bisection between an ε that fools and one that does not.")
    heavy: HeavyResult[SmallestEpsilon | None] = HeavyResult(
        key=attack.make_key("smallest"),
        title="Smallest ε",
        run=lambda: find_smallest_epsilon(
            attack.model, attack.seen, options=attack.options, most=attack.epsilons[-1]
        ),
        size=estimate_bytes,
        seconds=180,
    )
    show_result(
        heavy,
        draw=lambda found: None if found is None else _tell_smallest(attack, found),
        slot="adversarial.smallest",
        start="Search",
    )


def _tell_smallest(attack: Attack, found: SmallestEpsilon) -> None:
    if found.real is None:
        target = attack.options.target
        goal = "any other class" if target is None else attack.classes[target]
        st.markdown(f"No ε up to {format_setting(found.most)}/255 reaches {goal}.")
        return
    with st.container(horizontal=True, gap="large"):
        st.metric("Real numbers", f"{format_number(found.real)} / 255", width="content")
        valid = "none" if found.valid is None else f"{format_number(found.valid)} / 255"
        st.metric("8 bits, saved as PNG", valid, width="content")
        st.metric("Attacks made", str(found.tries), width="content")
    if found.image is not None:
        st.markdown(describe_verdict(found.image, attack.classes))


def show_survival(attack: Attack, image: AdversarialImage) -> None:
    """Process the chosen image in thirteen ways and ask the network again."""
    st.subheader("Survival", anchor=False)
    st.markdown(
        f"Predictions for the adversarial example with {name_strength(image)} after compression, "
        "resizing, noise or rotation."
    )
    heavy = HeavyResult(
        key=attack.make_key("survival", image.strength),
        title="Survival of the attack",
        run=lambda: measure_survival(attack.model, image),
        size=estimate_bytes,
    )
    found = show_result(
        heavy, draw=lambda answers: _show_answers(attack, answers), slot="adversarial.survival"
    )
    if found is not None:
        _offer_csv("survival", lambda: write_survival_csv(found, attack.classes))


def _show_answers(attack: Attack, answers: tuple[Survival, ...]) -> None:
    st.markdown(f"It fools in **{sum(one.fools for one in answers)} of {len(answers)}** cases.")
    st.dataframe(
        tabulate_survival(answers, attack.classes),
        hide_index=True,
        column_config={"probability, %": _PERCENT},
        alt="What the network predicts for the adversarial example after each processing",
    )


def show_transfer(
    page: PageState[AdversarialControls], attack: Attack, image: AdversarialImage
) -> None:
    """Attack the image on each network of the same input, and show it to all."""
    st.subheader("Transfer", anchor=False)
    if not image.epsilon:
        st.markdown("Choose FGSM or PGD and an ε above zero to try other networks.")
        return
    models = _list_companions(attack.model)
    st.markdown(
        f"Made for one network (rows) with {name_strength(image)} and shown to the others "
        "(columns), beside random noise of the same size."
    )
    if attack.model.spec.preprocessing.shape[0] == 3:
        page.draw("over")
    images = _list_images(attack) if page.values.over == ALL_SAMPLES else (attack.seen,)
    heavy = HeavyResult(
        key=attack.make_key(
            "transfer", image.epsilon, page.values.over, *(one.spec.name for one in models)
        ),
        title="Transfer to other networks",
        run=lambda: _run_transfer(attack, models, images, image.epsilon or 0.0),
        size=estimate_bytes,
        seconds=300,
    )
    found = show_result(
        heavy,
        draw=lambda matrix: None if matrix is None else _show_matrix(attack, matrix),
        slot="adversarial.transfer",
        start="Try other networks",
    )
    if found is not None:
        _offer_csv("transfer", lambda: write_transfer_csv(found))


def _run_transfer(
    attack: Attack, models: tuple[LoadedModel, ...], images: tuple[Pixels, ...], epsilon: float
) -> Iterator[tuple[float, str, TransferMatrix | None]]:
    return measure_transfer(models, images, epsilon=epsilon, options=attack.options)


def _list_companions(model: LoadedModel) -> tuple[LoadedModel, ...]:
    """The network itself and those here that see images of its size and name its classes."""
    found = [model]
    for listing in list_runnable():
        spec = get_network(listing.name)
        if (
            listing.name == model.spec.name
            or spec.preprocessing.shape != model.spec.preprocessing.shape
            or spec.classes != model.spec.classes
            or len(found) == _MAX_NETWORKS
        ):
            continue
        try:
            other = load_model(listing.name)
        except CNNVizError:
            continue  # a broken file; the page of that network tells of it
        if can_share(model, other):
            found.append(other)
    return tuple(found)


def _list_images(attack: Attack) -> tuple[Pixels, ...]:
    """What the network sees of every sample photograph, and of the visitor's image last."""
    photographs = [
        load_sample(sample.key).pixels
        for sample in list_samples()
        if sample.kind is SampleKind.PHOTOGRAPH
    ]
    return (*(see_image(attack.model, pixels) for pixels in photographs), attack.seen)


def _show_matrix(attack: Attack, matrix: TransferMatrix) -> None:
    st.plotly_chart(
        draw_transfer(matrix, attack.classes),
        key=f"adversarial.matrix{matrix.images}",
        config={"displayModeBar": False},
        alt="How often adversarial examples made for one network fool another",
    )
    target = attack.options.target
    fooled = (
        "its top-1 class is not that of the original image"
        if target is None
        else f"its top-1 class is {attack.classes[target]}"
    )
    percent = f"Percent of {matrix.images} images. " if matrix.images > 1 else ""
    st.caption(f"{percent}A network is fooled if {fooled}.")
    if matrix.images == 1:
        st.dataframe(
            tabulate_guesses(matrix, attack.classes),
            hide_index=True,
            height="content",
            column_config={"probability, %": _PERCENT},
            alt=f"What each network predicts for the image made for {matrix.sources[0]}",
        )


def _offer_csv(name: str, make: Callable[[], bytes]) -> None:
    offer_file("Table as CSV", make, f"{name}.csv", key=f"adversarial.file.{name}")
