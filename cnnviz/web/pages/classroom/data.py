"""The class's data set: LeNet-5's accuracy on it, its files, and fine-tuning on one half."""

import hashlib
import math
from dataclasses import dataclass
from functools import partial

import streamlit as st

from cnnviz.classroom.data_set import (
    check_count,
    choose_drawings,
    pack_images,
    pack_mnist,
    predict_digits,
    render_drawings,
    score_digits,
    split_halves,
)
from cnnviz.classroom.fine_tuning import (
    BATCH,
    FineTuned,
    fine_tune_lenet,
    register_fine_tuned,
    write_fine_tuned,
)
from cnnviz.classroom.store import Drawing, Wall
from cnnviz.errors import DataError
from cnnviz.figures.classroom import HELD_TITLES, draw_digits, draw_epochs, write_tuned
from cnnviz.figures.format import format_count, format_percent
from cnnviz.jobs.heavy import HeavyResult
from cnnviz.labs.digit_sets import DigitSource, list_sources
from cnnviz.labs.trained_networks import name_trained
from cnnviz.networks.load import load_model
from cnnviz.training.measure import Score
from cnnviz.training.mnist import Mnist
from cnnviz.web.charts import show_chart
from cnnviz.web.files import offer_file, offer_files
from cnnviz.web.jobs import is_wished, show_result, take_wish_back
from cnnviz.web.page import link_to
from cnnviz.web.pages.classroom.controls import Page, View
from cnnviz.web.state import BENCH, keep, note_step
from cnnviz.web.visitors import find_visitor

_SLOT, _HELD = "classroom.tuning", "classroom.held"
_SECONDS = 600.0


@dataclass(frozen=True, slots=True, eq=False)
class ClassData:
    """The data set that the page shows.

    Attributes:
        drawings: Those on the wall when it was taken.
        hidden: How many the teacher had hidden.
        halves: To train on and to measure on.
        scores: Right predictions of LeNet-5 by digit.
        key: All that a result on it depends on, as text.
    """

    drawings: tuple[Drawing, ...]
    hidden: int
    halves: Mnist
    scores: tuple[Score, ...]
    key: str

    @property
    def right(self) -> int:
        """How many LeNet-5 predicts rightly."""
        return sum(one.correct for one in self.scores)


def read_data(page: Page, wall: Wall) -> ClassData:
    """Take the data set from the wall; as long as one is learned from, it stays.

    Raises:
        DataError: There are too few drawings.
    """
    held: ClassData | None = st.session_state.get(_HELD)
    if held is not None and is_wished(_request(page, held), _SLOT):
        return held
    drawings = choose_drawings(wall.drawings)
    check_count(drawings)
    told = "/".join(f"{one.asked}{one.strokes}" for one in drawings)
    key = f"{hashlib.sha256(told.encode()).hexdigest()} {page.values.seed}"
    if held is None or held.key != key:
        held = _make_data(page, drawings, len(wall.drawings) - len(drawings), key)
        st.session_state[_HELD] = held
    return held


def _make_data(page: Page, drawings: tuple[Drawing, ...], hidden: int, key: str) -> ClassData:
    data = render_drawings(drawings)
    scores = score_digits(predict_digits(load_model("lenet5").module, data.images), data.labels)
    return ClassData(drawings, hidden, split_halves(data, seed=page.values.seed), scores, key)


def _request(page: Page, data: ClassData) -> HeavyResult[FineTuned]:
    """Declare the fine-tuning that is chosen."""
    values, source = page.values, _find_source()
    return HeavyResult(
        key=f"class {values.code} {data.key} {values.epochs} {values.rate} {source}",
        title="Fine-tuning",
        run=partial(
            fine_tune_lenet,
            load_model("lenet5"),
            data.halves,
            source=source,
            epochs=values.epochs,
            rate=float(values.rate),
            seed=values.seed,
        ),
        seconds=_SECONDS,
    )


def _find_source() -> DigitSource:
    """What is measured on beside the class: MNIST where it is on this machine."""
    return list_sources()[-1]


def show_data(page: Page, wall: Wall) -> ClassData | None:
    """Draw the data set with what LeNet-5 learns from it; None where it is too small."""
    try:
        data = read_data(page, wall)
    except DataError as error:
        st.info(str(error))
        return None
    heavy, figure = _request(page, data), st.container()  # above what starts and stops it

    def draw(tuned: FineTuned) -> None:
        with figure:
            _draw_tuned(page, data, tuned)

    _show_news(page, data, wall)
    tuned = show_result(heavy, draw=draw, slot=_SLOT, start="Fine-tune on one half")
    if tuned is None and not is_wished(heavy, _SLOT):
        with figure:
            _draw_accuracy(page, data)
    if tuned is not None:
        _show_use(page, data, tuned)
    return data


