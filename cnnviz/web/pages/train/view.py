"""The runs side by side, the network's layers, and what becomes of a trained network."""

import math
from contextlib import suppress
from functools import partial
from itertools import count, zip_longest

import streamlit as st

from cnnviz.digits.answers import has_lenet_layers
from cnnviz.errors import CNNVizError
from cnnviz.figures.format import format_count, format_quantity, format_shape
from cnnviz.jobs.heavy import HeavyResult
from cnnviz.labs.digit_sets import CLASSES, SHAPE, WRITTEN_TRAINED, list_sources
from cnnviz.labs.live_training import TrainingRun, open_run
from cnnviz.labs.network_builder import (
    MAX_LAYERS,
    BuilderLayer,
    BuilderRow,
    format_layers,
    lay_out,
    parse_layers,
)
from cnnviz.labs.optimizers import Schedule
from cnnviz.labs.trained_networks import name_network, register_run, write_weights
from cnnviz.web.chrome import show_error
from cnnviz.web.components.layer_list.layer_list import Row, show_layer_list
from cnnviz.web.components.training.training import Run, show_training
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import leave_result, show_result
from cnnviz.web.page import link_pages
from cnnviz.web.pages.train.controls import MAX_NOTATION, PRESETS, Page, name_plan, read_plan
from cnnviz.web.pages.train.submit import offer_run
from cnnviz.web.state import BENCH, keep, note_step
from cnnviz.web.visitors import find_visitor

MAX_RUNS = 4
_RUNS, _CHOSEN, _COUNT = "train.runs", "train.chosen", "train.count"
_SECONDS = 600.0
_BYTES = 16  # of a parameter, with its gradient and what the optimizer keeps of it


def list_runs(page: Page) -> list[TrainingRun]:
    """Return the visitor's runs; on the first visit the one that the address asks for."""
    runs: list[TrainingRun] | None = st.session_state.get(_RUNS)
    if runs is None:
        runs = []
        try:
            runs.append(open_run(read_plan(page), title=name_plan(page)))
        except CNNVizError:
            return runs  # the layers' own place says what is wrong
        st.session_state[_RUNS] = runs
    return runs


def find_chosen(runs: list[TrainingRun]) -> TrainingRun | None:
    """Return the run whose layers and mistakes are shown."""
    chosen = st.session_state.get(_CHOSEN)
    return next((run for run in runs if run.id == chosen), runs[-1] if runs else None)


def show_runs(runs: list[TrainingRun]) -> None:
    """Draw the runs, and the bar of each that is under way."""
    shown = st.container()
    for run in runs:
        if not run.is_over:
            show_result(_train(run), draw=_draw_nothing, slot=_slot(run), can_pause=True)
    chosen = find_chosen(runs)
    if chosen is None:
        return
    with shown:
        live = {run.id: not run.is_over and not _is_paused(run) for run in runs}
        show_training(
            [
                Run(
                    run.id,
                    run.title,
                    live[run.id],
                    run.is_own,
                    has_schedule=run.plan.schedule is not Schedule.CONSTANT,
                )
                for run in runs
            ],
            chosen=chosen.id,
            on_choose=_take_choice,
            on_remove=_take_removal,
            key="train.chart",
        )


def _draw_nothing(result: object) -> None:
    """The chart follows the run itself."""


def _train(run: TrainingRun) -> HeavyResult[TrainingRun]:
    parameters = sum(row.parameters for row in run.rows)
    return HeavyResult(
        key=f"train/{run.id}",
        title=f"Training {run.title}",
        run=run.advance,
        size=lambda _: _BYTES * parameters,
        seconds=_SECONDS,
        is_live=True,
    )


def _slot(run: TrainingRun) -> str:
    return f"train.{run.id}"


def _is_paused(run: TrainingRun) -> bool:
    _, job = st.session_state.get(f"job:{_slot(run)}", (None, None))
    return job is None or not job.is_active


def _take_choice(run_id: object) -> None:
    if isinstance(run_id, str):
        st.session_state[_CHOSEN] = run_id


def _take_removal(run_id: object) -> None:
    runs: list[TrainingRun] = st.session_state.get(_RUNS, [])
    for run in [run for run in runs if run.id == run_id and len(runs) > 1]:
        leave_result(_slot(run), is_over=run.is_over)
        runs.remove(run)


def start_run(page: Page) -> None:
    """Add a run of the visitor's own to the chart; a fifth takes the place of the oldest."""
    page.renew()
    runs: list[TrainingRun] = st.session_state.setdefault(_RUNS, [])
    number = st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1
    title, taken = name_plan(page), {run.title for run in runs}
    if title in taken:
        title = next(one for one in (f"{title}, run {n}" for n in count(2)) if one not in taken)
    run = open_run(read_plan(page), title=title, owner=f"{find_visitor()}/{number}")
    while len(runs) >= MAX_RUNS:
        old = runs.pop(0)
        leave_result(_slot(old), is_over=old.is_over)
    runs.append(run)
    st.session_state[_CHOSEN] = run.id


