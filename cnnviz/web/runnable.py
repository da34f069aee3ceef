"""Which networks a page can offer: those whose weights are on this machine."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.downloads import list_running
from cnnviz.errors import CNNVizError
from cnnviz.inference import LoadedModel, load_model
from cnnviz.own import list_own_problems
from cnnviz.web.chrome import show_error
from cnnviz.web.url_values import check_choice, check_choices, keep_within
from cnnviz.web.weights_panel import offer_missing
from cnnviz.weights import BUNDLED, list_weights
from cnnviz.zoo import Listing, get_network, list_names

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


def choose_several(*, most: int, colored: bool = False) -> tuple[str, ...]:
    """Show the networks that can run, and return the names of the chosen ones.

    Args:
        most: How many may be chosen.
        colored: Whether only those that read colours are offered.
    """
    running = list_running()  # before the files: see `offer_missing`
    runnable = [one for one in list_runnable() if not colored or reads_colors(one)]
    titles = {listing.title: listing.name for listing in runnable}
    aliases = {listing.name.lower(): listing.title for listing in runnable}
    problem = check_choices("networks", list(titles), aliases=aliases, noun="network")
    chosen = st.multiselect(
        f"Networks, at most {most}",
        list(titles),
        default=_choose_first(runnable, most=most),
        max_selections=most,
        key="networks",
        bind="query-params",
    )
    for sentence in filter(None, (problem, *list_own_problems())):
        st.warning(sentence)
    missing = [listing for listing in list_names() if listing.name not in list_weights()]
    offer_missing(missing, running=running)
    return tuple(titles[title] for title in chosen)


def reads_colors(listing: Listing) -> bool:
    """Say whether a network reads colour pictures."""
    return get_network(listing.name).preprocessing.shape[0] == 3


def _choose_first(runnable: Sequence[Listing], *, most: int) -> list[str]:
    """The bundled networks that read photographs; where there is one, others beside it."""
    files = list_weights()
    photographs = [listing for listing in runnable if reads_colors(listing)]
    bundled = [entry for entry in photographs if files[entry.name].path.parent == BUNDLED]
    others = [entry for entry in photographs if entry not in bundled]
    first = bundled if len(bundled) > 1 else [*bundled, *others[: 4 - len(bundled)]]
    return [listing.title for listing in (first or list(runnable))[:most]]


def load_networks(names: Sequence[str]) -> tuple[LoadedModel, ...]:
    """Load networks; one that cannot be loaded is told in a sentence, and the others go on."""
    models = []
    for name in names:
        try:
            with st.spinner("Loading the network …", show_time=True):
                models.append(load_model(name))
        except CNNVizError as error:
            show_error(error)
    return tuple(models)


def _find_asked(missing: list[Listing], *, key: str) -> Listing | None:
    """The network that a fresh address asks for and that has no weights."""
    raw = None if key in st.session_state else st.query_params.get(key)
    return next((entry for entry in missing if raw in (entry.name, entry.title)), None)
