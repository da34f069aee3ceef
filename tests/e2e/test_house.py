"""The house in a real browser: every page, linked, in one of two themes and in two widths."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page

from cnnviz.web.sitemap import HOME, PageEntry, list_pages
from tests.e2e.conftest import OpenPage, Visitors, watch_pages
from tests.e2e.patience import eventually, expect
from tests.running_app import RunningServer, wait_until_drawn, wait_until_it_fits

PAGES = list_pages()
Theme = Literal["light", "dark"]
# The grounds of the theme, #FCFBF8 and #12151C.
GROUNDS: dict[Theme, str] = {"light": "rgb(252, 251, 248)", "dark": "rgb(18, 21, 28)"}
CORNER = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 1, 1).data.slice(0, 3)]"
# What is seen of a page that neither is its stage nor holds it, nor lies in it.
BESIDE_THE_STAGE = """() => {
  const stage = document.querySelector(".st-key-stage");
  const parts = document.querySelectorAll("[data-testid=stMainBlockContainer] *");
  const beside = (part) => !part.contains(stage) && !stage.contains(part);
  const isSeen = (part) => part.checkVisibility() && part.getBoundingClientRect().height > 1;
  return [...parts].filter((part) => beside(part) && isSeen(part)).map((part) => part.innerText);
}"""
BEYOND_THE_WINDOW = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  return main.scrollHeight - main.clientHeight;
}"""
IS_TITLE_ABOVE = """() => {
  const bottom = document.querySelector(".st-key-head h1").getBoundingClientRect().bottom;
  const bar = document.querySelector(".st-key-workbench");
  return !bar || bottom <= bar.getBoundingClientRect().top;
}"""
STRIP = '[data-testid="stMain"] .strip.flow'


def title_of(entry: PageEntry) -> str:
    return "CNNViz" if entry is HOME else f"{entry.title} · CNNViz"


def heading_of(page: Page) -> str:
    return page.locator('[data-testid="stMain"] h1').inner_text()


def name_of(entry: PageEntry) -> str:
    return entry.url or "home"


@pytest.fixture(scope="module")
def visitor(visitors: Visitors, server: RunningServer) -> Iterator[Page]:
    """One who comes by a link, and goes from page to page."""
    with watch_pages(visitors, server.url) as open_once:
        yield open_once(f"/{PAGES[-1].url}", dark=True)


def test_a_link_leads_to_its_page(visitor: Page, server: RunningServer) -> None:
    """The way in is the same for all; every page is opened below, by the navigation."""
    expect(visitor).to_have_title(title_of(PAGES[-1]))
    assert urlsplit(visitor.url).path == f"/{PAGES[-1].url}"
    assert visitor.locator('[data-testid="stException"]').count() == 0
    assert visitor.locator('[data-testid="stAlert"]').count() == 0
    assert "Traceback" not in server.log.read_text(encoding="utf-8")


# All charts are drawn anew in another theme, so it changes once, half-way.
LIGHT = PAGES[1 : len(PAGES) // 2]
WIDTHS = (390, 1280)


@pytest.mark.parametrize("entry", [*PAGES[1:], HOME], ids=name_of)
def test_the_navigation_leads_to_a_page_that_fits_its_window_and_has_the_theme(
    visitor: Page, entry: PageEntry
) -> None:
    """A phone's window and a laptop's, where it is presented; who leaves one opens the next."""
    page = visitor
    theme: Theme = "light" if entry in LIGHT else "dark"
    page.emulate_media(color_scheme=theme)
    open_from_the_sidebar(page, entry)
    assert page.viewport_size is not None
    is_wide = page.viewport_size["width"] > WIDTHS[0]
    for width in reversed(WIDTHS) if is_wide else WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", GROUNDS[theme])
        wait_until_drawn(page)
        wait_until_it_fits(page)
        if width > WIDTHS[0]:
            check_presenter_mode(page)
        else:
            page.wait_for_function(IS_TITLE_ABOVE)


def open_from_the_sidebar(page: Page, entry: PageEntry) -> None:
    """By script, since in a phone's window the sidebar is beside the screen until it is opened."""
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text=entry.title)
    link.evaluate("link => link.click()")
    expect(page).to_have_title(title_of(entry))
    wait_until_drawn(page)


