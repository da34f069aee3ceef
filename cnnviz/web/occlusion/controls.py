"""How the occlusion page's picture is covered, and the job that covers it."""

from math import ceil

import streamlit as st

from cnnviz.attribution.fills import Fill
from cnnviz.attribution.occlusion import Occlusion, OcclusionOptions, compute_occlusion
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel, predict
from cnnviz.jobs import Job
from cnnviz.web.caches import get_facts, get_input
from cnnviz.web.job_panel import start_visitor_job
from cnnviz.web.option_chooser import choose_listed
from cnnviz.web.url_values import check_choice, keep_within

JOB = "occlusion"
_REQUEST = "occlusion_request"
_SECONDS = 300.0
_SIDES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
_MOST_ACROSS = 32
_SMALL = 96
# Multiply-adds up to which the work begins by itself, some seconds of one core.
_LITTLE_WORK = 3 * 10**11


def choose_options(model: LoadedModel) -> OcclusionOptions:
    """Show patch, stride and fill."""
    side = min(model.spec.preprocessing.shape[1:])
    is_small = side <= _SMALL
    patches = [patch for patch in _SIDES if side / 16 <= patch <= side / 2] or [1]
    columns = st.columns(3, gap="medium")
    with columns[0]:
        # A small picture fills its frame: a seventh of it hides next to nothing.
        first = min(patches, key=lambda patch: abs(patch - side / (4 if is_small else 7)))
        patch = _slide("Patch, pixels", patches, first, key="patch")
    strides = [
        stride
        for stride in _SIDES
        if stride <= patch and ceil((side - patch) / stride) < _MOST_ACROSS
    ] or [patch]
    with columns[1]:
        usual = min(strides, key=lambda stride: abs(stride - patch / (4 if is_small else 2)))
        stride = _slide("Stride, pixels", strides, usual, key="stride")
    with columns[2]:
        fill = choose_listed("Covered with", list(Fill), key="fill", noun="fill")
    return OcclusionOptions(patch=patch, stride=stride, fill=fill)


def _slide(label: str, options: list[int], start: int, *, key: str) -> int:
    problem = check_choice(key, [str(option) for option in options], aliases={}, noun=key)
    keep_within(key, options, fallback=start)
    value: int = st.select_slider(label, options=options, value=start, key=key, bind="query-params")
    if problem:
        st.warning(problem)
    return value


def choose_class(model: LoadedModel, picture: CheckedImage) -> int:
    """Show the list of classes, the network's own guesses first, and return the chosen one."""
    ranking = predict(model, get_input(model.spec.name, picture)).ranking
    own = "the network’s first guess"
    titles = {own: ranking[0]}
    for index in ranking:
        name = model.spec.classes[index]
        titles[name if name not in titles else f"{name} ({index})"] = index
    label = f"Class (first guess: {model.spec.classes[ranking[0]]})"
    return titles[choose_listed(label, list(titles), key="class", noun="class")]


def take_result(
    model: LoadedModel, picture: CheckedImage, options: OcclusionOptions
) -> Occlusion | None:
    """Return what is known for these choices; start the work, or offer to, where nothing is."""
    request = (model.spec.name, picture.digest, options)
    job: Job[Occlusion] | None = st.session_state.get(JOB)
    if job is not None and st.session_state.get(_REQUEST) == request:
        return job.result or job.partial
    if job is not None:
        job.stop()
        del st.session_state[JOB]
    side = min(model.spec.preprocessing.shape[1:])
    positions = (ceil((side - options.patch) / options.stride) + 1) ** 2
    work = positions * sum(facts.multiply_adds for facts in get_facts(model.spec.name).values())
    if work > _LITTLE_WORK and not st.button(
        f"Cover {positions} squares, one after the other",
        icon=":material/play_arrow:",
        type="primary",
        help="Takes this server from some seconds to a few minutes; the map fills in as it goes.",
    ):
        return None
    x = get_input(model.spec.name, picture)

    def cover_all(running: Job[Occlusion]) -> Occlusion:
        def report(share: float, partial: Occlusion) -> None:
            done = int(partial.done.sum())
            running.report(share, f"{done} of {partial.done.numel()} squares", partial)

        return compute_occlusion(model, x, options=options, report=report)

    st.session_state[_REQUEST] = request
    start_visitor_job(cover_all, key=JOB, title="Covering the picture", seconds=_SECONDS)
    return None
