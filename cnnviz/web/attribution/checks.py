"""Whether maps can be trusted: the cascade of random weights, and the curves of faithfulness."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st
from torch import Tensor

from cnnviz.attribution.baselines import make_baseline
from cnnviz.attribution.faithfulness import Faithfulness, measure_faithfulness, shuffle_pixels
from cnnviz.attribution.methods import Baseline, Method, attribute, find_obstacle
from cnnviz.attribution.randomization import Stage, cascade, list_weighted
from cnnviz.attribution.result import resize_to
from cnnviz.figures.attribution import (
    draw_cascade,
    draw_curves,
    pack_map,
    tabulate_areas,
    write_cascade_csv,
    write_curves_csv,
)
from cnnviz.figures.format import format_number
from cnnviz.figures.formulas import name_layer
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel
from cnnviz.jobs import Job
from cnnviz.web.attribution.controls import Asked, name_classes
from cnnviz.web.attribution.maps import fits_checks, get_map, name_map
from cnnviz.web.caches import get_input
from cnnviz.web.components.overlay.overlay import Look, show_overlay
from cnnviz.web.job_panel import follow_job, start_visitor_job
from cnnviz.web.option_chooser import choose_segment

_SANITY, _FAITHFULNESS = CHECKS = ("cascade", "faithfulness")
_RANDOM = "Random order"
_STAGES = 12
_STEPS = 28
_SECONDS = 240.0
_SIGNED, _ABSOLUTE = "signed values", "magnitudes"
_BASELINES = {"black": Baseline.BLACK, "mean colour": Baseline.MEAN, "blurred": Baseline.BLUR}


@dataclass(frozen=True, slots=True)
class _Question:
    """What a check was asked of; a result of another question is not shown."""

    network: str
    digest: str
    target: int
    layer: str | None
    methods: tuple[Method, ...]
    baseline: str = ""


def _list_methods(model: LoadedModel, asked: Asked) -> tuple[Method, ...]:
    return tuple(
        method
        for method in asked.methods
        if fits_checks(model.spec.name, method) and not find_obstacle(model, method)
    )


def _find_answer(key: str, question: _Question) -> object:
    """The result of this visitor's job, or what it has of it so far, if it is of this question."""
    job: Job[object] | None = st.session_state.get(key)
    if job is None or st.session_state.get(f"{key}_of") != question:
        return None
    return job.result if job.result is not None else job.partial


def _offer(
    key: str,
    question: _Question,
    label: str,
    title: str,
    work: Callable[[Job[object]], object],
) -> None:
    def start() -> None:
        st.session_state[f"{key}_of"] = question
        start_visitor_job(work, key=key, title=title, seconds=_SECONDS)

    st.button(label, icon=":material/play_arrow:", key=f"start_{key}", on_click=start)
    if st.session_state.get(f"{key}_of") == question:
        follow_job(key)


def show_sanity(model: LoadedModel, picture: CheckedImage, asked: Asked) -> None:
    """Randomise a copy of the network from the logits down, and follow the maps."""
    question = _Question(
        network=model.spec.name,
        digest=picture.digest,
        target=asked.targets[0],
        layer=asked.layer,
        methods=_list_methods(model, asked),
    )
    x = get_input(model.spec.name, picture)
    answer = _find_answer(_SANITY, question)
    stages: tuple[Stage, ...] = answer if isinstance(answer, tuple) else ()
    if not stages or len(stages) < _count_stages(model):
        _offer(
            _SANITY,
            question,
            "Take the weights away, layer by layer",
            "Sanity check",
            partial(_run_cascade, model, x, question),
        )
    if stages:
        _show_stages(model, picture, stages, asked)


def _count_stages(model: LoadedModel) -> int:
    return 1 + min(_STAGES, len(list_weighted(model.graph)))


def _run_cascade(
    model: LoadedModel, x: Tensor, question: _Question, job: Job[object]
) -> tuple[Stage, ...]:
    def make(method: Method) -> Callable[[LoadedModel], Tensor]:
        return lambda network: (
            attribute(
                network, x, method=method, target=question.target, layer=question.layer
            ).values
        )

    makers = {str(method): make(method) for method in question.methods}
    stages: list[Stage] = []
    for stage in cascade(model, makers, stages=_STAGES):
        stages.append(stage)
        share = len(stages) / _count_stages(model)
        job.report(share, f"{stage.count} layers are random", tuple(stages))
    return tuple(stages)


