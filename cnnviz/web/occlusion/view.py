"""The occlusion page: its maps, one covered picture, the work saved, and the lesson."""

import streamlit as st

from cnnviz.attribution.fills import make_fill
from cnnviz.attribution.occlusion import Occlusion, OcclusionMap, cover, read_class
from cnnviz.figures.occlusion import (
    draw_best,
    draw_probability,
    draw_savings,
    frame_square,
    list_convolutions,
    write_csv,
    write_picture,
)
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel, rank_logits
from cnnviz.jobs import Job
from cnnviz.web.caches import get_input
from cnnviz.web.url_values import check_number

_PLACE = "square"
_CONFIG = {"displayModeBar": False, "scrollZoom": False}


def show_maps(
    model: LoadedModel, occlusion: Occlusion, *, target: int, live: bool, key: str = "maps"
) -> None:
    """Show the two maps of Zeiler and Fergus's figure.

    Args:
        model: The network.
        occlusion: What is known so far.
        target: Index of the class.
        live: Whether the map still fills in; a finished one answers clicks.
        key: Prefix of the charts' keys.
    """
    found = read_class(occlusion, target=target)
    name = model.spec.classes[target]
    left, right = st.columns(2, gap="medium")
    charts = (
        (left, f"Probability of “{name}”", draw_probability(occlusion, found, name=name), "p"),
        (
            right,
            "Most probable class",
            draw_best(occlusion, found, classes=model.spec.classes),
            "b",
        ),
    )
    for column, title, figure, letter in charts:
        chart = f"{key}-{letter}-{live}"
        with column:
            st.markdown(f"**{title}**, by where the square lies")
            st.plotly_chart(
                figure,
                key=chart,
                config=_CONFIG,
                on_select="ignore" if live else (lambda chart=chart: _take_click(chart, occlusion)),
                selection_mode="points",
                alt=f"{title} for each position of the covered square.",
            )


def _take_click(chart: str, occlusion: Occlusion) -> None:
    points = st.session_state[chart]["selection"]["points"]
    if points:
        place = int(points[0]["point_index"])
        if 0 <= place < occlusion.done.numel():
            st.session_state[_PLACE] = place


def show_partial(model: LoadedModel, target: int, job: Job[Occlusion]) -> None:
    """Show a map that still fills in."""
    if job.partial is not None:
        show_maps(model, job.partial, target=target, live=True)


def show_square(
    model: LoadedModel, picture: CheckedImage, occlusion: Occlusion, *, target: int
) -> None:
    """Show the picture with one square covered, its top five, and the numbers of its map."""
    found = read_class(occlusion, target=target)
    place = _choose_place(occlusion, found)
    row, column = divmod(place, len(occlusion.lefts))
    x = get_input(model.spec.name, picture)
    fill = make_fill(
        occlusion.options.fill,
        x,
        preprocessing=model.spec.preprocessing,
        patch=occlusion.options.patch,
    )
    square = occlusion.find_square(row, column)
    view = model.spec.preprocessing.view(cover(x, square, fill))
    left, right = st.columns([2, 3], gap="medium")
    left.image(
        frame_square(view, occlusion, row=row, column=column),
        width="stretch",
        output_format="PNG",
        alt="The picture with the chosen square covered",
    )
    with right:
        _show_top(model, occlusion, row=row, column=column)
        _show_formula(occlusion, found, row=row, column=column)


def _choose_place(occlusion: Occlusion, found: OcclusionMap) -> int:
    count = occlusion.done.numel()
    problem = check_number(_PLACE, least=0, most=count - 1, noun="The square")
    if st.session_state.get(_PLACE, 0) >= count:
        del st.session_state[_PLACE]
    worst = int(found.probability.nan_to_num(2.0).argmin())
    place = st.number_input(
        "Square, counted row by row from 0 (or click one above)",
        min_value=0,
        max_value=count - 1,
        value=worst,
        key=_PLACE,
        bind="query-params",
    )
    if problem:
        st.warning(problem)
    return int(place)