def show_controls(page: Page) -> None:
    """Draw what a run depends on, and the button that starts it."""
    with st.popover("Presets", icon=":material/auto_awesome_motion:", width="stretch"):
        page.draw_presets("preset", PRESETS)
    page.draw("optimizer", "schedule", "rate")
    page.draw_row("batch", "decay")
    page.draw_row("epochs", "seed")
    page.draw("augmented")
    if len(list_sources()) > 1:
        page.draw("source")
    is_possible = find_layers(page)[1] is None
    st.button(
        "Train",
        icon=":material/play_arrow:",
        type="primary",
        width="stretch",
        key="train.start",
        disabled=not is_possible,
        help=page.text("train", most=MAX_RUNS),
        on_click=start_run,
        args=(page,),
    )


def find_layers(page: Page) -> tuple[tuple[BuilderRow, ...], CNNVizError | None]:
    """Return the layers as far as they fit, and what is wrong; None where nothing is."""
    try:
        return lay_out(parse_layers(page.values.layers), shape=SHAPE, classes=len(CLASSES))
    except CNNVizError as error:
        return (), error


def show_layers(page: Page) -> None:
    """Draw the list of layers with shapes, parameters and multiply-adds."""
    st.subheader("Layers", anchor=False)
    rows, problem = find_layers(page)
    layers = _read_layers(page)
    with st.container():  # one place: the text below would close where an error comes or goes
        if problem is not None:
            show_error(problem)
        if layers:
            show_layer_list(
                [_write_row(layer, row) for layer, row in zip_longest(layers, rows)],
                most=MAX_LAYERS,
                shape=format_shape(SHAPE),
                on_edit=partial(_take_edit, page),
                key="train.layers.list",
            )
    parameters = format_count(sum(row.parameters for row in rows))
    multiply_adds = format_quantity(sum(row.multiply_adds for row in rows))
    st.caption(page.text("counts", parameters=parameters, multiply_adds=multiply_adds))
    with st.expander("As text"):
        page.draw("layers", label_visibility="collapsed")
        st.caption(page.text("notation"))


def _read_layers(page: Page) -> tuple[BuilderLayer, ...]:
    try:
        return parse_layers(page.values.layers)
    except CNNVizError:  # what is wrong is said above
        return ()


def _write_row(layer: BuilderLayer, row: BuilderRow | None) -> Row:
    numbers = (layer.size, layer.kernel, layer.stride, layer.padding)
    if row is None:
        return Row(str(layer.block), *numbers)
    costs = (format_count(one) if one else "" for one in (row.parameters, row.multiply_adds))
    return Row(str(layer.block), *numbers, format_shape(row.output), *costs)


def _take_edit(page: Page, text: object) -> None:
    if isinstance(text, str):
        with suppress(CNNVizError):  # no editor of ours sends what is none
            page.keep(layers=format_layers(parse_layers(text[:MAX_NOTATION])))


def show_use(page: Page, run: TrainingRun) -> None:
    """Offer the trained network to all pages, and its weights as a file."""
    if not run.curves.looks:
        return
    st.subheader("Use the network", anchor=False)

    def use() -> None:
        keep(BENCH, network=register_run(run, visitor=find_visitor()))
        note_step()

    st.markdown(page.text("use", title=run.title, steps=format_count(run.step)))
    with st.container(horizontal=True):
        st.button("Use on all pages", icon=":material/push_pin:", key="train.use", on_click=use)
        file = f"{run.title}.safetensors"
        offer_file("Weights", partial(write_weights, run), file, key="train.weights")
        offer_run(page, run)
    name = name_network(run, visitor=find_visitor())
    if page.at.bench.values.network == name:
        pad = ("digit",) if has_lenet_layers(name) else ()
        link_pages(*pad, "whole_network", "activations", "attribution", network=name)


def find_answers(page: Page) -> dict[str, float]:
    """Return the answers to the lesson's questions."""
    rate = float(page.values.rate)
    steps = WRITTEN_TRAINED // int(page.values.batch)
    return {"guess": math.log(len(CLASSES)), "steps": float(steps), "step": 0.5 - 2 * rate}


def write_constants(page: Page) -> dict[str, object]:
    """Return the values of the page's program."""
    plan = read_plan(page)
    return {
        "LAYERS": plan.layers,
        "SOURCE": plan.source,
        "OPTIMIZER": plan.optimizer,
        "RATE": plan.rate,
        "SCHEDULE": plan.schedule,
        "BATCH": plan.batch,
        "DECAY": plan.decay,
        "EPOCHS": plan.epochs,
        "AUGMENTED": plan.is_augmented,
        "SEED": plan.seed,
    }
