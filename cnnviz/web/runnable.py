"""Which networks a page can offer: those whose weights are on this machine."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.downloads import list_running
from cnnviz.own import list_own_problems
from cnnviz.web.url_values import check_choice, keep_within
from cnnviz.web.weights_panel import offer_missing
from cnnviz.weights import list_weights
from cnnviz.zoo import Listing, list_names

# What pages about photographs begin with, the first that has its weights here.
PHOTOGRAPH_NETWORKS = ("resnet64", "alexnet64")


def list_runnable() -> tuple[Listing, ...]:
    """Return the networks that can run now, oldest first."""
    here = list_weights()
    return tuple(listing for listing in list_names() if listing.name in here)


def offer_others() -> None:
    """List the networks that cannot run for want of weights, with their downloads."""
    running = list_running()  # before the files: see `offer_missing`
    runnable = list_runnable()
    missing = [listing for listing in list_names() if listing not in runnable]
    offer_missing(missing, running=running)


def choose_runnable(*, key: str = "network", prefer: Sequence[str] = ()) -> str:
    """Show the networks that can run as a list, the others behind it with their downloads.

    Args:
        key: Key of the control and of the address.
        prefer: Names of the networks to begin with, the first that can run; else the oldest.

    Returns:
        The chosen network's name.
    """
    running = list_running()  # before the files: see `offer_missing`
    runnable = list_runnable()
    titles = [listing.title for listing in runnable]
    missing = [listing for listing in list_names() if listing not in runnable]
    asked = _find_asked(missing, key=key)
    aliases = {listing.name.lower(): listing.title for listing in runnable}
    problem = check_choice(key, titles, aliases=aliases, noun="network")
    names = [listing.name for listing in runnable]
    start = next((names.index(name) for name in prefer if name in names), 0)
    keep_within(key, titles, fallback=titles[start])
    title = st.selectbox("Network", titles, index=start, key=key, bind="query-params")
    if asked is not None:
        st.warning(f"{asked.title} has no weights on this machine; {title} is shown.")
    elif problem:
        st.warning(problem)
    for sentence in list_own_problems():
        st.warning(sentence)
    offer_missing(missing, running=running, asked=None if asked is None else asked.name)
    return runnable[titles.index(title or titles[0])].name


def _find_asked(missing: list[Listing], *, key: str) -> Listing | None:
    """The network that a fresh address asks for and that has no weights."""
    raw = None if key in st.session_state else st.query_params.get(key)
    return next((entry for entry in missing if raw in (entry.name, entry.title)), None)
