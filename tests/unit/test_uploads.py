"""An upload is kept for its visit, and no shared cache keeps what was made of it any longer."""

import gc
import time

import numpy as np

from cnnviz.cache import SizedLRUCache
from cnnviz.images.image import CheckedImage, from_array
from cnnviz.uploads import Uploads


def make_image(value: int) -> CheckedImage:
    return from_array(np.full((4, 4), value, dtype=np.uint8), name="upload")


def wait_until_empty(cache: SizedLRUCache[tuple[str, str], int]) -> bool:
    gc.collect()
    deadline = time.monotonic() + 5
    while cache.list_kept() and time.monotonic() < deadline:
        time.sleep(0.01)
    return not cache.list_kept()


def test_the_last_visit_with_an_image_takes_it_along() -> None:
    cache: SizedLRUCache[tuple[str, str], int] = SizedLRUCache(max_entries=9)
    image = make_image(77)
    first, second = Uploads(), Uploads()
    for visit in (first, second):
        visit.keep("upload.it", image)
        visit.keep("upload.it", image)  # uploaded again
    cache.put(("lenet5", image.digest), 1, size=1)

    del first, visit
    gc.collect()
    time.sleep(0.05)
    assert cache.get(("lenet5", image.digest)) == 1

    second.clear()
    del second
    assert wait_until_empty(cache)


def test_what_others_look_at_stays() -> None:
    cache: SizedLRUCache[tuple[str, str], int] = SizedLRUCache(max_entries=9)
    mine, theirs = make_image(78), make_image(79)
    visit, other = Uploads(), Uploads()
    visit.keep("upload.mine", mine)
    other.keep("upload.theirs", theirs)
    cache.put(("lenet5", theirs.digest), 1, size=1)

    del visit
    gc.collect()
    time.sleep(0.05)

    assert cache.get(("lenet5", theirs.digest)) == 1
    assert other["upload.theirs"] is theirs
