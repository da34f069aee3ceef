"""The page of transfer learning, run without a browser."""

import gc
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.images.image import CheckedImage, from_array, to_png
from cnnviz.labs.transfer import features
from cnnviz.networks.load import load_model
from cnnviz.web.pages.transfer.own import OwnClasses
from tests.app.opened import finish_result, open_page, text_of


def open_small(**address: str) -> AppTest:
    app = open_page("transfer", network="mobilenet64", count="2", **address)
    return finish_result(app, slot="transfer")


def test_it_opens_on_real_classes_and_its_network_goes_to_all_pages() -> None:
    app = finish_result(open_small(), slot="transfer.training")
    assert "of 50 held-out images are correct" in text_of(app)
    app.button(key="transfer.use").click().run()
    assert not app.exception
    network = app.session_state["cnnviz_values"]["bench"]["network"]
    assert load_model(network).spec.classes == ("cat", "coffee", "rocket", "palace", "flower")


@pytest.mark.parametrize(
    ("view", "slot"),
    [
        ("Learning curve", "transfer.curve"),
        ("Depth", "transfer.depths"),
        ("Feature map", "transfer.map"),
        ("Grad-CAM", "transfer.training"),
    ],
)
def test_every_view_draws(view: str, slot: str) -> None:
    app = finish_result(open_small(show=view), slot=slot)
    app = finish_result(app, slot="transfer.maps")
    assert not app.error


def test_fine_tuning_and_the_four_cases_wait_for_a_click() -> None:
    app = open_small(training="Last stage", epochs="1")
    app.button(key="job_start:transfer.training").click().run()
    app = finish_result(app, slot="transfer.training")
    assert "held-out images are correct" in text_of(app)
    app = open_page("transfer", network="mobilenet64", show="Four cases")
    assert app.button(key="job_start:transfer.cases").label == "Run the four cases"


def test_own_classes_are_asked_for_until_there_are_two() -> None:
    app = open_page("transfer", network="mobilenet64", images="mine", count="2")
    assert "Add two classes" in app.info[0].value
    own = app.session_state["transfer.own"]
    own.add("one", [noise(1), noise(2)])
    app.run()
    assert "“one” is your first class. Add a second one" in app.info[0].value
    own.add("two", [noise(3), noise(4)])
    app.run()
    app = finish_result(finish_result(app, slot="transfer"), slot="transfer.training")
    assert "of 2 held-out images are correct" in text_of(app)


def test_each_lot_of_files_goes_to_its_class_and_leaves_an_empty_box() -> None:
    """The box listed the files of the class before as if they were added to the next one."""
    app = open_page("transfer", network="mobilenet64", images="mine", count="2")
    app.session_state["transfer.own.window"] = True
    app.run()
    for label, seeds in (("one", (1, 2)), ("two", (3, 4, 5))):
        app.text_input(key="transfer.class").set_value(label).run()
        (box,) = app.file_uploader
        assert not box.value
        for seed in seeds:
            (box,) = app.file_uploader
            box.upload(f"{seed}.png", to_png(noise(seed).pixels), "image/png").run()
    own = app.session_state["transfer.own"]
    assert {label: len(images) for label, images in own.classes.items()} == {"one": 2, "two": 3}
    assert not app.file_uploader[0].value


def test_a_network_of_an_earlier_visit_is_told() -> None:
    app = open_page("transfer", network="trained_09b4f4469f509229")
    assert "was trained in another visit" in app.warning[0].value


def noise(seed: int) -> CheckedImage:
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    return from_array(pixels, name=f"noise {seed}")


def test_nothing_of_a_visits_images_stays_when_the_visit_ends() -> None:
    own = OwnClasses()
    token = own.token
    for label in ("one", "two"):
        own.add(label, [noise(len(label) + number) for number in (10, 20, 30)])
    found = own.build_set()
    list(features.read_features(load_model("mobilenet64"), found, train=2, test=1))
    assert any(token in key for key in features._READINGS.list_kept())
    del own, found
    gc.collect()
    for _ in range(100):
        if not any(token in key for key in features._READINGS.list_kept()):
            return
        time.sleep(0.05)
    raise AssertionError("the cache still keeps the visit's images")
