"""What becomes of an adversarial picture: processed as pictures are, or shown to others."""

import streamlit as st

from cnnviz.attacks.craft import AdversarialImage, Method
from cnnviz.attacks.pixel_space import see_image
from cnnviz.attacks.survival import Survival, measure_survival
from cnnviz.attacks.transfer import TransferMatrix, can_share, measure_transfer
from cnnviz.errors import CNNVizError
from cnnviz.figures.attack import (
    draw_transfer,
    name_strength,
    tabulate_guesses,
    tabulate_survival,
    write_survival_csv,
    write_transfer_csv,
)
from cnnviz.gallery import SampleKind, list_samples, load_sample
from cnnviz.imaging import Pixels
from cnnviz.inference import LoadedModel, load_model
from cnnviz.web.adversarial.controls import Attack
from cnnviz.web.adversarial.work import Report, Work, estimate_seconds, get_result
from cnnviz.web.runnable import list_runnable
from cnnviz.zoo import get_network

_PROCESSES = 13
_MOST_NETWORKS = 12
_SAMPLES = "all sample photographs"
_THIS = "this picture"
_PERCENT = st.column_config.ProgressColumn(format="%.1f", min_value=0, max_value=100)


def show_survival(attack: Attack, picture: AdversarialImage) -> None:
    """Process the chosen picture in thirteen ways and ask the network again."""
    st.header("Does it survive?", anchor=False)
    strength = name_strength(picture)
    st.markdown(
        f"Pictures are compressed, scaled and turned on their way. The result at {strength}, "
        "after each of these:"
    )
    work = Work(
        key="survival",
        identity=(*attack.identity, strength),
        title="Processing the picture",
        seconds=estimate_seconds(attack.model, attack.seen, gradients=0, answers=2 * _PROCESSES),
        run=lambda report: measure_survival(attack.model, picture, report=report),
    )
    answers = get_result(work)
    if answers:
        _show_answers(attack, answers)


def _show_answers(attack: Attack, answers: tuple[Survival, ...]) -> None:
    still = sum(one.fools for one in answers)
    st.markdown(f"It fools in **{still} of {len(answers)}** cases.")
    st.dataframe(
        tabulate_survival(answers, attack.classes),
        hide_index=True,
        column_config={"probability, %": _PERCENT},
        alt="What the network says of the adversarial picture after each processing",
    )
    st.download_button(
        "Table as CSV",
        data=lambda: write_survival_csv(answers, attack.classes),
        file_name=f"survival-{attack.model.spec.name}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


def show_transfer(attack: Attack, picture: AdversarialImage) -> None:
    """Make the picture on each network of the same input, and show it to all."""
    st.header("Does it fool the others?", anchor=False)
    if picture.epsilon is None or not picture.epsilon:
        st.markdown("Choose an ε above zero, with one step or many, to try it on other networks.")
        return
    models = _list_companions(attack.model)
    st.markdown(
        f"Made for one network (rows) with {name_strength(picture)} and shown to the others "
        "(columns), beside random noise of the same size."
    )
    if len(models) == 1:
        st.caption(
            f"No other network on this machine sees what {attack.model.spec.title} sees and names "
            "the same classes; the matrix grows as networks come."
        )
    over = _choose_set(attack)
    pictures = _list_pictures(attack) if over == _SAMPLES else (attack.seen,)
    steps = 1 if attack.options.method is Method.FGSM else attack.options.steps
    each = len(models) + 1
    work: Work[TransferMatrix] = Work(
        key="transfer",
        identity=(*attack.identity, picture.epsilon, over, tuple(m.spec.name for m in models)),
        title="Trying other networks",
        seconds=estimate_seconds(
            attack.model,
            attack.seen,
            gradients=steps * each * len(pictures),
            answers=(5 * each + each**2) * len(pictures),
        ),
        run=lambda report: _run_transfer(attack, models, pictures, picture, report),
        button="Try them",
    )
    matrix = get_result(work)
    if matrix is not None:
        _show_matrix(attack, matrix)


def _choose_set(attack: Attack) -> str:
    if attack.model.spec.preprocessing.shape[0] == 1:
        return _THIS
    over = st.segmented_control(
        "Over",
        [_THIS, _SAMPLES],
        default=_THIS,
        required=True,
        key="over",
        bind="query-params",
    )
    return str(over)


def _run_transfer(
    attack: Attack,
    models: tuple[LoadedModel, ...],
    pictures: tuple[Pixels, ...],
    picture: AdversarialImage,
    report: Report,
) -> TransferMatrix:
    return measure_transfer(
        models, pictures, epsilon=picture.epsilon or 0.0, options=attack.options, report=report
    )


def _list_companions(model: LoadedModel) -> tuple[LoadedModel, ...]:
    """The network itself and those here that see pictures of its size and name its classes."""
    found = [model]
    for listing in list_runnable():
        spec = get_network(listing.name)
        if (
            listing.name == model.spec.name
            or spec.preprocessing.shape != model.spec.preprocessing.shape
            or spec.classes != model.spec.classes
            or len(found) == _MOST_NETWORKS
        ):
            continue
        try:
            other = load_model(listing.name)
        except CNNVizError:
            continue  # a broken file; the page of that network tells of it
        if can_share(model, other):
            found.append(other)
    return tuple(found)


def _list_pictures(attack: Attack) -> tuple[Pixels, ...]:
    """What the network sees of every sample photograph, and of the visitor's picture last."""
    photographs = [
        load_sample(sample.key).pixels
        for sample in list_samples()
        if sample.kind is SampleKind.PHOTOGRAPH
    ]
    return (*(see_image(attack.model, pixels) for pixels in photographs), attack.seen)


def _show_matrix(attack: Attack, matrix: TransferMatrix) -> None:
    st.plotly_chart(
        draw_transfer(matrix, attack.classes),
        key="transfer_chart",
        config={"displayModeBar": False},
        alt="How often pictures made for one network fool another",
    )
    percent = f"Percent of {matrix.images} pictures. " if matrix.images > 1 else ""
    target = attack.options.target
    fooled = (
        "it leaves the name that it gave to the unchanged picture"
        if target is None
        else f"it says {attack.classes[target]}"
    )
    st.caption(f"{percent}A network is fooled where {fooled}.")
    if matrix.images == 1:
        st.markdown(
            f"What each says of the picture before, and of the one made for {matrix.sources[0]}:"
        )
        st.dataframe(
            tabulate_guesses(matrix, attack.classes),
            hide_index=True,
            height="content",
            column_config={"probability, %": _PERCENT},
            alt=f"What each network says of the picture made for {matrix.sources[0]}",
        )
    st.download_button(
        "Matrix as CSV",
        data=lambda: write_transfer_csv(matrix),
        file_name="transfer.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
