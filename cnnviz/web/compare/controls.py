"""The comparison's controls, each bound to the URL: networks, and how the picture is made hard."""

import streamlit as st

from cnnviz.corruptions import DIFFICULTIES, STRENGTHS, Corruption
from cnnviz.downloads import list_running
from cnnviz.own import list_own_problems
from cnnviz.web.runnable import list_runnable
from cnnviz.web.url_values import check_choice, check_choices, check_number
from cnnviz.web.weights_panel import offer_missing
from cnnviz.weights import BUNDLED, list_weights
from cnnviz.zoo import Listing, get_network, list_names

MOST_NETWORKS = 6
_SLIDER = 112
_KEYS = {corruption: corruption.name.lower() for corruption in DIFFICULTIES}


def choose_networks() -> tuple[str, ...]:
    """Show the networks that can run, and return the names of those to compare, at most six."""
    running = list_running()  # before the files: see `offer_missing`
    runnable = list_runnable()
    titles = {listing.title: listing.name for listing in runnable}
    aliases = {listing.name.lower(): listing.title for listing in runnable}
    problem = check_choices("networks", list(titles), aliases=aliases, noun="network")
    chosen = st.multiselect(
        f"Networks, at most {MOST_NETWORKS}",
        list(titles),
        default=_choose_first(runnable),
        max_selections=MOST_NETWORKS,
        key="networks",
        bind="query-params",
    )
    for sentence in filter(None, (problem, *list_own_problems())):
        st.warning(sentence)
    missing = [listing for listing in list_names() if listing not in runnable]
    offer_missing(missing, running=running)
    return tuple(titles[title] for title in chosen)


def _choose_first(runnable: tuple[Listing, ...]) -> list[str]:
    """The bundled networks that read photographs; where there is one, others beside it."""
    files = list_weights()
    photographs = [
        listing for listing in runnable if get_network(listing.name).preprocessing.shape[0] == 3
    ]
    bundled = [entry for entry in photographs if files[entry.name].path.parent == BUNDLED]
    others = [entry for entry in photographs if entry not in bundled]
    first = bundled if len(bundled) > 1 else [*bundled, *others[: 4 - len(bundled)]]
    return [listing.title for listing in (first or list(runnable))[:MOST_NETWORKS]]


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
    names = list(DIFFICULTIES)
    problem = check_choice("harder", names, aliases={}, noun="way to make pictures hard")
    chosen = st.segmented_control(
        "What grows to the right",
        names,
        default=Corruption.ROTATION,
        required=True,
        key="harder",
        bind="query-params",
    )
    if problem:
        st.warning(problem)
    return Corruption(chosen)