def check_presenter_mode(page: Page) -> None:
    """The stage alone is shown, and the page is no higher than its window."""
    page.keyboard.press("p")
    page.wait_for_function(f"({BESIDE_THE_STAGE})().length === 0")
    page.wait_for_function(f"({BEYOND_THE_WINDOW})() <= 0")
    page.keyboard.press("Escape")


def test_the_browsers_button_leads_back(visitor: Page) -> None:
    visitor.go_back()
    expect(visitor).to_have_title(title_of(PAGES[-1]))


def test_the_home_page(open_page: OpenPage) -> None:
    page = open_page("/?sample=4", motion=True)
    check_a_linked_digit_is_told_in_words_and_the_strip_plays_to_its_end(page)
    check_change_of_theme(page)
    check_another_digit_and_the_license(page)
    check_the_chart_library_is_loaded_and_the_cards_lead_to_the_pages(page)


def check_a_linked_digit_is_told_in_words_and_the_strip_plays_to_its_end(page: Page) -> None:
    expect(page.get_by_role("img", name="It predicts 4 with")).to_be_visible()
    expect(page.locator(f"{STRIP} .guess")).to_have_text("4")
    expect(page.locator(f"{STRIP} .row.best .class")).to_have_text("4")


def check_another_digit_and_the_license(page: Page) -> None:
    page.get_by_role("radio", name="2").click()
    expect(page.locator(f"{STRIP} .guess")).to_have_text("2")
    page.wait_for_url("**?sample=2")
    page.get_by_role("button", name="MIT license").click()
    text = page.get_by_text("Permission is hereby granted")
    expect(text).to_be_visible()
    page.keyboard.press("Escape")
    expect(text).to_have_count(0)


def check_the_chart_library_is_loaded_and_the_cards_lead_to_the_pages(page: Page) -> None:
    loaded = "() => performance.getEntriesByType('resource').map((entry) => entry.name)"
    page.wait_for_function(f"({loaded})().some((name) => /PlotlyChart.*js$/.test(name))")
    assert heading_of(page) == "Look inside a network while it runs"
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollHeight <= 1600")
    expect(page.get_by_role("img", name="QR code")).to_be_in_viewport(ratio=1)
    for entry in PAGES[1:]:
        card = page.locator(f".st-key-card-{entry.url}")
        link = card.get_by_role("link", name=entry.title, exact=True)
        expect(link).to_have_attribute("href", re.compile(rf"\b{entry.url}(\?|$)"))
    card.locator(".strip").click(force=True)  # the link lies over the whole card
    expect(page).to_have_title(title_of(PAGES[-1]))
    wait_until_drawn(page)


def check_corner(canvas: Locator, ground: list[int]) -> None:
    assert canvas.evaluate(CORNER) == ground


def check_change_of_theme(page: Page) -> None:
    """It repaints the strip."""
    canvas = page.locator(f"{STRIP} canvas").first
    grounds: dict[Theme, list[int]] = {"light": [252, 251, 248], "dark": [18, 21, 28]}
    for theme, ground in grounds.items():
        page.emulate_media(color_scheme=theme)
        eventually(page, partial(check_corner, canvas, ground))


def test_an_unknown_address_says_so(browser: Browser, server: RunningServer) -> None:
    page = browser.new_page()  # not a quiet one: Streamlit also tells the console
    page.goto(f"{server.url}/no-such-page")
    expect(page.get_by_role("dialog")).to_contain_text("not found")
    page.close()


def test_where_there_is_a_screen_a_browser_opens(
    visitor: Page, server: RunningServer, opened: Path
) -> None:
    def check_opened() -> None:
        assert opened.exists()
        assert opened.read_text(encoding="utf-8").strip() == server.url

    eventually(visitor, check_opened)


def test_the_terminal_tells_the_addresses_and_nothing_is_asked(server: RunningServer) -> None:
    log = server.log.read_text(encoding="utf-8")
    assert f"CNNViz is open at {server.url}" in log
    assert "Email" not in log
