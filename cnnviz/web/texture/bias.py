"""Shape bias over a set of cue conflicts, for each network, while it is measured."""

from collections.abc import Iterator, Sequence

import numpy as np
import streamlit as st

from cnnviz.figures.format import format_latex, format_percent
from cnnviz.figures.maps import draw_tiles
from cnnviz.figures.synthesis import pad_images
from cnnviz.figures.texture import (
    draw_bias,
    list_decisions,
    tabulate_bias,
    write_rows_csv,
)
from cnnviz.imaging import Pixels
from cnnviz.inference import LoadedModel
from cnnviz.texture.bias import Naming, Rule, Tally, tally_decisions
from cnnviz.texture.images import LabelledImage
from cnnviz.texture.trials import BiasRun, make_with_patches, make_with_style, measure_bias
from cnnviz.web.chrome import show_finding
from cnnviz.web.components.maps.maps import Tile, show_color_sheet
from cnnviz.web.jobs import HeavyResult, show_result
from cnnviz.web.option_chooser import choose_segment
from cnnviz.web.texture.controls import Making, choose_making
from cnnviz.web.texture.sets import choose_set

_SECONDS = 300.0
_SHOWN = 24  # conflicts on the sheet
_FEW = 30  # decisions, below which a share says little


def show_bias(models: Sequence[LoadedModel]) -> None:
    """Make cue conflicts of a set, and draw how each network decides."""
    left, right = st.columns(2, gap="large")
    with left:
        making = choose_making(models)
    with right:
        pictures, naming = choose_set(models)
        most = st.slider("Pairs at most", 8, 96, 16, 8, key="pairs", bind="query-params", width=260)
        rule = _choose_rule()
    if making is None:
        return
    make = make_with_style(making.makers) if making.makers else make_with_patches(making.patches)

    def begin() -> Iterator[tuple[float, str, BiasRun]]:
        for share, run in measure_bias(models, pictures, make=make, naming=naming, most=most):
            yield share, f"{len(run.stimuli)} of {run.wanted} pairs", run

    names = "/".join(f"{model.spec.name}:{model.card.sha256}" for model in models)
    digests = "/".join(one.digest[:16] for one in pictures)
    found = show_result(
        HeavyResult(
            key=f"bias/{making.key}/{names}/{naming}/{most}/{digests}",
            title="Shape bias",
            run=begin,
            size=_count_bytes,
            seconds=_SECONDS,
        ),
        draw=lambda run: _show_run(models, pictures, making, run, rule=rule, naming=naming),
    )
    if found is not None and found.stimuli:
        _offer(models, pictures, making, found, rule)


def _choose_rule() -> Rule:
    return choose_segment("What decides", list(Rule), key="rule", noun="rule", default=Rule.FIRST)


def _count_bytes(run: BiasRun) -> int:
    pixels = sum(one.pixels.nbytes for one in run.stimuli)
    return pixels + sum(one.nbytes for answers in run.answers.values() for one in answers)


def _tally(
    models: Sequence[LoadedModel], making: Making, run: BiasRun, rule: Rule
) -> tuple[Tally, ...]:
    in_turn = len(making.makers) > 1
    return tuple(
        tally_decisions(
            model,
            run.cues[model.spec.name],
            [
                ((one.shape, one.texture), said)
                for one, said in zip(run.stimuli, run.answers[model.spec.name], strict=True)
                if not (in_turn and one.maker == model.spec.name)
            ],
            rule=rule,
        )
        for model in models
    )


def _show_run(
    models: Sequence[LoadedModel],
    pictures: Sequence[LabelledImage],
    making: Making,
    run: BiasRun,
    *,
    rule: Rule,
    naming: Naming,
) -> None:
    if not run.wanted:
        st.info(
            "No two pictures of the set are named rightly and differently by any of these "
            "networks. Count all by their own first guess, or start the server with a folder of "
            "photographs in CNNVIZ_PHOTOS whose files are named by their class."
        )
        return
    tallies = _tally(models, making, run, rule)
    st.plotly_chart(
        draw_bias(tallies, maker=making.greyed),
        key="bias",
        config={"displaylogo": False, "toImageButtonOptions": {"filename": "shape-bias"}},
        alt="Shape bias of each network with its 95 % interval, beside the paper's figures",
    )
    st.markdown("\n".join(_tell(one, run, maker=making.greyed, naming=naming) for one in tallies))
    _warn(tallies, run, making)
    told = max(tallies, key=lambda tally: tally.shape + tally.texture)
    st.latex(_write_formula(told))
    st.caption(f"b is the shape bias; the figures are {told.title}'s.")
    _show_stimuli(pictures, run)


