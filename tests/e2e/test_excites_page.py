"""Feature visualization in a real browser: one walk from the first image to a clicked channel."""

import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from cnnviz.feature_visualization.growth import predict_pixels
from cnnviz.networks.load import load_model
from tests.e2e.conftest import OpenPage
from tests.e2e.patience import check_first_screen, expect

WAIT = 180_000  # other tests' runs may come first in the server's line


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as file:
        page.get_by_role("link", name=name).click()
    return file.value.path().read_bytes()


def test_an_image_grows_presets_change_it_and_a_tile_leads_to_its_channel(
    open_page: OpenPage,
) -> None:
    page = open_page("/excites?network=lenet5&target=8&steps=64")
    image = page.get_by_role("img", name=re.compile("Image for 8 after 64 steps"))
    expect(image).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("link", name="Image as PNG")).to_be_visible(timeout=WAIT)
    check_first_screen(image)
    pixels = np.asarray(Image.open(io.BytesIO(download(page, "Image as PNG"))).convert("RGB"))
    assert pixels.shape == (32, 32, 3)
    (said,) = predict_pixels(load_model("lenet5"), pixels[None])
    assert said.ranking[0] == 8
    assert float(said.probabilities[8]) > 0.99

    page.get_by_role("button", name="Simonyan 2013").click()
    expect(page).to_have_url(re.compile("decay=0.05"))
    page.go_back()  # a preset is one step
    expect(page).to_have_url(re.compile("decay=0&"))

    page.get_by_text("Layer by layer", exact=True).click()
    expect(page.get_by_role("link", name="Sheet as PNG")).to_be_visible(timeout=WAIT)
    page.locator(".st-key-stage button.tile").nth(7).click()
    expect(page).to_have_url(re.compile("view=Optimization&objective=channel.*layer=relu3"))
    expect(page.get_by_role("link", name="Image as PNG")).to_be_visible(timeout=WAIT)
    page.go_back()
    expect(page.get_by_role("link", name="Sheet as PNG")).to_be_visible(timeout=WAIT)
