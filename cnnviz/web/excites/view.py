"""One target: its picture growing, the score's curve, and what the network says of it."""

from collections.abc import Iterator

import numpy as np
import streamlit as st

from cnnviz.figures.format import (
    format_count,
    format_number,
    format_percent,
    format_probability,
    format_setting,
)
from cnnviz.figures.maps import draw_probabilities, draw_tiles
from cnnviz.figures.synthesis import (
    draw_curve,
    tile_images,
    write_curve_csv,
    write_goal,
    write_step,
)
from cnnviz.imaging import to_png, upscale_nearest
from cnnviz.inference import LoadedModel
from cnnviz.synthesis.growth import Frame, Growth, grow
from cnnviz.synthesis.regularizers import Settings
from cnnviz.synthesis.targets import TargetKind
from cnnviz.web.components.maps.maps import Tile, show_color_sheet
from cnnviz.web.excites.controls import Amount, ChosenTarget
from cnnviz.web.excites.lesson import tell_transfer
from cnnviz.web.inline_picture import show_inline
from cnnviz.web.jobs import HeavyResult, show_result

_LARGE = 512
_TOP = 5


def show_growth(
    model: LoadedModel, chosen: ChosenTarget, settings: Settings, amount: Amount
) -> None:
    """Grow a target's pictures, or show them where somebody has grown them already."""

    def begin() -> Iterator[tuple[float, str, Growth]]:
        for growth in grow(
            model,
            chosen.target,
            settings=settings,
            steps=amount.steps,
            seed=amount.seed,
            count=amount.count,
            diversity=amount.diversity,
        ):
            step = growth.last.step
            yield step / amount.steps, f"step {step} of {amount.steps}", growth

    growth = show_result(
        HeavyResult(
            key=f"grow/{model.spec.name}/{model.card.sha256}/{chosen.key}/{settings}/{amount}",
            title=f"A picture for {chosen.name}",
            run=begin,
            size=_count_bytes,
        ),
        draw=lambda growth: _show(model, chosen, growth),
    )
    if growth is None:
        return
    _show_way(chosen, growth)
    _show_formula(model, chosen, settings, amount, growth)
    _offer(model, chosen, growth)


def _count_bytes(growth: Growth) -> int:
    return sum(frame.pixels.nbytes for frame in (*growth.frames, growth.last))


def _show(model: LoadedModel, chosen: ChosenTarget, growth: Growth) -> None:
    frame = growth.last
    picture, facts = st.columns([3, 2], gap="medium")
    with picture:
        show_inline(
            upscale_nearest(tile_images(frame.pixels), min_size=_LARGE),
            words=f"Made picture for {chosen.name} after {frame.step} steps",
        )
        st.caption(f"**{chosen.name}** · step {frame.step} of {growth.steps}")
        if chosen.target.kind is TargetKind.PROBABILITY:
            st.caption(tell_transfer(model))
    with facts:
        score = sum(frame.scores) / len(frame.scores)
        with st.container(gap="xxsmall"):
            st.metric(_name_score(chosen), _write_score(chosen, score))
            st.caption(f"from {_write_start(chosen, growth)} at the start")
        if growth.curve:
            st.plotly_chart(
                draw_curve(growth.curve, steps=growth.steps, name=_name_curve(chosen)),
                key="curve",
                config={"displayModeBar": False},
                alt="Score of the transformed picture against the steps",
            )
        _show_guesses(model, frame)


def _show_guesses(model: LoadedModel, frame: Frame) -> None:
    said = frame.predictions[0]
    top = said.ranking[:_TOP]
    which = "it" if len(frame.predictions) == 1 else "the first"
    st.caption(f"What {model.spec.title} takes {which} for")
    st.plotly_chart(
        draw_probabilities(
            [model.spec.classes[index] for index in top],
            [float(said.probabilities[index]) for index in top],
        ),
        key="guesses",
        config={"displayModeBar": False},
        alt="The network's five likeliest classes for the made picture",
    )


def _name_score(chosen: ChosenTarget) -> str:
    return {
        TargetKind.PROBABILITY: "probability",
        TargetKind.LOGIT: "logit",
        TargetKind.CHANNEL: "mean of the map",
        TargetKind.NEURON: "the cell's value",
        TargetKind.DIRECTION: "along the direction",
    }[chosen.target.kind]


def _name_curve(chosen: ChosenTarget) -> str:
    if chosen.target.kind is TargetKind.PROBABILITY:
        return "log-odds"
    return _name_score(chosen)


