"""The page about regularization and augmentation in a browser."""

import re

from tests.e2e.conftest import OpenPage
from tests.e2e.patience import check_first_screen, expect


def test_a_tile_chooses_the_transform_that_is_drawn_with_other_seeds(open_page: OpenPage) -> None:
    page = open_page("/regularization?part=augmentation&network=lenet5&image=digit-3&strength=0")
    check_first_screen(page.locator(".maps").first, top=200)
    expect(page.get_by_role("heading", name="Rotation, other seeds")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Crop ")).click()
    expect(page).to_have_url(re.compile("transform=crop"))
    expect(page.get_by_role("heading", name="Crop, other seeds")).to_be_visible()
