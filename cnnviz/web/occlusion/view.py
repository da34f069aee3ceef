"""The occlusion page: its maps, one covered picture, the work saved, and the lesson."""

import streamlit as st

from cnnviz.attribution.fills import make_fill
from cnnviz.attribution.occlusion import Occlusion, OcclusionMap, read_class
from cnnviz.figures.occlusion import (
    draw_savings,
    list_convolutions,
    pack_occlusion,
    write_csv,
    write_image,
)
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel
from cnnviz.jobs import Job
from cnnviz.web.caches import get_input
from cnnviz.web.components.occlusion.occlusion import read_position, show_occlusion
from cnnviz.web.url_values import check_number

_PLACE = "square"
_FIGURE = "occlusion_figure"
_CONFIG = {"displayModeBar": False, "scrollZoom": False}


def show_maps(
    model: LoadedModel, picture: CheckedImage, occlusion: Occlusion, *, target: int
) -> None:
    """Show Zeiler and Fergus's figure, as far as it is known.

    Args:
        model: The network.
        picture: What is covered.
        occlusion: What is known so far.
        target: Index of the class.
    """
    found = read_class(occlusion, target=target)
    preprocessing = model.spec.preprocessing
    x = get_input(model.spec.name, picture)
    fill = make_fill(
        occlusion.options.fill, x, preprocessing=preprocessing, patch=occlusion.options.patch
    )
    count, worst = occlusion.done.numel(), _find_worst(found)
    chosen = st.session_state.get(_PLACE, worst)
    show_occlusion(
        pack_occlusion(
            preprocessing.view(x),
            preprocessing.view(fill),
            occlusion,
            found,
            classes=model.spec.classes,
        ),
        chosen=chosen if 0 <= chosen < count else worst,
        label=f"The picture with a square covered, what covering costs {model.spec.classes[target]}"
        ", its probability and the most probable class, by where the square lies.",
        key=_FIGURE,
        on_pick=lambda: _take_click(count),
    )


def _find_worst(found: OcclusionMap) -> int:
    """The position that takes most from the class."""
    return int(found.probability.nan_to_num(2.0).argmin())


def _take_click(count: int) -> None:
    place = read_position(_FIGURE, count=count)
    if place is not None:
        st.session_state[_PLACE] = place


def show_partial(
    model: LoadedModel, picture: CheckedImage, target: int, job: Job[Occlusion]
) -> None:
    """Show a map that still fills in."""
    if job.partial is not None:
        show_maps(model, picture, job.partial, target=target)


def show_square(occlusion: Occlusion, *, target: int) -> None:
    """Show the numbers of the chosen square; the figure above shows its picture and guesses."""
    found = read_class(occlusion, target=target)
    place = _choose_place(occlusion, found)
    row, column = divmod(place, len(occlusion.lefts))
    if bool(occlusion.done[row, column]):
        _show_formula(occlusion, found, row=row, column=column)
    else:
        st.info("This square has not been covered yet.")


def _choose_place(occlusion: Occlusion, found: OcclusionMap) -> int:
    count = occlusion.done.numel()
    problem = check_number(_PLACE, least=0, most=count - 1, noun="The square")
    if st.session_state.get(_PLACE, 0) >= count:
        del st.session_state[_PLACE]
    place = st.number_input(
        "Square, counted row by row from 0 (or click a place above)",
        min_value=0,
        max_value=count - 1,
        value=_find_worst(found),
        key=_PLACE,
        bind="query-params",
    )
    if problem:
        st.warning(problem)
    return int(place)


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
            data=lambda: write_image(view, occlusion, found, classes=model.spec.classes),
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
