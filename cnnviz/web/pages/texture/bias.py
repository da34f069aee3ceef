"""Shape bias over a set of cue conflicts, for each network, while it is measured."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import streamlit as st

from cnnviz.figures import shape_bias as figures
from cnnviz.figures.maps import draw_tiles
from cnnviz.figures.synthesis import pad_images
from cnnviz.figures.texture import write_rows_csv
from cnnviz.heavy import HeavyResult
from cnnviz.imaging import Pixels
from cnnviz.inference import LoadedModel
from cnnviz.texture.bias import Tally
from cnnviz.texture.trials import BiasRun, Making, measure_bias
from cnnviz.web.charts import show_chart
from cnnviz.web.chrome import show_finding
from cnnviz.web.components.maps.maps import Tile, show_color_sheet
from cnnviz.web.files import offer_files
from cnnviz.web.jobs import show_result
from cnnviz.web.pages.texture.controls import Page, find_making
from cnnviz.web.pages.texture.view import list_set, tell_set, write_key

_SECONDS = 300.0
_SHOWN = 24  # conflicts on the sheet
_FEW = 30  # decisions, below which a share says little

Models = Sequence[LoadedModel]


def show_bias(page: Page, models: Models) -> Callable[[], None] | None:
    """Make cue conflicts of a set, and draw how each network decides.

    Returns:
        What draws the conflicts and the set below the stage; None without a network for them.
    """
    images, values, making = list_set(), page.values, find_making(page.values, models)
    if making is None:
        return None

    def run() -> Iterator[tuple[float, str, BiasRun]]:
        for share, found in measure_bias(
            models, images, make=making.begin(), naming=values.naming, most=values.pairs
        ):
            yield share, f"{len(found.stimuli)} of {found.wanted} pairs", found

    found = show_result(
        HeavyResult(
            key=f"bias/{making.key}/{values.naming}/{values.pairs}/{write_key(models)}",
            title="Shape bias",
            run=run,
            seconds=_SECONDS,
        ),
        draw=partial(_show, page, models, making),
        slot="texture.bias",
        start="Measure the shape bias" if making.makers else None,
    )
    return partial(_explain, page, models, making, found)


def _show(page: Page, models: Models, making: Making, run: BiasRun) -> None:
    if not run.wanted:
        st.info(page.text("no_pairs"))
        return
    maker, naming = _find_maker(making), page.values.naming
    tallies = making.tally(models, run, rule=page.values.rule)
    show_chart(
        figures.draw_bias(tallies, maker=maker),
        key="texture.bias",
        alt="Shape bias of each network with its 95 % interval, beside the paper's figures",
        file="shape-bias",
    )
    told = [f"- {figures.describe_tally(one, run, maker=maker, naming=naming)}" for one in tallies]
    st.markdown("\n".join(told))
    _warn(page, tallies, run, making)
    most = max(tallies, key=lambda tally: tally.shape + tally.texture)
    st.latex(figures.write_bias(most))
    st.caption(f"b is the shape bias of {most.title}.")


def _find_maker(making: Making) -> str:
    return making.only_maker.spec.name if making.only_maker else ""


def _warn(page: Page, tallies: Sequence[Tally], run: BiasRun, making: Making) -> None:
    """What the figures do not say, with their counts."""
    most = max(tally.shape + tally.texture for tally in tallies)
    if most < _FEW:
        show_finding(page.text("few", most=most, possible=run.possible))
    if making.only_maker:
        st.caption(page.text("maker", title=making.only_maker.spec.title))
    elif making.makers:
        st.caption(page.text("in_turn"))


def _explain(page: Page, models: Models, making: Making, run: BiasRun | None) -> None:
    """Show the conflicts of a measurement, its files, and what the set is made of."""
    if run is not None and run.stimuli:
        _show_conflicts(page, models, making, run)
    tell_set(page, models)


def _show_conflicts(page: Page, models: Models, making: Making, run: BiasRun) -> None:
    names, shown = [one.name for one in list_set()], run.stimuli[:_SHOWN]
    short = [(_shorten(names[one.shape]), _shorten(names[one.texture])) for one in shown]
    tallies = making.tally(models, run, rule=page.values.rule)
    biases = figures.tabulate_bias(tallies, maker=_find_maker(making))
    sheet = partial(
        draw_tiles,
        pad_images([one.pixels for one in shown]),
        captions=[f"{shape[:12]} / {texture[:12]}" for shape, texture in short],
        title="Cue conflicts: shape / texture",
        limit=None,
    )
    offer_files(
        {
            "Bias as CSV": (lambda: write_rows_csv(biases), "shape-bias.csv"),
            "Decisions as CSV": (
                lambda: write_rows_csv(figures.list_decisions(run, models, names)),
                "shape-decisions.csv",
            ),
            "Conflicts as PNG": (sheet, "cue-conflicts.png"),
        }
    )
    st.subheader(f"Conflicts ({len(shown)} of {run.wanted})", anchor=False)
    tiles = [
        Tile(
            channel=place,
            name=short[place][0],
            note=short[place][1],
            title=f"shape: {names[one.shape]}, texture: {names[one.texture]}",
            label=f"Shape of {names[one.shape]} with the texture of {names[one.texture]}",
        )
        for place, one in enumerate(shown)
    ]
    small = pad_images([_thin(one.pixels) for one in shown])
    show_color_sheet(small, tiles=tiles, key="texture.conflicts", side=168)


def _thin(pixels: Pixels) -> Pixels:
    step = max(1, int(pixels.shape[0]) // 112)
    return pixels[::step, ::step]


def _shorten(name: str) -> str:
    """An image's name up to its comma, without the numbers of a file's name."""
    words = [word for word in name.replace("_", " ").split() if not word[1:].isdigit()]
    return " ".join(words).partition(",")[0]
