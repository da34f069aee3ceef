"""Shape against texture in a real browser: a conflict grows, and its file is what is judged."""

import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from cnnviz.inference import load_model
from cnnviz.texture.trials import see
from tests.e2e.conftest import OpenPage

WAIT = 40_000  # other tests' runs may come first in the server's line


def test_a_conflict_grows_and_its_file_is_what_the_networks_name(open_page: OpenPage) -> None:
    page = open_page("/texture?maker=AlexNet+(64+px)&steps=20", width=390, height=900)
    expect(page.get_by_role("heading", name="How it was made")).to_be_visible(timeout=WAIT)
    made = page.get_by_role("img", name=re.compile("Cue conflict: .*step 20 of 20"))
    expect(made).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Conflict as PNG").click()
    pixels = np.asarray(Image.open(io.BytesIO(download.value.path().read_bytes())).convert("RGB"))
    assert pixels.shape == (64, 64, 3)
    model = load_model("resnet64")
    first = model.spec.classes[see(model, pixels).ranking[0]]
    card = page.locator(".cues article").filter(has_text=model.spec.title)
    expect(card.locator("li").first).to_contain_text(first)
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390
    # Two galleries stand on the page, and each tells its own chooser.
    page.get_by_role("option", name="Grass").nth(1).click()
    expect(page).to_have_url(re.compile("texture_sample=Grass"))
    assert "shape_sample" not in page.url


def test_a_link_reopens_the_distortions(open_page: OpenPage) -> None:
    page = open_page("/texture?show=Distortions&edges=100&shuffle=4", dark=True)
    expect(page.get_by_text("edges 100, patches shuffled 4")).to_be_visible()
    page.get_by_role("button", name="Undistorted").click()
    expect(page.get_by_text("nothing is done to it yet")).to_be_visible()
