"""Networks: what each one is, how accurate it is, how it was trained, and where its weights are."""

import streamlit as st

from cnnviz.figures.format import format_percent
from cnnviz.figures.networks import COLUMNS
from cnnviz.networks.weights.files import list_weights, read_cards
from cnnviz.training.history import find_histories
from cnnviz.web.bench import Uses
from cnnviz.web.chrome import show_error
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.networks.controls import PLAIN, RESIDUAL, NetworkControls
from cnnviz.web.pages.networks.training import show_training
from cnnviz.web.pages.networks.view import (
    list_rows,
    show_chosen,
    show_networks,
    show_own,
    show_places,
    step_row,
)

page = begin_page("networks", NetworkControls, uses=Uses(image=False, network=False))
cards, problems = read_cards()
for problem in problems:
    show_error(problem)
with stage():
    table, beside = st.columns([7, 4], gap="medium")
    with table:
        page.draw("show", label_visibility="collapsed")
        rows = list_rows(page, cards)
        show_networks(page, rows)
    with beside:
        page.draw("network", label_visibility="collapsed")
        show_chosen(page, cards)
histories = find_histories(cards)
show_training(page, histories)
show_places(page)
show_own(page)

name = page.values.network
cells = next((row.cells for row in rows if row.name == name), None)
millions = cells[COLUMNS.index("Parameters, M")] if cells else None
end_page(
    page,
    words={"network": cells[0] if cells else name, "parameters": millions}
    | {
        word: format_percent(histories[one].final_error / 100)
        for word, one in (("residual", RESIDUAL), ("plain", PLAIN))
        if one in histories
    },
    answers={"megabytes": 4 * millions} if isinstance(millions, float) else {},
    program={"NETWORK": name} if name in list_weights() else None,
    on_step=lambda by: step_row(page, rows, by),
)
