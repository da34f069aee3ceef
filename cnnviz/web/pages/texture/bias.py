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
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import HeavyResult, show_result
from cnnviz.web.pages.texture.controls import Making, TextureControls
from cnnviz.web.pages.texture.sets import list_set
from cnnviz.web.state import PageState

Page = PageState[TextureControls]
_SECONDS = 300.0
_SHOWN = 24  # conflicts on the sheet
_FEW = 30  # decisions, below which a share says little


def show_bias(page: Page, models: Sequence[LoadedModel], making: Making) -> BiasRun | None:
    """Make cue conflicts of a set, and draw how each network decides."""
    images, naming = list_set(), page.values.naming
    make = make_with_style(making.makers) if making.makers else make_with_patches(making.patches)

    def begin() -> Iterator[tuple[float, str, BiasRun]]:
        trials = measure_bias(models, images, make=make, naming=naming, most=page.values.pairs)
        for share, run in trials:
            yield share, f"{len(run.stimuli)} of {run.wanted} pairs", run

    names = "/".join(f"{model.spec.name}:{model.card.sha256}" for model in models)
    digests = "/".join(one.digest[:16] for one in images)
    return show_result(
        HeavyResult(
            key=f"bias/{making.key}/{names}/{naming}/{page.values.pairs}/{digests}",
            title="Shape bias",
            run=begin,
            size=_count_bytes,
            seconds=_SECONDS,
        ),
        draw=lambda run: _show_run(models, making, run, rule=page.values.rule, naming=naming),
        slot="texture.bias",
        start="Measure the shape bias" if making.makers else None,
    )


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
    making: Making,
    run: BiasRun,
    *,
    rule: Rule,
    naming: Naming,
) -> None:
    if not run.wanted:
        st.info(
            "No network predicts two different classes of the set correctly. Choose all images, "
            "or start the server with a folder of photographs in CNNVIZ_PHOTOS whose files are "
            "named by their class."
        )
        return
    tallies = _tally(models, making, run, rule)
    st.plotly_chart(
        draw_bias(tallies, maker=making.greyed),
        key="texture.bias",
        config={"displaylogo": False, "toImageButtonOptions": {"filename": "shape-bias"}},
        alt="Shape bias of each network with its 95 % interval, beside the paper's figures",
    )
    st.markdown("\n".join(_tell(one, run, maker=making.greyed, naming=naming) for one in tallies))
    _warn(tallies, run, making)
    told = max(tallies, key=lambda tally: tally.shape + tally.texture)
    st.latex(_write_formula(told))
    st.caption(f"b is the shape bias of {told.title}.")


def _tell(tally: Tally, run: BiasRun, *, maker: str, naming: Naming) -> str:
    how = "predicted correctly" if naming is Naming.TRUTH else "counted by their top-1 class"
    start = (
        f"- **{tally.title}**: {tally.images} of {run.images} images are {how}, and "
        f"{tally.pairs} of {len(run.stimuli)} conflicts count for it: "
    )
    if tally.bias is None:
        return f"{start}it predicted none by either cue, so there is no shape bias."
    low, high = tally.interval
    end = f"shape bias **{format_percent(tally.bias, digits=0)}**, 95 % confidence interval "
    end += f"{format_percent(low, digits=0)} to {format_percent(high, digits=0)}."
    own = " The conflicts were made with its own features." if tally.network == maker else ""
    return start + end + own


def _warn(tallies: Sequence[Tally], run: BiasRun, making: Making) -> None:
    """What the figures do not say, with their counts."""
    most = max(tally.shape + tally.texture for tally in tallies)
    if most < _FEW:
        show_finding(
            f"**Too few to compare networks.** At most {most} conflicts were predicted by either "
            f"cue, of {run.possible} pairs that this set has. The paper showed each network 1,280. "
            "Read the intervals, not the bars."
        )
    if making.greyed:
        st.caption(
            f"The conflicts match the texture in the layers of {making.makers[0][0].spec.title}. "
            "So this network is biased to texture here, and its bar is gray. For a fair comparison "
            "let each network make conflicts in turn, or use patches."
        )
    elif making.makers:
        st.caption(
            "The networks make the conflicts in turn. No network judges those made with its own "
            "features. The paper's conflicts were all made with VGG-19."
        )


def _write_formula(one: Tally) -> str:
    value = "?" if one.bias is None else format_latex(format_percent(one.bias, digits=0))
    return (
        r"b = \frac{\text{shape}}{\text{shape} + \text{texture}} = "
        rf"\frac{{{one.shape}}}{{{one.shape} + {one.texture}}} = {value}"
    )


def explain_bias(page: Page, models: Sequence[LoadedModel], making: Making, run: BiasRun) -> None:
    """Show the conflicts of a measurement, and its files."""
    if not run.stimuli:
        return
    images = list_set()
    _offer(models, images, making, run, page.values.rule)
    shown = run.stimuli[:_SHOWN]
    st.subheader(f"Conflicts ({len(shown)} of {run.wanted})", anchor=False)
    names = [(images[one.shape].name, images[one.texture].name) for one in shown]
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
    show_color_sheet(pad_images(list(small)), tiles=tiles, key="texture.conflicts", side=168)


def _step(pixels: Pixels) -> int:
    return max(1, int(pixels.shape[0]) // 112)


def _shorten(name: str) -> str:
    """An image's name up to its comma, without the numbers of a file's name."""
    words = [word for word in name.replace("_", " ").split() if not word[1:].isdigit()]
    return " ".join(words).partition(",")[0]


def _offer(
    models: Sequence[LoadedModel],
    images: Sequence[LabelledImage],
    making: Making,
    run: BiasRun,
    rule: Rule,
) -> None:
    names = [one.name for one in images]
    tallies = _tally(models, making, run, rule)
    files = (
        (
            "Bias as CSV",
            lambda: write_rows_csv(tabulate_bias(tallies, maker=making.greyed)),
            "shape-bias.csv",
        ),
        (
            "Decisions as CSV",
            lambda: write_rows_csv(list_decisions(run, models, names)),
            "shape-decisions.csv",
        ),
    )
    with st.container(horizontal=True):
        for label, data, name in files:
            offer_file(label, data, name)
        offer_file(
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
            "cue-conflicts.png",
        )
