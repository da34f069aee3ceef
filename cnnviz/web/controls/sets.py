"""Controls that hold a set: several networks, or several images."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.image_names import list_titles
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel, load_model
from cnnviz.web.bench import Accepts, reads_colors
from cnnviz.web.chrome import show_error
from cnnviz.web.controls.image import find_image, list_upload_titles
from cnnviz.web.controls.kinds import several
from cnnviz.web.runnable import list_runnable
from cnnviz.weights import BUNDLED, list_weights
from cnnviz.zoo import Listing

_FEW = 4  # networks, where others have to stand beside the bundled ones


def networks(
    *,
    most: int,
    accepts: Accepts = lambda listing: True,  # noqa: ARG005
    first: Sequence[str] = (),
    **rest: Any,
) -> Any:
    """Declare several networks whose weights are on this machine, by their names.

    Args:
        most: How many can be chosen.
        accepts: Which networks the page can use.
        first: Those that the page begins with, where they are here.
        rest: See `Several`.
    """

    def list_titled(at: Any) -> dict[str, str]:  # noqa: ARG001
        return {one.name: one.title for one in list_runnable() if accepts(one)}

    def find_default(at: Any) -> tuple[str, ...]:
        names = tuple(list_titled(at))
        return tuple(name for name in first if name in names) or choose_first(names, most=most)

    return several(
        list_titled,
        "Networks",
        most=most,
        titles=list_titled,
        default=find_default,
        **rest,
    )


def choose_first(names: Sequence[str], *, most: int) -> tuple[str, ...]:
    """Return the networks that a page begins with.

    These are the bundled ones that read colour images; where there is only one, others beside it.
    """
    files = list_weights()
    photographs = [one for one in list_runnable() if one.name in names and reads_colors(one)]
    bundled = [one for one in photographs if files[one.name].path.parent == BUNDLED]
    others = [one for one in photographs if one not in bundled]
    first: list[Listing] = bundled if len(bundled) > 1 else [*bundled, *others][:_FEW]
    return tuple(one.name for one in first[:most]) or tuple(names[:most])


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


def images(label: str, *, most: int, **rest: Any) -> Any:
    """Declare several images: samples, and this visit's uploads.

    Args:
        label: What stands on the widget.
        most: How many can be chosen.
        rest: See `Several`.
    """

    def list_titled(at: Any) -> dict[str, str]:  # noqa: ARG001
        return list_titles() | list_upload_titles()

    return several(list_titled, label, most=most, titles=list_titled, default=(), **rest)


def find_images(values: Sequence[str]) -> tuple[CheckedImage, ...]:
    """Return the images of a set's values that this visit has.

    Raises:
        CNNVizError: A sample's file cannot be read.
    """
    found = (find_image(value) for value in values)
    return tuple(image for image in found if image is not None)
