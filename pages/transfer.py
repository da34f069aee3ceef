"""Transfer learning: classes of one's own from a few images, on a trained network's features."""

import streamlit as st

from cnnviz.figures.format import format_setting
from cnnviz.labs.transfer.fine_tuning import SHARE
from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.transfer.controls import TransferControls, find_answers, write_constants
from cnnviz.web.pages.transfer.view import (
    show_controls,
    show_new_network,
    show_transfer,
    show_use,
)

page = begin_page("transfer", TransferControls, uses=Uses(image=False))
with stage():
    figure, beside = st.columns([4, 1], gap="medium")
    with beside:
        show_controls(page)
    with figure:
        page.draw("show", label_visibility="collapsed")
        features, trained = show_transfer(page)
if features is not None and trained is not None and trained.state:
    show_use(page, features, trained)
show_new_network(page)
end_page(
    page,
    words={"rate": page.values.rate, "share": format_setting(SHARE)},
    answers=find_answers(page, features),
    program=write_constants(page),
)
