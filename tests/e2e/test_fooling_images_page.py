"""Fooling images in a real browser: a pattern evolves on a phone; its file fools the network."""

import re

import numpy as np
from PIL import Image

from cnnviz.networks.load import load_model, predict
from tests.e2e.conftest import OpenPage
from tests.e2e.patience import expect
from tests.running_app import wait_until_it_fits

WAIT = 180_000  # other tests' runs may come first in the server's line


def test_a_pattern_evolves_and_its_file_is_taken_for_the_class(open_page: OpenPage) -> None:
    page = open_page("/fooling", width=390)
    image = page.get_by_role("img", name=re.compile("Fooling image for 0"))
    expect(image).to_be_visible(timeout=WAIT)
    file = page.get_by_role("link", name="Image as PNG")
    expect(file).to_be_visible(timeout=WAIT)
    with page.expect_download() as download:
        file.click()
    pixels = np.asarray(Image.open(download.value.path()).convert("RGB"))
    model = load_model("lenet5")
    said = predict(model, model.spec.preprocessing.prepare(pixels))
    assert float(said.probabilities[0]) >= 0.99
    wait_until_it_fits(page)
    assert "network=lenet5&method=patterns&scope=one&goal=0&seed=0&generations=1000" in page.url
