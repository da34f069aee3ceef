"""The results of training that the class submitted: accuracy against parameters."""

from functools import partial

import streamlit as st

from cnnviz.classroom.runs import list_runs
from cnnviz.csv_file import write_rows_csv
from cnnviz.figures.classroom import draw_runs, find_best, list_results, write_run
from cnnviz.web.charts import show_chart, show_table
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
    offer_file("Table as CSV", partial(write_rows_csv, rows), file, key="classroom.results.csv")
