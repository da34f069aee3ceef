"""Shape bias over a set of cue conflicts, for each network, while it is measured."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from cnnviz.csv_file import write_rows_csv
from cnnviz.figures import shape_bias as figures
from cnnviz.figures.maps import draw_tiles
from cnnviz.figures.synthesis import pad_images
from cnnviz.images.image import resize_for_view
from cnnviz.runs.texture import Models
from cnnviz.shape_texture.bias import Tally
from cnnviz.shape_texture.trials import BiasRun, Making, measure_bias
from cnnviz.web.charts import show_chart
from cnnviz.web.chrome import show_finding
from cnnviz.web.components.maps.maps import show_color_sheet
from cnnviz.web.files import offer_files
from cnnviz.web.jobs import show_heavy
from cnnviz.web.pages.texture.controls import Page, find_making
from cnnviz.web.pages.texture.view import list_set, show_set, write_key

_SECONDS = 300.0
_SHOWN = 24  # conflicts on the sheet
_SIDE = 112  # of a conflict on it, in pixels, at most
_MIN_DECISIONS = 30  # decisions, below which a share says little


def show_bias(page: Page, models: Models) -> Callable[[], None] | None:
    """Draw how each network decides on a set, and return what shows the set below the stage."""
    images, values, making = list_set(), page.values, find_making(page.values, models)
    if making is None:
        return None

    found = show_heavy(
        "Shape bias",
        *(making.key, values.naming, values.pairs, write_key(models)),
        run=measure_bias(models, images, making=making, naming=values.naming, most=values.pairs),
        draw=partial(_show, page, models, making),
        slot="texture.bias",
        start="Measure the shape bias" if making.makers else None,
        seconds=_SECONDS,
    )
    if found is None and "job:texture.bias" not in st.session_state:
        st.markdown(page.text("measure", pairs=values.pairs))
    return partial(_explain, page, models, making, found)


def _show(page: Page, models: Models, making: Making, run: BiasRun) -> None:
    if not run.wanted:
        st.info(page.text("no_pairs"))
        return
    maker, naming = making.maker_name, page.values.naming
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


def _warn(page: Page, tallies: Sequence[Tally], run: BiasRun, making: Making) -> None:
    """What the figures do not say, with their counts."""
    most = max(tally.shape + tally.texture for tally in tallies)
    if most < _MIN_DECISIONS:
        show_finding(page.text("few", most=most, possible=run.possible))
    if making.only_maker:
        st.caption(page.text("maker", title=making.only_maker.spec.title))
    elif making.makers:
        st.caption(page.text("in_turn"))


def _explain(page: Page, models: Models, making: Making, run: BiasRun | None) -> None:
    """Show the conflicts of a measurement, its files, and what the set is made of."""
    if run is not None and run.stimuli:
        _show_conflicts(page, models, making, run)
    show_set(page, models)


def _show_conflicts(page: Page, models: Models, making: Making, run: BiasRun) -> None:
    images, shown = list_set(), run.stimuli[:_SHOWN]
    pairs = [(images[one.shape], images[one.texture]) for one in shown]
    tallies, names = making.tally(models, run, rule=page.values.rule), [one.name for one in images]
    biases = figures.tabulate_bias(tallies, maker=making.maker_name)
    captions = [f"{one.short_name[:12]} / {other.short_name[:12]}" for one, other in pairs]
    pixels, title = [one.pixels for one in shown], "Cue conflicts: shape / texture"
    offer_files(
        {
            "Bias as CSV": (lambda: write_rows_csv(biases), "shape-bias.csv"),
            "Decisions as CSV": (
                lambda: write_rows_csv(figures.list_decisions(run, models, names)),
                "shape-decisions.csv",
            ),
            "Conflicts as PNG": (
                lambda: draw_tiles(pad_images(pixels), captions, title=title),
                "cue-conflicts.png",
            ),
        }
    )
    st.subheader(f"Conflicts ({len(shown)} of {run.wanted})", anchor=False)
    small = pad_images([resize_for_view(each, max_side=_SIDE) for each in pixels])
    show_color_sheet(small, tiles=figures.name_conflicts(pairs), key="texture.conflicts", side=168)
