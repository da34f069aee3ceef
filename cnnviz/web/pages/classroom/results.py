"""The results of training that the class submitted: accuracy against parameters."""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from cnnviz.classroom.runs import ClassRun, delete_run, list_runs
from cnnviz.csv_file import write_rows_csv
from cnnviz.figures.classroom import draw_runs, find_best, list_results, write_run
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.chrome import draw_action
from cnnviz.web.files import offer_file
from cnnviz.web.pages.classroom.controls import Page


def show_results(page: Page) -> None:
    """Draw the chart with the best run of each data set, and the table below."""
    runs = list_runs(page.values.code, page.values.key)
    if not runs:
        st.info(page.text("no_results"))
        return
    show_chart(
        draw_runs(runs),
        key="classroom.chart.runs",
        alt="Accuracy on held-out digits against parameters, one point for each submitted run",
        file="class-results",
    )
    for best in find_best(runs):
        st.markdown(page.text("best", **write_run(best)))
    rows = list_results(runs)
    show_table(
        rows,
        formats={"Accuracy %": "%.1f", "Parameters": "localized", "Time s": "%.1f"},
        max_height=400,
        key="classroom.results",
    )
    file = f"class-{page.values.code}-results.csv"
    with st.container(horizontal=True):
        offer_file("Table as CSV", partial(write_rows_csv, rows), file, key="classroom.results.csv")
        titles = {one.id: _name_run(one) for one in runs}
        offer_deletion(page, titles, delete_run, key="classroom.results")


def offer_deletion(
    page: Page,
    titles: Mapping[int, str],
    delete_one: Callable[[str, str, int], None],
    *,
    key: str,
    name: str = "a result",
) -> None:
    """Draw the choice of what was submitted, and the button that deletes it.

    Args:
        page: Of the class.
        titles: Of what was submitted, by its number.
        delete_one: Deletes one, given the class's code and key and the number.
        key: Of the controls.
        name: One of what is submitted, with its article.
    """
    choice, noun = f"{key}.chosen", name.partition(" ")[2]

    def delete() -> None:
        # Not what was chosen when the button was drawn: the run that follows a choice may be cut.
        delete_one(page.values.code, page.values.key, st.session_state[choice])

    with st.popover(f"Delete {name}", icon=":material/delete:"):
        st.selectbox(noun.capitalize(), list(titles), format_func=titles.__getitem__, key=choice)
        draw_action(f"Delete this {noun}", delete, key=f"{key}.delete", about=choice)


def _name_run(run: ClassRun) -> str:
    told = write_run(run)
    return f"Entry {run.id}: {told['accuracy']}, {told['parameters']} parameters, {told['layers']}"
