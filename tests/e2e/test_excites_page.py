"""What excites it in a real browser: a picture grows without a click, and can be taken away."""

import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from cnnviz.inference import load_model
from cnnviz.synthesis.growth import predict_pixels
from tests.e2e.conftest import OpenPage

GROWING = "/excites?network=LeNet-5&class=8&steps=64"
WAIT = 30_000  # other tests' runs may come first in the server's line


def test_a_picture_grows_by_itself_and_its_file_is_what_the_page_says(open_page: OpenPage) -> None:
    page = open_page(GROWING)
    picture = page.get_by_role("img", name=re.compile("Made picture for 8"))
    expect(picture).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("heading", name="On the way")).to_be_visible(timeout=WAIT)
    expect(picture).to_have_accessible_name("Made picture for 8 after 64 steps")
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture as PNG").click()
    pixels = np.asarray(Image.open(io.BytesIO(download.value.path().read_bytes())).convert("RGB"))
    assert pixels.shape == (32, 32, 3)
    (said,) = predict_pixels(load_model("lenet5"), pixels[None])
    assert said.ranking[0] == 8
    assert float(said.probabilities[8]) > 0.99


def test_a_preset_changes_sliders_and_address_and_starts_anew(open_page: OpenPage) -> None:
    page = open_page(GROWING, height=1400)
    expect(page.get_by_role("heading", name="On the way")).to_be_visible(timeout=WAIT)
    page.get_by_text("Simonyan 2013", exact=True).click()
    expect(page.get_by_role("heading", name="On the way")).to_be_visible(timeout=WAIT)
    expect(page).to_have_url(re.compile("decay=0.05"))
