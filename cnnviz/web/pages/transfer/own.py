"""A visitor's own classes: kept for the visit alone, and forgotten everywhere when it ends."""

import secrets
import threading
import weakref
from collections.abc import Sequence

import streamlit as st

from cnnviz.cache import forget_everywhere
from cnnviz.errors import DataError
from cnnviz.evaluation.image_sets import SkippedFile
from cnnviz.images.image import CheckedImage, clean_name
from cnnviz.labs.trained_networks import forget_trained
from cnnviz.labs.transfer.archive import keep_small, list_images
from cnnviz.labs.transfer.sets import MAX_CLASSES, MAX_IMAGES, TransferSet, make_set

NAME, TITLE = "mine", "Your classes"
_KEPT = "transfer.own"


class OwnClasses:
    """Classes of one visit.

    Attributes:
        token: Names this visit in the keys of caches; cannot be guessed.
        classes: Images by class.
        skipped: Files of the last upload that were left out.
        problem: What was wrong with the last upload; empty where nothing was.
        networks: Keys of the networks that learned from them.
    """

    def __init__(self) -> None:
        self.token = f"own-{secrets.token_hex(8)}"
        self.classes: dict[str, list[CheckedImage]] = {}
        self.skipped: list[SkippedFile] = []
        self.problem = ""
        self.networks: set[str] = set()
        weakref.finalize(self, _release, self.token, self.networks)

    def add(self, label: str, images: Sequence[CheckedImage]) -> None:
        """Add images to a class, which is new where there is none of this name.

        Raises:
            DataError: There is no name, or there are too many classes or images.
        """
        label = clean_name(label.strip()) if label.strip() else ""
        if not label:
            raise DataError("The class has no name; write one first.")
        if label not in self.classes and len(self.classes) >= MAX_CLASSES:
            raise DataError(f"There are already {MAX_CLASSES} classes; delete one first.")
        kept = self.classes.get(label, [])
        known = {image.digest for image in kept}
        new = {image.digest: image for image in map(keep_small, images)}
        added = [image for digest, image in new.items() if digest not in known]
        if len(kept) + len(added) > MAX_IMAGES:
            count = len(kept) + len(added)
            raise DataError(f"“{label}” would have {count} images; {MAX_IMAGES} at most.")
        self.classes[label] = [*kept, *added]

    def remove(self, label: str) -> None:
        """Delete a class, and what caches keep of the images."""
        self.classes.pop(label, None)
        self.skipped, self.problem = [], ""
        forget_everywhere(self.token)

    def build_set(self) -> TransferSet:
        """Return the classes as a set to learn from.

        Raises:
            DataError: There are too few classes or images.
        """
        digests = "".join(image.digest[:8] for images in self.classes.values() for image in images)
        key = f"{self.token} {'/'.join(self.classes)} {digests}"
        images = list_images(self.classes)
        return make_set(NAME, TITLE, images, key=key, skipped=self.skipped)


def _release(token: str, networks: set[str]) -> None:
    # Not in this thread: it may hold a cache's lock when the collector comes by.
    threading.Thread(target=_forget, args=(token, tuple(networks)), daemon=True).start()


def _forget(token: str, networks: Sequence[str]) -> None:
    forget_everywhere(token)
    for name in networks:
        forget_trained(name)
        forget_everywhere(name)


def find_own() -> OwnClasses:
    """Return this visit's own classes."""
    own: OwnClasses = st.session_state.setdefault(_KEPT, None) or OwnClasses()
    st.session_state[_KEPT] = own
    return own