def _show_top(model: LoadedModel, occlusion: Occlusion, *, row: int, column: int) -> None:
    if not bool(occlusion.done[row, column]):
        st.info("This square has not been covered yet.")
        return
    clean, covered = rank_logits(occlusion.clean), rank_logits(occlusion.logits[row, column])
    lines = ["| | covered | uncovered |", "|---|---|---|"]
    lines += [
        f"| {model.spec.classes[index]} | {float(covered.probabilities[index]):.1%} "
        f"| {float(clean.probabilities[index]):.1%} |"
        for index in covered.ranking[:5]
    ]
    st.markdown("\n".join(lines))


def _show_formula(occlusion: Occlusion, found: OcclusionMap, *, row: int, column: int) -> None:
    before, after = found.clean_probability, float(found.probability[row, column])
    height, patch = occlusion.size[0], occlusion.options.patch
    stride, count = occlusion.options.stride, len(occlusion.tops)
    st.latex(rf"p(x) - p(x_\text{{covered}}) = {before:.3f} - {after:.3f} = {before - after:.3f}")
    st.latex(
        rf"\left\lceil\frac{{{height} - {patch}}}{{{stride}}}\right\rceil + 1 = {count}"
        rf"\text{{ positions down}}"
    )


def show_work(model: LoadedModel, occlusion: Occlusion) -> None:
    """Show how much of each layer had to be computed, as a lesson on receptive fields."""
    st.header("Why this did not take longer", anchor=False)
    full = sum(saving.full for saving in occlusion.savings)
    computed = sum(saving.computed for saving in occlusion.savings)
    rows = list_convolutions(occlusion.savings, model.graph)
    if not full or not rows:
        return
    first, last = rows[0][0], rows[-1][0]
    st.markdown(
        f"A square of {occlusion.options.patch} pixels changes only the cells whose receptive "
        "field it touches; all others keep the values of the uncovered picture. In the first "
        f"convolution {first.cells:.0%} of the cells were computed anew, in the last "
        f"{last.cells:.0%}: the windows grow with the receptive field. The maps are exact."
    )
    st.markdown("Of a picture’s multiply-adds, in millions, this is the share that was computed:")
    st.latex(rf"\frac{{{computed / 1e6:.2f}}}{{{full / 1e6:.2f}}} = {computed / full:.2f}")
    st.plotly_chart(
        draw_savings(occlusion.savings, model.graph),
        key="savings",
        config=_CONFIG,
        alt="Share of each convolution's cells that was computed, from the input upwards.",
    )


def offer_files(
    model: LoadedModel, picture: CheckedImage, occlusion: Occlusion, *, target: int
) -> None:
    """Offer the maps as PNG and as CSV."""
    found = read_class(occlusion, target=target)
    view = model.spec.preprocessing.view(get_input(model.spec.name, picture))
    stem = f"occlusion-{model.spec.name}-{target}"
    with st.container(horizontal=True):
        st.download_button(
            "Maps as PNG",
            data=lambda: write_picture(view, occlusion, found),
            file_name=f"{stem}.png",
            mime="image/png",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "Maps as CSV",
            data=lambda: write_csv(occlusion, found, classes=model.spec.classes),
            file_name=f"{stem}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def show_lesson() -> None:
    """Three things to try, each ending in a question, then limits and sources."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Find the darkest cell of the probability map and click it. Is the object there, or "
        "something that only goes with it?\n"
        "2. Cover with black, then with blur. The same pixels are hidden; where do the two maps "
        "differ, and which of the two has the network seen in training?\n"
        "3. Double the patch. The map grows darker and the bars below grow longer: why does a "
        "larger square cost more work in the first layers, and hardly more in the last?"
    )
    st.header("Limits and sources", anchor=False)
    st.markdown(
        "- A covered picture is a picture like no other: a black square may look like an object "
        "itself. A class may gain by it.\n"
        "- What is there twice is missed by this method: with one of two wheels covered, the other "
        "still speaks.\n"
        "- A softmax near 100 % hardly moves although the logit does; the CSV has both.\n"
        "- Operations that need a whole map (global pooling, squeeze-and-excitation, attention, "
        "layer normalisation) end the saving; the layers above are computed whole.\n"
        "- M. Zeiler, R. Fergus: Visualizing and understanding convolutional networks. ECCV 2014, "
        "figure 6. Their square was grey."
    )
