"""Fooling images in a real browser: a pattern evolves, and its file fools the other pages too."""

import re

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from cnnviz.inference import load_model, predict
from tests.e2e.conftest import OpenPage

WAIT = 60_000  # other tests' runs may come first in the server's line


def test_a_pattern_evolves_and_its_file_is_taken_for_the_class(open_page: OpenPage) -> None:
    page = open_page("/fooling?network=LeNet-5&class=0", width=390)
    picture = page.get_by_role("img", name=re.compile("Fooling image for 0"))
    expect(picture).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("heading", name="The network that draws it")).to_be_visible(
        timeout=WAIT
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture as PNG").click()
    pixels = np.asarray(Image.open(download.value.path()).convert("RGB"))
    model = load_model("lenet5")
    said = predict(model, model.spec.preprocessing.prepare(pixels))
    assert float(said.probabilities[0]) >= 0.99
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390
