"""The page of evaluation: accuracy, confusion matrix, mistakes, calibration and robustness."""

from collections.abc import Callable

import streamlit as st

from cnnviz.csv_file import write_rows_csv
from cnnviz.evaluation.image_sets import EvaluationImage, ImageSet, list_set_titles
from cnnviz.evaluation.run import AccuracyCurve
from cnnviz.evaluation.scores import (
    Evaluation,
    NetworkScores,
    count_confusion,
    list_predictions,
    score_classes,
)
from cnnviz.evaluation.summary import describe_skipped, describe_unknown
from cnnviz.figures import evaluation as figures
from cnnviz.figures.format import format_count
from cnnviz.runs.pairs import Pair
from cnnviz.web.cam_pairs import show_pairs
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.controls.bar import offer_more
from cnnviz.web.files import offer_file, offer_files
from cnnviz.web.jobs import show_result
from cnnviz.web.page import link_to
from cnnviz.web.pages.evaluation.controls import (
    MAX_MISTAKES,
    Models,
    Page,
    View,
    find_detail,
    request_evaluation,
    request_maps,
    request_robustness,
)

_AT_ONCE = 60  # predictions that need no click
_CONFUSED = 30  # labels in the matrix
Images = tuple[EvaluationImage, ...]


def show_controls(page: Page) -> None:
    """Draw what is chosen beside the figure."""
    page.draw("images")
    with st.container(horizontal=True, gap="small"):
        with st.popover("Networks", icon=":material/hub:"):
            page.draw("networks")
        offer_more()
    page.draw("most")
    if page.values.show in (View.CONFUSION, View.MISTAKES) and len(page.values.networks) > 1:
        page.draw("detail")
    if page.values.show is View.ROBUSTNESS:
        page.draw("corruption")
    if page.values.images == "drawn":
        st.caption(page.text("drawn"))
    elif "folder" not in list_set_titles():
        st.caption(page.text("name_folder"))


def show_evaluation(
    page: Page, models: Models, found: ImageSet, images: Images
) -> Evaluation | None:
    """Evaluate the networks and draw what is chosen; return the whole evaluation."""
    if page.values.show is View.ROBUSTNESS:
        _show_robustness(page, models, found, images)
        return None
    count = len(images) * len(models)

    def draw(evaluation: Evaluation) -> None:
        if evaluation.list_known():
            _VIEWS[page.values.show](page, models, found, evaluation)
        else:
            st.info(page.text("unknown"))

    return show_result(
        request_evaluation(page, models, found, images),
        draw=draw,
        slot="evaluation",
        start=None if count <= _AT_ONCE else f"Evaluate on {format_count(len(images))} images",
    )


def _show_accuracy(page: Page, models: Models, found: ImageSet, evaluation: Evaluation) -> None:
    del models, found
    known = evaluation.list_known()
    show_chart(
        figures.draw_accuracy(known),
        key="evaluation.accuracy",
        alt=figures.describe_evaluation(evaluation),
        file="accuracy",
    )
    show_table(
        figures.tabulate_networks(known),
        percent=("Top-1 %", "Top-5 %"),
        formats=figures.FORMATS,
        pinned="Network",
        key="evaluation.networks",
    )
    if len({len(one.outcomes) for one in known}) > 1:
        st.caption(page.text("different"))


def _show_calibration(page: Page, models: Models, found: ImageSet, evaluation: Evaluation) -> None:
    del page, models, found
    known = evaluation.list_known()
    show_chart(
        figures.draw_calibration(known),
        key="evaluation.calibration",
        alt="Accuracy against confidence in fifteen bins, for each network, with the diagonal",
        file="calibration",
    )


