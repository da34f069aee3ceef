"""Controls that hold a set: several networks, or several images."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from cnnviz.images.image import CheckedImage
from cnnviz.images.names import list_titles
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.runnable import choose_first, list_runnable
from cnnviz.web.bench import Accepts
from cnnviz.web.chrome import showing_errors
from cnnviz.web.controls.image import find_image, list_upload_titles
from cnnviz.web.controls.kinds import OrFunction, evaluate, several


def networks(
    *,
    most: int,
    accepts: Accepts = lambda listing: True,  # noqa: ARG005
    first: OrFunction = (),
    **rest: Any,
) -> Any:
    """Declare several networks whose weights are on this machine, by their names.

    Args:
        most: How many can be chosen.
        accepts: Which networks the page can use.
        first: Those that the page begins with, where they are here; may depend on `at`.
        rest: See `Several`.
    """

    def list_titled(at: Any) -> dict[str, str]:  # noqa: ARG001
        return {one.name: one.title for one in list_runnable() if accepts(one)}

    def find_default(at: Any) -> tuple[str, ...]:
        names = tuple(list_titled(at))
        wanted = evaluate(first, at)
        return tuple(name for name in wanted if name in names) or choose_first(names, most=most)

    return several(list_titled, "Networks", most=most, default=find_default, **rest)


def load_networks(names: Sequence[str]) -> tuple[LoadedModel, ...]:
    """Load networks; one that cannot be loaded is told in a sentence, and the others go on."""
    models = []
    for name in names:
        with showing_errors(), st.spinner("Loading the network …", show_time=True):
            models.append(load_model(name))
    return tuple(models)


def images(label: str, *, most: int, **rest: Any) -> Any:
    """Declare several images, samples and this visit's uploads, of which none is chosen first."""

    def list_titled(at: Any) -> dict[str, str]:  # noqa: ARG001
        return list_titles() | list_upload_titles()

    return several(list_titled, label, most=most, default=(), **rest)


def find_images(values: Sequence[str]) -> tuple[CheckedImage, ...]:
    """Return the images of a set's values that this visit has.

    Raises:
        CNNVizError: A sample's file cannot be read.
    """
    found = (find_image(value) for value in values)
    return tuple(image for image in found if image is not None)