def _show_stages(
    model: LoadedModel, picture: CheckedImage, stages: tuple[Stage, ...], asked: Asked
) -> None:
    labels = ["trained"] + [name_layer(model.graph.find(stage.layers[-1])) for stage in stages[1:]]
    labels = [f"{at} · {label}" if at else label for at, label in enumerate(labels)]
    if st.session_state.get("random_to") not in labels:
        st.session_state["random_to"] = labels[min(1, len(labels) - 1)]
    chosen = (
        st.select_slider("Random from the logits down to", labels, key="random_to")
        if len(labels) > 1
        else labels[0]
    )
    at = labels.index(chosen)
    names = list(stages[0].maps)
    show_overlay(
        [_pack_stage(stage, signed=asked.look.signed) for stage in (stages[0], stages[at])],
        views=[model.spec.preprocessing.view(get_input(model.spec.name, picture))] * 2,
        columns=names,
        look=Look(opacity=asked.look.opacity, signed=asked.look.signed, raw=asked.look.raw),
        label=f"Maps of the trained network, and with random weights down to {chosen}",
        key="cascade_maps",
        file=f"{model.spec.name}-sanity-check.png",
    )
    compared = st.segmented_control(
        "Compare",
        (_SIGNED, _ABSOLUTE),
        default=_SIGNED,
        required=True,
        key="compare",
        bind="query-params",
    )
    absolute = compared == _ABSOLUTE
    st.plotly_chart(
        draw_cascade(stages, labels=labels, at=at, absolute=absolute),
        key="cascade_chart",
        config={"displayModeBar": False},
        alt="Rank correlation of each method’s map with that of the trained network",
    )
    last = stages[-1].absolute if absolute else stages[-1].signed
    told = ", ".join(
        f"{name} {'has no map' if name in stages[-1].level else format_number(last[name])}"
        for name in names
    )
    silent = sum(len(stage.level) == len(names) for stage in stages)
    if silent:
        st.info(
            f"At {silent} of {len(stages)} moments no map has any value: with these random weights "
            "the class’s unit is off at every place, a ReLU behind it lets nothing through, and "
            "the lines end there."
        )
    st.markdown(
        f"With {stages[-1].count} layers random: {told}. 1 is the same order of places, 0 is "
        "chance. A map that stays near 1 draws the picture and not what was learned."
    )
    _download("Correlations as CSV", write_cascade_csv(stages), f"{model.spec.name}-sanity.csv")


def _pack_stage(stage: Stage, *, signed: bool) -> list[dict[str, object]]:
    return [
        pack_map(
            values,
            name="trained" if not stage.count else f"{stage.count} random",
            note=f"correlation {format_number(stage.signed[name])}" if stage.count else "",
            label=f"{name}, {stage.count} layers random",
            signed=signed,
        )
        for name, values in stage.maps.items()
    ]


def show_faithfulness(model: LoadedModel, picture: CheckedImage, asked: Asked) -> None:
    """Measure deletion and insertion curves of the shown methods on this picture."""
    removed = choose_segment(
        "What is taken away becomes",
        list(_BASELINES),
        key="removed",
        noun="stand-in",
        default="blurred",
    )
    question = _Question(
        network=model.spec.name,
        digest=picture.digest,
        target=asked.targets[0],
        layer=asked.layer,
        methods=_list_methods(model, asked),
        baseline=removed,
    )
    answer = _find_answer(_FAITHFULNESS, question)
    found: dict[str, Faithfulness] = answer if isinstance(answer, dict) else {}
    if len(found) <= len(question.methods):
        _offer(
            _FAITHFULNESS,
            question,
            "Take pixels away and give them back",
            "Faithfulness",
            partial(_run_curves, model, picture, question),
        )
    if found:
        _show_curves(model, found, name_classes(model)[question.target])


def _run_curves(
    model: LoadedModel, picture: CheckedImage, question: _Question, job: Job[object]
) -> dict[str, Faithfulness]:
    x = get_input(model.spec.name, picture)
    size = (x.shape[2], x.shape[3])
    orders = {_RANDOM: shuffle_pixels(size)}
    baseline = make_baseline(model, x, baseline=_BASELINES[question.baseline])
    found: dict[str, Faithfulness] = {}
    names: list[Method | str] = [*question.methods, _RANDOM]
    for done, name in enumerate(names):

        def tell(share: float, done: int = done, name: str = str(name)) -> None:
            job.report((done + share) / len(names), name, dict(found) or None)

        if isinstance(name, Method):
            key = name_map(
                model.spec.name,
                picture,
                method=name,
                target=question.target,
                layer=question.layer,
            )
            orders[str(name)] = resize_to(get_map(key, picture), size)
        found[str(name)] = measure_faithfulness(
            model,
            x,
            orders[str(name)],
            target=question.target,
            baseline=baseline,
            steps=_STEPS,
            report=tell,
        )
    return found


def _show_curves(model: LoadedModel, found: dict[str, Faithfulness], name: str) -> None:
    for place, deletion in zip(st.columns(2, gap="large"), (True, False), strict=True):
        what = "Deletion" if deletion else "Insertion"
        with place:
            st.markdown(
                f"**{what}:** the brightest pixels "
                + (
                    "go first; the lower, the better."
                    if deletion
                    else "come first; the higher, the better."
                )
            )
            st.plotly_chart(
                draw_curves(found, deletion=deletion, random_order=_RANDOM),
                key=f"curves_{what}",
                config={"displayModeBar": False},
                alt=f"{what} curves: the probability of {name} by the share of pixels",
            )
    number = st.column_config.NumberColumn
    table = tabulate_areas(found)
    st.dataframe(
        table,
        hide_index=True,
        column_config={column: number(format="%.3f") for column in list(table)[1:]},
        alt="Areas below the curves",
    )
    _download("Curves as CSV", write_curves_csv(found), f"{model.spec.name}-faithfulness.csv")


def _download(label: str, data: str, file: str) -> None:
    st.download_button(
        label,
        data,
        file_name=file,
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