def _show_confusion(page: Page, models: Models, found: ImageSet, evaluation: Evaluation) -> None:
    del models, found
    scores = find_detail(page, evaluation.list_known())
    whole = count_confusion(scores)
    shown = whole.select(_CONFUSED)
    show_chart(
        figures.draw_confusion(shown),
        key="evaluation.confusion",
        alt=f"Confusion matrix of {scores.spec.title}: labels as rows, predictions as columns",
        file="confusion-matrix",
    )
    if len(shown.names) < len(whole.names):
        st.caption(page.text("confused", shown=len(shown.names), all=len(whole.names)))


def _show_mistakes(page: Page, models: Models, found: ImageSet, evaluation: Evaluation) -> None:
    scores = find_detail(page, evaluation.list_known())
    mistakes = scores.list_mistakes(MAX_MISTAKES)
    wrong = scores.top1.total - scores.top1.correct
    st.markdown(page.text("mistakes", network=scores.spec.title, wrong=wrong))
    if not mistakes or evaluation.done < evaluation.total:
        return

    def draw(pairs: tuple[Pair, ...]) -> None:
        told = [figures.describe_mistake(scores, one) for one in mistakes]
        show_pairs(pairs, told, key="evaluation.mistakes", side=164)

    show_result(request_maps(page, models, found, scores), draw=draw, slot="evaluation.maps")


_VIEWS: dict[View, Callable[[Page, Models, ImageSet, Evaluation], None]] = {
    View.ACCURACY: _show_accuracy,
    View.CONFUSION: _show_confusion,
    View.MISTAKES: _show_mistakes,
    View.CALIBRATION: _show_calibration,
}


def _show_robustness(page: Page, models: Models, found: ImageSet, images: Images) -> None:
    corruption = page.values.corruption

    def draw(curves: tuple[AccuracyCurve, ...]) -> None:
        show_chart(
            figures.draw_robustness(curves, corruption),
            key="evaluation.robustness",
            alt=f"Top-1 accuracy of each network against the strength of {corruption.lower()}",
            file="robustness",
        )
        rows = figures.tabulate_robustness(curves, corruption)
        offer_file("Curves as CSV", lambda: write_rows_csv(rows), f"robustness-{corruption}.csv")

    show_result(
        request_robustness(page, models, found, images),
        draw=draw,
        slot="evaluation.robustness",
        start="Compute the curves",
    )


def show_details(page: Page, evaluation: Evaluation) -> NetworkScores | None:
    """Show what is left out, the classes of one network, and the files."""
    told = [describe_unknown(one) for one in evaluation.networks]
    for sentence in filter(None, (*told, describe_skipped(evaluation.skipped))):
        st.caption(sentence)
    if not (known := evaluation.list_known()):
        return None
    scores = find_detail(page, known)
    st.subheader(f"Classes of {scores.spec.title}", anchor=False)
    rows = figures.tabulate_classes(score_classes(scores))
    show_table(
        rows,
        percent=("Top-1 %", "Top-5 %"),
        pinned="Class",
        max_height=320,
        key="evaluation.classes",
    )
    confusion = count_confusion(scores)
    offer_files(
        {
            "Networks as CSV": (
                lambda: write_rows_csv(figures.tabulate_networks(known)),
                "networks.csv",
            ),
            "Predictions as CSV": (
                lambda: write_rows_csv(list_predictions(evaluation.networks)),
                "predictions.csv",
            ),
            "Classes as CSV": (lambda: write_rows_csv(rows), "classes.csv"),
            "Confusion as CSV": (
                lambda: write_rows_csv(figures.tabulate_confusion(confusion)),
                "confusion-matrix.csv",
            ),
        }
    )
    return scores


def show_links(page: Page) -> None:
    """Lead to the pages that explain what is compared here."""
    icon, names = ":material/arrow_outward:", "~".join(page.values.networks)
    with st.container(horizontal=True):
        link_to("compare", "Compare on one image", icon=icon, networks=names)
        link_to("architectures", "Compound scaling", icon=icon)
        link_to("tradeoffs", "Accuracy against cost", icon=icon)