def _tell(tally: Tally, run: BiasRun, *, maker: str, naming: Naming) -> str:
    how = "named rightly" if naming is Naming.TRUTH else "counted by its own first guess"
    start = (
        f"- **{tally.title}**: {tally.images} of {run.images} pictures are {how}, and "
        f"{tally.pairs} of the {len(run.stimuli)} conflicts made so far count for it: "
    )
    if tally.bias is None:
        return f"{start}it named none by either cue, so it has no bias to tell."
    low, high = tally.interval
    end = f"shape bias **{format_percent(tally.bias, digits=0)}**, with 95 % confidence between "
    end += f"{format_percent(low, digits=0)} and {format_percent(high, digits=0)}."
    own = " The conflicts were made with its own features." if tally.network == maker else ""
    return start + end + own


def _warn(tallies: Sequence[Tally], run: BiasRun, making: Making) -> None:
    """What the figures do not say, with their counts."""
    most = max(tally.shape + tally.texture for tally in tallies)
    if most < _FEW:
        show_finding(
            f"**Too few to compare networks.** At most {most} conflicts were named by either cue, "
            f"of {run.possible} pairs that this set has; the paper showed each network 1,280. Read "
            "the intervals, not the bars."
        )
    if making.greyed:
        st.caption(
            f"The greyed bar is {making.makers[0][0].spec.title}'s, if it is among the networks: "
            "the conflicts match the texture in its own layers, so it says texture far more often "
            "than the others. Let the networks make them in turn, or make them from patches, "
            "before you believe it. The paper's conflicts were made with VGG-19."
        )
    elif making.makers:
        st.caption(
            "The networks make the conflicts in turn, and none judges those made with its own "
            "features: in these the texture of its own layers is matched, and it says texture far "
            "more often. The paper's conflicts were all made with VGG-19."
        )


def _write_formula(one: Tally) -> str:
    value = "?" if one.bias is None else format_latex(format_percent(one.bias, digits=0))
    return (
        r"b = \frac{\text{shape}}{\text{shape} + \text{texture}} = "
        rf"\frac{{{one.shape}}}{{{one.shape} + {one.texture}}} = {value}"
    )


def _show_stimuli(pictures: Sequence[LabelledImage], run: BiasRun) -> None:
    if not run.stimuli:
        return
    shown = run.stimuli[:_SHOWN]
    st.subheader(f"The conflicts ({len(shown)} of {run.wanted})", anchor=False)
    names = [(pictures[one.shape].name, pictures[one.texture].name) for one in shown]
    tiles = [
        Tile(
            channel=place,
            name=_shorten(shape),
            note=_shorten(texture),
            title=f"shape: {shape}, texture: {texture}",
            label=f"Shape of {shape} with the texture of {texture}",
        )
        for place, (shape, texture) in enumerate(names)
    ]
    small = np.stack([one.pixels[:: _step(one.pixels), :: _step(one.pixels)] for one in shown])
    show_color_sheet(pad_images(list(small)), tiles=tiles, key="conflicts", side=168)


def _step(pixels: Pixels) -> int:
    return max(1, int(pixels.shape[0]) // 112)


def _shorten(name: str) -> str:
    """A picture's name up to its comma, without the numbers of a file's name."""
    words = [word for word in name.replace("_", " ").split() if not word[1:].isdigit()]
    return " ".join(words).partition(",")[0]


def _offer(
    models: Sequence[LoadedModel],
    pictures: Sequence[LabelledImage],
    making: Making,
    run: BiasRun,
    rule: Rule,
) -> None:
    names = [one.name for one in pictures]
    tallies = _tally(models, making, run, rule)
    files = (
        (
            "Bias as CSV",
            write_rows_csv(tabulate_bias(tallies, maker=making.greyed)),
            "shape-bias.csv",
        ),
        (
            "Decisions as CSV",
            write_rows_csv(list_decisions(run, models, names)),
            "shape-decisions.csv",
        ),
    )
    with st.container(horizontal=True):
        for label, data, name in files:
            st.download_button(
                label,
                data,
                file_name=name,
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
            )
        st.download_button(
            "Conflicts as PNG",
            lambda: draw_tiles(
                pad_images([one.pixels for one in run.stimuli[:_SHOWN]]),
                captions=[
                    f"{_shorten(names[one.shape])[:12]} / {_shorten(names[one.texture])[:12]}"
                    for one in run.stimuli[:_SHOWN]
                ],
                title="Cue conflicts: shape / texture",
                limit=None,
            ),
            file_name="cue-conflicts.png",
            mime="image/png",
            icon=":material/download:",
            on_click="ignore",
        )