def _draw_accuracy(page: Page, data: ClassData) -> None:
    show_chart(
        draw_digits({"LeNet-5": data.scores}),
        key="classroom.chart.digits",
        alt="Accuracy of LeNet-5 on the class's drawings, by digit",
        file="class-accuracy",
    )
    count = len(data.drawings)
    words = {"right": format_count(data.right), "count": format_count(count)}
    percent = format_percent(data.right / count)
    st.markdown(page.text("measured", percent=percent, hidden=data.hidden, **words))


def _draw_tuned(page: Page, data: ClassData, tuned: FineTuned) -> None:
    source = _find_source()
    curve, bars = st.columns(2)
    with curve:
        show_chart(
            draw_epochs(tuned.epochs, held=HELD_TITLES[source]),
            key="classroom.chart.epochs",
            alt="Accuracy on the class's other half and on other digits, by epoch",
            file="class-fine-tuning",
        )
    with bars:
        show_chart(
            draw_digits({"before": tuned.before, "after": tuned.after}),
            key="classroom.chart.tuned",
            alt="Accuracy on the class's other half by digit, before and after",
            file="class-digits",
        )
    words = write_tuned(tuned)
    learned = page.text("tuned", trained=len(data.halves.train.labels), **words)
    st.markdown(f"{learned} {page.text(f'held_{source}', **words)}")


def _show_news(page: Page, data: ClassData, wall: Wall) -> None:
    """Say how many drawings the data set that is learned from does not have."""
    now = {one.id for one in choose_drawings(wall.drawings)}
    changed = len(now ^ {one.id for one in data.drawings})
    if changed:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(page.text("news", changed=changed))
            take = partial(take_wish_back, _SLOT)
            st.button("Take the wall as it is", key="classroom.renew", on_click=take)


def _show_use(page: Page, data: ClassData, tuned: FineTuned) -> None:
    """Offer the network to all pages, and its weights as a file."""
    code, visitor = page.values.code, find_visitor()
    name = name_trained(_request(page, data).key, visitor=visitor)

    def use() -> None:
        model = load_model("lenet5")
        register_fine_tuned(model, tuned, name=name, code=code, visitor=visitor)
        keep(BENCH, network=name)
        note_step()

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Use on all pages",
            icon=":material/push_pin:",
            help=page.text("use"),
            key="classroom.use",
            on_click=use,
        )
        file = f"lenet5-{code}.safetensors"
        offer_file("Weights", partial(write_fine_tuned, tuned), file, key="classroom.weights")
        if page.at.bench.values.network == name:
            for url, label in (
                ("digit", "Draw with it"),
                ("whole_network", "The whole network"),
                ("activations", "Activation maps"),
            ):
                link_to(url, label, icon=":material/arrow_outward:", network=name)


def show_settings(page: Page, data: ClassData | None) -> None:
    """Draw how LeNet-5 is fine-tuned, the files, and the way to clean the set."""
    page.draw("rate")
    page.draw_row("epochs", "seed")
    clean = {"show": View.WALL, "mistakes": True}
    st.button(
        "Clean the set",
        icon=":material/cleaning_services:",
        help=page.text("clean"),
        on_click=page.apply,
        kwargs=clean,
        key="classroom.clean",
    )
    if data is not None:
        offer_files(
            {
                "MNIST format": (partial(pack_mnist, data.halves), f"{name_set(page)}.zip"),
                "PNG": (partial(pack_images, data.halves), f"{name_set(page)}-png.zip"),
            }
        )


def name_set(page: Page) -> str:
    """Return what the data set's files are called."""
    return f"class-{page.values.code.lower()}" if page.values.code else ""


def find_answers(data: ClassData | None, epochs: int) -> dict[str, float]:
    """Return the answers to the lesson's questions."""
    if data is None:
        return {}
    count = len(data.drawings)
    share = data.right / count
    return {
        "accuracy": 100 * share,
        "error": 100 * math.sqrt(share * (1 - share) / count),
        "steps": float(math.ceil(len(data.halves.train.labels) / BATCH) * epochs),
    }


def write_words(data: ClassData | None, epochs: int) -> dict[str, object]:
    """Return what the lesson's questions say of the data set."""
    if data is None:
        return {}
    return {
        "right": data.right,
        "count": len(data.drawings),
        "trained": len(data.halves.train.labels),
        "batch": BATCH,
        "epochs": epochs,
    }
