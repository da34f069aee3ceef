"""Makes the README's screenshots from the running app: `python -m tests.screenshots`."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.running_app import ROOT, launch_browser, run_server, wait_until_drawn

FOLDER = ROOT / "assets" / "docs"
# The page's address by the name of its file.
SHOTS = {
    "home": "/",
    "whole_network": "/whole_network",
    "attribution": "/attribution",
    "adversarial": "/adversarial",
}
_REST = 4000  # milliseconds: until pictures that are refined stand still


def main() -> None:
    """Open each page in a fresh window and write what it shows."""
    with (
        tempfile.TemporaryDirectory() as folder,
        run_server(Path(folder)) as server,
        sync_playwright() as playwright,
        launch_browser(playwright) as browser,
    ):
        for name, address in SHOTS.items():
            context = browser.new_context(
                viewport={"width": 1280, "height": 800},
                base_url=server.url,
                reduced_motion="reduce",
            )
            page = context.new_page()
            page.goto(address)
            wait_until_drawn(page)
            page.wait_for_timeout(_REST)
            page.screenshot(path=FOLDER / f"{name}.png")
            context.close()


if __name__ == "__main__":
    main()
