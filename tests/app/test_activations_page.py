"""The activations page through Streamlit's own test runner: controls, addresses, bad input."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnviz.graph import LayerKind
from cnnviz.web.activations.text import KIND_SENTENCES
from cnnviz.zoo import registry
from tests.app.opened import open_page
from tests.home_made import Branchy, Deep, make_spec, randomize


@pytest.fixture(autouse=True, scope="module")
def home_made_networks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Two more networks in the registry, their weights in a weights folder."""
    folder = tmp_path_factory.mktemp("weights")
    specs = [
        make_spec("branchy", Branchy, shape=(3, 48, 48)),
        make_spec("deep", Deep, shape=(3, 32, 32)),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_WEIGHTS_DIR", str(folder))
        patch.setenv("TORCH_HOME", str(folder))
        for seed, spec in enumerate(specs, start=7):
            patch.setitem(registry._REGISTRY, spec.name, spec)
            torch.save(randomize(spec.build(), seed=seed).state_dict(), folder / f"{spec.name}.pth")
        yield


def warnings(app: AppTest) -> list[str]:
    return [entry.value for entry in app.warning]


def headers(app: AppTest) -> list[str]:
    return [entry.value for entry in app.header]


def test_the_page_opens_with_a_layer_a_map_and_its_arithmetic() -> None:
    app = open_page("activations")
    assert not app.error
    assert not app.warning
    assert app.title[0].value == "Activations and filters"
    assert headers(app)[:3] == ["C1", "Map 0 of C1", "The kernels of map 0"]
    # The lecture's formula with LeNet's own numbers: (32 − 5) / 1 + 1 = 28, 6 · (25 + 1) = 156.
    formulas = " ".join(entry.value for entry in app.latex)
    assert "= 28" in formulas
    assert r"= 156" in formulas
    assert r"117\,600" in formulas


def test_a_link_reopens_the_same_state() -> None:
    app = open_page(
        "activations", layer="C3", channel="5", sort="mean", range="each map", row="2", column="3"
    )
    assert headers(app)[:2] == ["C3", "Map 5 of C3"]
    assert app.number_input(key="row").value == 2
    assert app.number_input(key="column").value == 3
    assert any("y_{5}[2,3] &= " in entry.value for entry in app.latex)


def test_a_layer_and_a_network_may_be_named_by_their_own_names() -> None:
    app = open_page("activations", network="lenet5", layer="s4")
    assert not app.warning
    assert headers(app)[0] == "S4"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"network": "lenet6"}, "There is no network “lenet6” here; another is shown."),
        ({"layer": "C9"}, "There is no layer “C9” here; another is shown."),
        ({"channel": "6"}, "There is no map “6” in this layer; it has 6, from 0 to 5."),
        ({"channel": "-1"}, "There is no map “-1” in this layer"),
        ({"channel": "one"}, "There is no map “one” in this layer"),
        ({"layer": "F6", "channel": "84"}, "There is no unit “84” in this layer; it has 84"),
        ({"row": "28"}, "There is no row “28” in this layer; it has 28, from 0 to 27."),
        ({"column": "x"}, "There is no column “x” in this layer"),
        ({"sort": "size"}, "There is no order “size” here"),
        ({"range": "all"}, "There is no colour range “all” here"),
        ({"picture": "Scan"}, "There is no source of pictures “Scan” here"),
        ({"sample": "dog"}, "There is no sample “dog” here"),
    ],
)
def test_a_wrong_address_gets_one_sentence_and_the_page_stays(
    address: dict[str, str], sentence: str
) -> None:
    app = open_page("activations", **address)
    assert len(warnings(app)) == 1
    assert warnings(app)[0].startswith(sentence)
    assert not app.error
    assert len(headers(app)) > 3


def test_changing_the_layer_starts_at_its_strongest_map() -> None:
    app = open_page("activations", layer="C1", channel="2", row="4", column="4")
    app.selectbox(key="layer").set_value("C3 after ReLU").run()
    assert not app.exception
    assert app.number_input(key="row").value is None
    channel = app.number_input(key="channel").value
    assert headers(app)[1] == f"Map {channel} of C3 after ReLU"
    assert headers(app)[2] == "Kernels"
    assert any("ReLU keeps what is above zero" in entry.value for entry in app.markdown)


def test_the_output_layer_names_its_classes() -> None:
    app = open_page("activations", layer="Output", channel="7", sample="Written 7")
    assert headers(app)[:2] == ["Output", "Unit 7 of Output"]
    assert any(entry.value == "It stands for the class **7**." for entry in app.markdown)
    assert any("logits are zero or below" in entry.value for entry in app.markdown)


@pytest.mark.parametrize("network", ["branchy", "deep"])
def test_every_layer_of_a_home_made_network_opens(network: str) -> None:
    app = open_page("activations", network=network)
    titles = app.selectbox(key="layer").options
    assert len(titles) == {"branchy": 17, "deep": 165}[network]
    for title in titles if network == "branchy" else titles[::23]:
        app.selectbox(key="layer").set_value(title).run()
        assert not app.exception
        assert not app.error
        assert headers(app)[0] in title


def test_kernels_over_colour_are_told_apart() -> None:
    app = open_page("activations", network="branchy", layer="stem", channel="3")
    assert "The kernels of map 3" in headers(app)
    assert any("mid-grey is zero" in entry.value for entry in app.caption)
    app.toggle(key="numbers").set_value(True).run()
    assert not app.exception


def test_every_kind_of_layer_has_its_sentence() -> None:
    assert set(KIND_SENTENCES) == set(LayerKind)


def test_an_upload_is_shown_and_a_bad_one_refused_in_one_sentence() -> None:
    app = open_page("activations", picture="Upload")
    assert [entry.value for entry in app.info] == [
        "Choose a picture; what the network sees of it appears here."
    ]
    app.file_uploader(key="file").upload("seven.png", make_png(), "image/png").run()
    assert not app.exception
    assert "Map 0 of C1" in headers(app)
    app.file_uploader(key="file").upload("notes.png", b"not a picture", "image/png").run()
    assert len(app.error) == 1
    assert "notes.png" in app.error[0].value
    assert "Map 0 of C1" not in headers(app)
    assert "Try this" in headers(app)
    app.file_uploader(key="file").upload("seven.png", make_png(), "image/png").run()
    assert not app.error
    assert "Map 0 of C1" in headers(app)


def test_notes_on_what_was_done_to_a_picture_are_shown() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    file = io.BytesIO()
    Image.fromarray(np.full((40, 60, 3), 200, dtype=np.uint8)).save(file, "JPEG", exif=exif)
    app = open_page("activations", picture="Upload")
    app.file_uploader(key="file").upload("turned.jpg", file.getvalue(), "image/jpeg").run()
    captions = " ".join(entry.value for entry in app.caption)
    assert "40×60" in captions
    assert "turned" in captions.replace("turned.jpg", "").lower()


def test_the_camera_is_asked_for_only_when_it_is_chosen() -> None:
    app = open_page("activations")
    assert not app.camera_input
    app.segmented_control(key="picture").set_value("Camera").run()
    assert not app.exception
    assert len(app.camera_input) == 1
    assert "Map 0 of C1" not in headers(app)


def make_png() -> bytes:
    pixels = np.full((60, 50, 3), 255, dtype=np.uint8)
    pixels[10:16, 10:40] = 0
    pixels[16:50, 32:40] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
