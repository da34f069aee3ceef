"""The page of normalization, run without a browser."""

import re

import numpy as np
import pytest

from cnnviz import cached
from cnnviz.cache import forget_everywhere
from cnnviz.images.image import from_array
from tests.app.opened import finish_result, open_page, text_of


def test_it_opens_on_a_batch_of_photographs() -> None:
    app = open_page("normalization")
    told = text_of(app)
    assert "4 maps share this μ and σ" in told  # one channel of four images
    assert "1×32×1×1" in told
    assert next(iter(app.dataframe)).value.shape == (4, 3)


@pytest.mark.parametrize(
    ("kind", "maps", "shape"),
    [("layer", "32 maps", "4×1×1×1"), ("instance", "in 1 map share", "4×32×1×1")],
)
def test_another_kind_shares_other_maps(kind: str, maps: str, shape: str) -> None:
    app = open_page("normalization", network="resnet64", layer="conv1", kind=kind)
    assert maps in text_of(app)
    assert shape in text_of(app)


def test_gamma_and_beta_give_the_input_back() -> None:
    app = open_page("normalization", network="resnet64", layer="conv1")
    app.button(key="normalization.undo").click().run()
    assert not app.exception
    difference = text_of(app).partition("differ by at most ")[2].split(" ")[0]
    assert re.search(r"×10⁻[⁶⁷⁸⁹]|^0$", difference), difference


def test_a_digit_network_without_batch_normalization_says_so() -> None:
    app = open_page("normalization", network="lenet5", image="digit-3", kind="group", groups="2")
    assert "3 maps share" in text_of(app)  # six channels in two groups
    assert not app.error
    assert all("LeNet-5 has no batch normalization" in one.value for one in app.info)
    assert len(app.info) == 2  # neither training mode nor fusing


def test_a_fully_connected_layer_has_one_mean_a_feature() -> None:
    app = open_page("normalization", network="lenet5", image="digit-3", layer="f6")
    assert "shape 1×84" in text_of(app)


def test_a_network_is_fused_and_two_are_raced_on_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnviz.labs.normalization.RACE_STEPS", 20)
    app = open_page("normalization", network="alexnet64")
    for slot in ("normalization.fused", "normalization.race"):
        app.button(key=f"job_start:{slot}").click().run()
        app = finish_result(app, slot=slot)
    fused = next(table.value for table in app.dataframe if "Fused" in table.value)
    assert fused["Before"][0] == "5"
    assert fused["Fused"][0] == "0"


def test_a_wrong_address_is_told_and_the_page_stays_usable() -> None:
    app = open_page("normalization", kind="weight", batch="99", layer="nowhere")
    assert len(app.warning) == 3
    assert "maps share" in text_of(app)


def test_a_batch_is_read_once_and_leaves_with_its_upload() -> None:
    upload = from_array(np.full((20, 20, 3), 77, dtype=np.uint8), name="mine.png")
    maps = cached.get_batch("lenet5", upload, ("digit-3",), "c1")
    assert maps.shape == (2, 6, 28, 28)
    assert cached.get_batch("lenet5", upload, ("digit-3",), "c1") is maps
    kept = cached._BATCHES.list_kept()
    forget_everywhere(upload.digest)
    assert len(cached._BATCHES.list_kept()) == len(kept) - 1
