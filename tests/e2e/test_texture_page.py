"""Shape against texture in a real browser: the stage, a conflict that grows, its file, a link."""

import io
import re

import numpy as np
from PIL import Image

from cnnviz.networks.load import load_model
from cnnviz.shape_texture.trials import see
from tests.e2e.conftest import OpenPage
from tests.e2e.patience import check_first_screen, expect
from tests.running_app import wait_until_it_fits

WAIT = 40_000  # other tests' runs may come first in the server's line


def test_a_visit(open_page: OpenPage) -> None:
    page = open_page("/texture?maker=alexnet64&steps=20&networks=alexnet64~resnet64")
    made = page.get_by_role("img", name=re.compile("Cue conflict: .*step 20 of 20"))
    expect(made).to_be_visible(timeout=WAIT)
    model = load_model("resnet64")
    card = page.locator(".cues article").filter(has_text=model.spec.title)
    expect(card).to_be_visible(timeout=WAIT)
    check_first_screen(page.locator(".cues .images"), card)
    # The input of a slider has no size; the slider around it has.
    sliders = page.get_by_test_id("stSlider")
    weight = page.get_by_role("slider", name="Style weight")
    expect(sliders.filter(has=weight)).to_be_in_viewport()
    with page.expect_download() as download:
        page.get_by_role("link", name="Conflict as PNG").click()
    pixels = np.asarray(Image.open(io.BytesIO(download.value.path().read_bytes())).convert("RGB"))
    assert pixels.shape == (64, 64, 3)
    first = model.spec.classes[see(model, pixels).ranking[0]]
    expect(card.locator("li").first).to_contain_text(first)

    # Two choosers of images, each with a value of its own.
    page.get_by_role("button", name="Coffee cup").click()
    page.get_by_role("option", name="Grass").click()
    page.wait_for_url("**texture=grass*")
    assert "image=cat" in page.url

    page.get_by_role("radio", name="Distortions").click()
    slider = page.get_by_role("slider", name="Patches shuffled")
    expect(sliders.filter(has=slider)).to_be_in_viewport()
    # For a while that of the conflict is there too.
    distorted = page.locator(".cues .images").filter(has_text="Distorted image")
    expect(distorted).to_be_in_viewport()
    slider.press("End")
    page.wait_for_url("**shuffle=16*")
    expect(page.get_by_text("patches shuffled 16")).to_be_visible()
    page.reload()
    expect(page.get_by_text("patches shuffled 16")).to_be_visible()

    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".cues img").first).to_be_in_viewport()
    wait_until_it_fits(page)
