"""A network without weights: how large they are, and the button that fetches them."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.figures.format import format_bytes
from cnnviz.figures.networks import write_reported
from cnnviz.networks.weights.downloads import Download, DownloadState, find_download, start_download
from cnnviz.networks.weights.files import describe_damaged, describe_missing, find_weights
from cnnviz.networks.zoo import Listing, NetworkSpec, get_network
from cnnviz.web.chrome import show_error
from cnnviz.web.components.job.job import Payload, show_job

_MISSING = "weights.missing"


def offer_missing(missing: Sequence[Listing], *, running: Sequence[Download]) -> None:
    """List the networks that have no weights here, and let a visitor fetch one's.

    Args:
        missing: The networks.
        running: The downloads that were not over when the page looked for `missing`: one that has
            ended since then makes the page look again.
    """
    show_running(running)
    titles = {listing.name: listing.title for listing in missing}
    if not titles:
        st.caption("All networks have their weights on this machine.")
        return
    if st.session_state.get(_MISSING) not in titles:
        st.session_state[_MISSING] = None  # its weights came meanwhile
    name = st.selectbox(
        "Network without weights",
        list(titles),
        index=None,
        format_func=lambda name: titles.get(name, name),
        placeholder=f"{len(titles)} networks",
        key=_MISSING,
    )
    if name is not None:
        show_weights(name, with_idea=True)


def show_running(running: Sequence[Download]) -> None:
    """Keep downloads in sight, whoever started them and wherever their networks are listed."""
    for download in running:
        payload = Payload(download.id, drawn=0, view=download.view())
        show_job(payload, key=f"weights.bar.{download.name}")


def show_weights(name: str, *, with_idea: bool = False) -> None:
    """Show where a network's weights are, or the button that fetches them, or how far they are.

    Args:
        name: The network.
        with_idea: Whether to say what the network is known for, too.
    """
    spec = get_network(name)
    download = find_download(name)
    if download is not None and not download.progress.is_over:
        st.caption(f"The weights of {spec.title} are on their way.")
        return
    file = find_weights(name)
    if file is not None:
        st.markdown(
            f":material/check_circle: {spec.title} has its weights here: {file.origin}, "
            f"`{file.path.name}`."
        )
        return
    if download is not None and download.progress.state is DownloadState.FAILED:
        show_error(CNNVizError(download.progress.problem))
    elif download is not None and download.progress.state is DownloadState.STOPPED:
        st.info("The download was stopped; nothing of it was kept.")
    if not spec.published:
        st.info(describe_missing(name))
        return
    damaged = describe_damaged(spec)
    if damaged is not None:
        st.warning(damaged)
    if with_idea:
        st.markdown(spec.idea)
    _offer(spec)


def _offer(spec: NetworkSpec) -> None:
    reported = spec.published[0].reported

    def start() -> None:
        start_download(spec.name)

    st.markdown(write_reported(reported))
    st.button(
        f"Download {spec.title}, {format_bytes(reported.file_bytes)}",
        key=f"weights.download.{spec.name}",
        icon=":material/download:",
        on_click=start,
    )
