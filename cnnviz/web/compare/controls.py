"""The comparison's controls, each bound to the URL: networks, and how the picture is made hard."""

import streamlit as st

from cnnviz.corruptions import DIFFICULTIES, STRENGTHS, Corruption
from cnnviz.web.option_chooser import choose_segment
from cnnviz.web.runnable import choose_several
from cnnviz.web.url_values import check_number

MOST_NETWORKS = 6
_SLIDER = 112
_KEYS = {corruption: corruption.name.lower() for corruption in DIFFICULTIES}


def choose_networks() -> tuple[str, ...]:
    """Show the networks that can run, and return the names of those to compare, at most six."""
    return choose_several(most=MOST_NETWORKS)


def choose_strengths() -> dict[Corruption, float]:
    """Show a slider for each corruption, and return those that are above zero."""
    strengths: dict[Corruption, float] = {}
    problems = [
        check_number(_KEYS[each], least=0, most=STRENGTHS[each].most, noun=str(each))
        for each in DIFFICULTIES
    ]
    # Not columns: on a phone two stand side by side.
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for corruption in DIFFICULTIES:
            found = STRENGTHS[corruption]
            strengths[corruption] = st.slider(
                corruption,
                0,
                found.most,
                0,
                found.step,
                key=_KEYS[corruption],
                help=f"Measured in {found.unit}.",
                bind="query-params",
                width=_SLIDER,
            )
        st.button("Clean", icon=":material/restart_alt:", on_click=_clean, key="clean")
    for problem in filter(None, problems):
        st.warning(problem)
    return {name: strength for name, strength in strengths.items() if strength}


def _clean() -> None:
    for key in _KEYS.values():
        st.session_state[key] = 0


def choose_corruption() -> Corruption:
    """Show the list of corruptions and return the one whose strength the curves follow."""
    return choose_segment(
        "What grows to the right",
        list(DIFFICULTIES),
        key="harder",
        noun="way to make pictures hard",
        default=Corruption.ROTATION,
    )
