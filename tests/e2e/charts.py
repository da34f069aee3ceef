"""Marks of a chart: bars and bubbles lie under a layer that takes the clicks for them."""

from playwright.sync_api import Locator, Page

from tests.e2e.patience import expect

# A chart moves until the ones above it are drawn, and hears nothing before it is drawn itself.
_RESTS = """async (mark) => {
  const frame = () => new Promise(requestAnimationFrame);
  const measure = () => JSON.stringify(mark.getBoundingClientRect());
  const chart = mark.closest(".js-plotly-plot");
  for (let still = 0, before = measure(); still < 5; ) {
    await frame();
    const now = measure();
    still = now === before && chart._ev?.listenerCount("plotly_selected") ? still + 1 : 0;
    before = now;
  }
}"""


def find_chart(page: Page, key: str) -> Locator:
    """Find a chart by the key of its page; the charts of one page are drawn in any order.

    Args:
        page: A page of the app.
        key: Such as "tradeoffs.bubbles", or how it begins.
    """
    name = f"st-key-{key.replace('.', '-')}"
    return page.locator(f'[class*="{name}"] .js-plotly-plot')


def point_at(chart: Locator, marks: str, place: int) -> tuple[float, float]:
    """Return the middle of a mark in the window, once it has come to rest.

    Args:
        chart: A chart whose marks answer a click.
        marks: Selector of its marks, such as ".bars .point".
        place: Which of them.
    """
    mark = chart.locator(marks).nth(place)
    expect(mark).to_be_attached()
    mark.scroll_into_view_if_needed()
    mark.evaluate(_RESTS)
    box = mark.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
