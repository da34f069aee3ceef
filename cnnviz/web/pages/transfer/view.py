"""The page of transfer learning: accuracy, learning curve, maps of features, and the four cases."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from cnnviz.csv_file import write_rows_csv
from cnnviz.errors import CNNVizError
from cnnviz.evaluation.summary import describe_skipped
from cnnviz.figures import transfer_learning as figures
from cnnviz.figures.evaluation import draw_confusion
from cnnviz.figures.format import format_number
from cnnviz.labs.transfer.cases import Case
from cnnviz.labs.transfer.embedding import find_neighbors
from cnnviz.labs.transfer.features import INPUT, FeatureSet, title_depth
from cnnviz.labs.transfer.fine_tuning import Training, Transferred
from cnnviz.labs.transfer.head import CurvePoint, DepthAccuracy
from cnnviz.labs.transfer.networks import register_transferred, write_transferred
from cnnviz.labs.transfer.sets import TransferSet
from cnnviz.runs.pairs import Pair
from cnnviz.web.cam_pairs import show_pairs
from cnnviz.web.charts import show_chart
from cnnviz.web.chrome import show_error
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_result
from cnnviz.web.made_images import show_images
from cnnviz.web.page import link_pages
from cnnviz.web.pages.transfer.classes import show_own_classes
from cnnviz.web.pages.transfer.controls import (
    MAX_MAPS,
    Page,
    Places,
    View,
    read_set,
    request_cases,
    request_curve,
    request_depths,
    request_features,
    request_map,
    request_maps,
    request_training,
    write_key,
)
from cnnviz.web.pages.transfer.own import NAME, find_own
from cnnviz.web.state import BENCH, keep, note_step
from cnnviz.web.visitors import find_visitor

_NEAR = 4
_TUNED = (View.ACCURACY, View.CAM)


def show_controls(page: Page) -> None:
    """Draw what is chosen beside the figure."""
    show = page.values.show
    if show is View.CASES:
        st.caption(page.text("cases"))
        return
    page.draw("images")
    show_own_classes(page)
    if page.values.images == "folder":
        page.draw("classes")
    page.draw("count")
    if show in _TUNED:
        page.draw("training")
        if page.values.training is not Training.HEAD:
            page.draw("epochs", "rate")
    if show is View.MAP:
        page.draw("depth", "projection")


def show_transfer(page: Page) -> tuple[FeatureSet | None, Transferred | None]:
    """Draw what is chosen; return the features and what was trained, where both are there."""
    if page.values.show is View.CASES:
        _show_cases(page)
        return None, None
    try:
        found = read_set(page)
    except CNNVizError as error:
        own = list(find_own().classes)
        if page.values.images == NAME and len(own) < 2:
            st.info(page.text("own_second", label=own[0]) if own else page.text("own"))
        else:
            show_error(error)
        return None, None
    features = show_result(request_features(page, found), draw=_draw_nothing, slot="transfer")
    if features is None:
        st.caption(page.text("reading", network=page.at.bench.model.spec.title))
        return None, None
    if page.values.show in _TUNED:
        return features, _show_training(page, found, features)
    _VIEWS[page.values.show](page, found, features)
    return features, None


def _draw_nothing(result: object) -> None:
    """What follows draws it."""


def _show_training(page: Page, found: TransferSet, features: FeatureSet) -> Transferred | None:
    is_head = page.values.training is Training.HEAD
    draw = partial(_draw_accuracy, features)
    is_accuracy = page.values.show is View.ACCURACY
    trained = show_result(
        request_training(page, found, features),
        draw=draw if is_accuracy else _draw_nothing,
        slot="transfer.training",
        start=None if is_head else "Fine-tune",
    )
    if trained is not None and not is_accuracy:
        _show_cam(page, found, features, trained)
    return trained


def _draw_accuracy(features: FeatureSet, trained: Transferred) -> None:
    st.markdown(figures.write_accuracy(features, trained))
    confusion = draw_confusion(figures.count_predictions(features, trained.predictions))
    shown = st.columns([3, 2]) if trained.training is not Training.HEAD else [st.container()]
    with shown[-1]:
        show_chart(
            confusion.update_layout(height=figures.HEIGHT),
            key=f"transfer.chart.confusion.{trained.training}",
            alt="Confusion matrix of the held-out images: classes as rows, predictions as columns",
            file="confusion",
        )
    if len(shown) > 1:
        with shown[0]:
            show_chart(
                figures.draw_epochs(trained.epochs),
                key="transfer.chart.epochs",
                alt="Accuracy on the held-out images after each epoch of fine-tuning",
                file="fine-tuning",
            )


def _name_network(
    page: Page, found: TransferSet, features: FeatureSet, trained: Transferred
) -> str:
    """Put the new network into the registry, for this visitor."""
    values = page.values
    key = f"{write_key(page, found)} {trained.training} {values.epochs} {values.rate}"
    name = register_transferred(
        page.at.bench.model,
        features,
        trained,
        title=found.title,
        key=key,
        visitor=find_visitor(),
    )
    if values.images == NAME:
        find_own().networks.add(name)
    return name


def _show_cam(page: Page, found: TransferSet, features: FeatureSet, trained: Transferred) -> None:
    """Show where the new network looks on held-out images, the mistakes first."""
    name = _name_network(page, found, features, trained)
    wrong = trained.predictions != features.test_labels
    order = [*wrong.nonzero()[:, 0].tolist(), *(~wrong).nonzero()[:, 0].tolist()][:MAX_MAPS]
    rows = [features.trained + place for place in order]

    def draw(pairs: tuple[Pair, ...]) -> None:
        told = []
        for place, row in zip(order, rows, strict=True):
            said = features.classes[int(trained.predictions[place])]
            shows = features.classes[int(features.labels[row])]
            told.append((said, f"is {shows}" if said == shows else f"not {shows}"))
        show_pairs(pairs, told, key="transfer.maps", side=150)

    st.markdown(figures.write_accuracy(features, trained))
    heavy = request_maps(name, features, rows, key=write_key(page, found))
    show_result(heavy, draw=draw, slot="transfer.maps")


def _show_curve(page: Page, found: TransferSet, features: FeatureSet) -> None:
    def draw(curve: tuple[CurvePoint, ...]) -> None:
        show_chart(
            figures.draw_curve(curve, classes=len(features.classes)),
            key="transfer.chart.curve",
            alt="Accuracy of a linear head against the number of images of each class",
            file="learning-curve",
        )

    show_result(request_curve(page, found, features), draw=draw, slot="transfer.curve")


def _show_depth(page: Page, found: TransferSet, features: FeatureSet) -> None:
    titles = [title_depth(page.at.bench.model, layer) for layer in features.layers]

    def draw(depths: tuple[DepthAccuracy, ...]) -> None:
        show_chart(
            figures.draw_depths(depths, titles, classes=len(features.classes)),
            key="transfer.chart.depths",
            alt="Accuracy of a linear head and of the nearest neighbor, by depth in the network",
            file="depth",
        )

    show_result(request_depths(page, found, features), draw=draw, slot="transfer.depths")


def _show_map(page: Page, found: TransferSet, features: FeatureSet) -> None:
    places = show_result(
        request_map(page, found, features), draw=_draw_nothing, slot="transfer.map"
    )
    if places is not None:
        _draw_map(page, features, places)


def _draw_map(page: Page, features: FeatureSet, places: Places) -> None:
    depth, picked = page.values.depth, min(page.values.picked, len(features.images) - 1)
    near = find_neighbors(features.vectors[depth], picked, count=_NEAR)
    plain = find_neighbors(features.vectors[INPUT], picked, count=_NEAR)
    chart, beside = st.columns([5, 2], gap="small")
    with chart:
        show_chart(
            figures.draw_map(features, places, picked=picked, near=[row for row, _ in near]),
            key="transfer.chart.map",
            alt=f"{len(places)} images by {page.values.projection} of their features, by class",
            on_pick=lambda row: page.keep(picked=int(row)),
        )
    with beside:
        st.caption(page.text("neighbors", image=features.images[picked].name))
        for kind, found in (("depth", near), ("pixels", plain)):
            rows = [picked, *(row for row, _ in found)]
            names = [features.classes[int(features.labels[row])] for row in rows]
            notes = ["", *(format_number(distance) for _, distance in found)]
            st.caption(page.text(f"near_{kind}"))
            show_images(
                features.thumbnails[rows], names, notes, key=f"transfer.near.{kind}", side=56
            )


_VIEWS: dict[View, Callable[[Page, TransferSet, FeatureSet], None]] = {
    View.CURVE: _show_curve,
    View.MAP: _show_map,
    View.DEPTH: _show_depth,
}


def _show_cases(page: Page) -> None:
    titles = {"similar": "Similar images", "different": "Different images"}

    def draw(cases: tuple[Case, ...]) -> None:
        show_chart(
            figures.draw_cases(cases, titles),
            key="transfer.chart.cases",
            alt="Accuracy of four ways to train, for little and much data, similar and different",
            file="four-cases",
        )
        rows = figures.tabulate_cases(cases, titles)
        offer_file("Table as CSV", lambda: write_rows_csv(rows), "four-cases.csv")

    show_result(request_cases(page), draw=draw, slot="transfer.cases", start="Run the four cases")


def show_use(page: Page, features: FeatureSet, trained: Transferred) -> None:
    """Offer the new network to all pages, and its weights as a file."""
    told = describe_skipped(features.skipped)
    if told:
        st.caption(told)
    found = read_set(page)
    st.subheader("Use the network", anchor=False)
    st.markdown(page.text("use"))

    def use() -> None:
        keep(BENCH, network=_name_network(page, found, features, trained))
        note_step()

    with st.container(horizontal=True):
        st.button("Use on all pages", icon=":material/push_pin:", key="transfer.use", on_click=use)
        offer_file(
            "Weights",
            partial(write_transferred, trained),
            "transferred.safetensors",
            key="transfer.weights",
        )


def show_new_network(page: Page) -> None:
    """Lead to the pages that open the network on the workbench, where it was trained here."""
    bench = page.at.bench
    if not bench.network.startswith("trained_"):
        return
    link_pages("attribution", "activations", "whole_network", network=bench.network)
