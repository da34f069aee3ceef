"""How the networks of this machine were trained, from their model cards."""

from collections.abc import Mapping

import streamlit as st

from cnnviz.figures import training as figures
from cnnviz.networks.zoo import get_network
from cnnviz.training.history import History
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.files import offer_file
from cnnviz.web.pages.networks.controls import PLAIN, RESIDUAL, Page

_FORMATS = {
    "Training error, %": "%.1f",
    "Held-out error, %": "%.1f",
    "Temperature": "%.2f",
    "Calibration error, %": "%.1f",
    "Minutes": "%.0f",
}
_HELPS = {"Temperature": "temperature", "Calibration error, %": "calibration"}


def show_training(page: Page, histories: Mapping[str, History]) -> None:
    """Show training curves and recipes of the chosen networks, of those of this machine."""
    st.subheader("Training curves", anchor=False)
    if not histories:
        st.info(page.text("no_training"))
        return
    page.draw("trained", label_visibility="collapsed")
    names = page.values.trained
    chosen = {get_network(name).title: histories[name] for name in names}
    if not chosen:
        st.info(page.text("no_curve"))
        return
    figure, alt = figures.draw_histories(chosen), page.text("curves")
    show_chart(figure, key="networks.curves", alt=alt, file="cnnviz-training")
    if {RESIDUAL, PLAIN} <= set(names):
        titles = get_network(RESIDUAL).title, get_network(PLAIN).title
        st.markdown(figures.write_degradation(titles, histories[RESIDUAL], histories[PLAIN]))
    told = (
        page.text("lines"),
        figures.write_pasting(chosen),
        figures.write_sizes(chosen),
        figures.write_refitting(chosen),
    )
    st.caption(" ".join(told))
    _show_recipes(page, chosen)


def _show_recipes(page: Page, chosen: Mapping[str, History]) -> None:
    with st.expander("Training recipes"):
        show_table(
            figures.tabulate_histories(chosen),
            formats=_FORMATS,
            helps={name: page.text(text) for name, text in _HELPS.items()},
            pinned="Network",
            key="networks.recipes",
        )
        offer_file("Curves as CSV", lambda: figures.write_histories_csv(chosen), "training.csv")
        st.code("\n".join(dict.fromkeys(one.command for one in chosen.values())), language="bash")
