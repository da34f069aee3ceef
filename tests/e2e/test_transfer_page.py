"""The page of transfer learning in a browser: a ZIP file of no use, one of use, and the network."""

import re

from playwright.sync_api import Page

from cnnviz.labs.transfer.archive import pack_archive
from cnnviz.labs.transfer.sets import load_transfer_set, take_each
from tests.e2e.conftest import OpenPage
from tests.e2e.patience import expect
from tests.running_app import wait_until_drawn

CLASSES = ("cat", "rocket")


def pack_pieces() -> bytes:
    """Four pieces each of two photographs of the gallery."""
    images = take_each(load_transfer_set("pieces").train, 4)
    return pack_archive(
        {label: [one.load() for one in images if one.label == label] for label in CLASSES}
    )


def upload(page: Page, name: str, data: bytes) -> None:
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput")
    expect(chooser).to_have_count(1)  # the other way's is there until the page is drawn to its end
    chooser.set_input_files({"name": name, "mimeType": "application/zip", "buffer": data})


def check_each_drawing_is_added(page: Page) -> None:
    """The board is empty after each, and the next one is another image."""
    page.get_by_role("radio", name="Draw").click()
    add = page.get_by_role("button", name="Add drawing")
    add.click()
    expect(page.get_by_text("The class has no name")).to_be_visible()
    page.get_by_placeholder("Name of the class").fill("stroke")
    add.click()
    expect(page.get_by_text("There is no drawing")).to_be_visible()
    board = page.locator(".board canvas.pad")
    for count in (1, 2):
        expect(page.get_by_text("Draw here")).to_be_visible()
        wait_until_drawn(page)
        board.hover(position={"x": 60, "y": 40})
        page.mouse.down()
        board.hover(position={"x": 60, "y": 60 + 20 * count})
        page.mouse.up()
        expect(page.get_by_text("Draw here")).to_be_hidden()
        wait_until_drawn(page)
        add.click()
        expect(page.get_by_text(f"stroke: {count}")).to_be_visible()


def test_a_visit(open_page: OpenPage) -> None:
    page = open_page("/transfer?network=lenet5&images=mine&count=2")
    expect(page.get_by_text("Add two classes in")).to_be_visible()
    page.get_by_role("button", name="Your classes").click()
    page.get_by_role("radio", name="ZIP").click()
    expect(page.get_by_text("A ZIP file with a folder for each class")).to_be_visible()
    upload(page, "broken.zip", b"no archive")
    expect(page.get_by_text("The file is no ZIP file")).to_be_visible()

    upload(page, "classes.zip", pack_pieces())
    expect(page.get_by_text("2 of 8 classes")).to_be_visible()
    expect(page.get_by_text("The file is no ZIP file")).to_have_count(0)
    check_each_drawing_is_added(page)
    page.keyboard.press("Escape")
    expect(page.get_by_text("of 5 held-out images are correct")).to_be_visible()

    page.get_by_role("button", name="Use on all pages").click()
    page.get_by_test_id("stMain").get_by_role("link", name="Attribution maps").click()
    expect(page.get_by_role("heading", name="Attribution maps")).to_be_visible()
    expect(page).to_have_url(re.compile("network=trained_"))
