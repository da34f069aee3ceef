"""The adversarial examples that the class submitted, the smallest change first."""

import streamlit as st

from cnnviz.classroom.attacks import delete_attack, list_attacks, rank_attacks
from cnnviz.figures.classroom import list_attack_rows, write_attack
from cnnviz.web.charts import show_table
from cnnviz.web.pages.classroom.controls import Page
from cnnviz.web.pages.classroom.results import offer_deletion

_SHOWN = 3


def show_contest(page: Page) -> None:
    """Draw the ranking of one image and network: the best as images, all as a table."""
    contests = rank_attacks(list_attacks(page.values.code, page.values.key))
    if not contests:
        st.info(page.text("no_attacks"))
        return
    chosen = next(iter(contests))
    if len(contests) > 1:
        chosen = st.selectbox("Image and network", list(contests), key="classroom.contest")
    ranked = contests[chosen]
    st.markdown(page.text("contest", title=chosen, count=len(ranked)))
    for place, column in enumerate(st.columns(_SHOWN)[: len(ranked)]):
        told = f"{place + 1}. {write_attack(ranked[place])}"
        column.image(ranked[place].sheet, caption=told, output_format="PNG", alt=told)
    show_table(list_attack_rows(ranked), max_height=300, key="classroom.attacks")
    titles = {one.id: f"{place + 1}. {write_attack(one)}" for place, one in enumerate(ranked)}
    offer_deletion(page, titles, delete_attack, key="classroom.attacks", name="an entry")