def _write_score(chosen: ChosenTarget, score: float) -> str:
    if chosen.target.kind is not TargetKind.PROBABILITY:
        return format_number(score)
    # Softmax never reaches 1: do not round it there.
    return format_probability(score)


def _write_start(chosen: ChosenTarget, growth: Growth) -> str:
    return _write_score(chosen, sum(growth.first.scores) / len(growth.first.scores))


def _show_way(chosen: ChosenTarget, growth: Growth) -> None:
    """The pictures on the way, side by side."""
    st.header("On the way", anchor=False)
    frames = growth.frames
    tiles = [
        Tile(
            channel=frame.step,
            name=f"step {frame.step}",
            note=_write_score(chosen, frame.scores[0]).removeprefix("over "),
            title=f"step {frame.step}",
            label=f"Step {frame.step}, {_name_score(chosen)} "
            f"{_write_score(chosen, frame.scores[0])}",
        )
        for frame in frames
    ]
    show_color_sheet(
        np.stack([frame.pixels[0] for frame in frames]), tiles=tiles, key="way", side=118
    )


def _show_formula(
    model: LoadedModel,
    chosen: ChosenTarget,
    settings: Settings,
    amount: Amount,
    growth: Growth,
) -> None:
    st.header("What was done", anchor=False)
    before, after = (sum(frame.scores) / len(frame.scores) for frame in (growth.first, growth.last))
    goal = write_goal(
        symbol=chosen.symbol,
        negative=chosen.target.negative,
        diversity=amount.diversity,
        before=before,
        after=after,
    )
    for line in (*goal, *write_step(settings)):
        st.latex(line)
    st.markdown(_tell_settings(model, chosen, settings, amount))


def _tell_settings(
    model: LoadedModel, chosen: ChosenTarget, settings: Settings, amount: Amount
) -> str:
    shape = model.spec.preprocessing.shape
    count = shape[0] * shape[1] * shape[2]
    sentences = [
        (
            f"{amount.steps} steps from faint noise (seed {amount.seed}) over "
            f"{format_count(count)} numbers; no weight of {model.spec.title} changes."
        )
    ]
    if chosen.target.kind is TargetKind.PROBABILITY:
        sentences.append(
            "S is the log-odds ln p/(1 − p): p itself has no slope left long before it is 1."
        )
    if settings.jitter or settings.rotate or settings.scale:
        sentences.append(
            f"In each step the network saw it moved by up to {settings.jitter} pixels, turned by "
            f"up to {format_setting(settings.rotate)}° and scaled by up to "
            f"{format_percent(settings.scale, digits=0)}; the "
            "curve is the score of what it saw, the numbers beside it are of the picture as it is."
        )
    if settings.blur:
        sentences.append(
            f"Every {settings.blur_every}th step it was blurred by "
            f"{format_setting(settings.blur)} pixels."
        )
    if settings.clip_small or settings.clip_contribution:
        sentences.append(
            f"After each step the faintest {format_percent(settings.clip_small, digits=0)} of the "
            f"pixels and "
            f"the {format_percent(settings.clip_contribution, digits=0)} that mattered least "
            f"became grey."
        )
    return " ".join(sentences)


def _offer(model: LoadedModel, chosen: ChosenTarget, growth: Growth) -> None:
    stem = f"{model.spec.name}-{chosen.name}".replace(" ", "-").replace(",", "").lower()
    frames = growth.frames
    with st.container(horizontal=True):
        for label, data, name, mime in (
            ("Picture as PNG", to_png(tile_images(growth.last.pixels)), f"{stem}.png", "png"),
            ("The way as PNG", _draw_way(model, chosen, frames), f"{stem}-way.png", "png"),
            ("Curve as CSV", write_curve_csv(growth.curve), f"{stem}.csv", "csv"),
        ):
            st.download_button(
                label,
                data,
                file_name=name,
                mime=f"{'image' if mime == 'png' else 'text'}/{mime}",
                icon=":material/download:",
                on_click="ignore",
            )


def _draw_way(model: LoadedModel, chosen: ChosenTarget, frames: tuple[Frame, ...]) -> bytes:
    return draw_tiles(
        np.stack([frame.pixels[0] for frame in frames]),
        captions=[
            f"step {frame.step}: {_write_score(chosen, frame.scores[0])}" for frame in frames
        ],
        title=f"{model.spec.title}: {chosen.name}",
        limit=None,
    )
