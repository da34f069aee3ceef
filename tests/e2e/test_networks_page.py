"""Weights fetched in a real browser: a click, the bar, the stop button, the network at work."""

import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, expect
from torch import nn

from cnnviz.zoo import get_network
from tests.download_server import FileServer, serve_files
from tests.e2e.conftest import OpenPage, choose, watch_pages
from tests.running_app import RunningServer, run_server, wait_until_drawn

# Registers a network whose weights are published, as torchvision's are, by the server of the test.
MODELS = """
from dataclasses import replace
from torch import nn
from cnnviz.own import network
from cnnviz.zoo import registry
from cnnviz.zoo.reported import Reported

@network(shape=(3, 16, 16), classes=("ant", "bee"), title="Fetched", year=2001)
def fetched():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(784, 2))

spec = registry._REGISTRY["fetched"]
reported = Reported("V1", 1682, 0.001, 50.0, 80.0, SIZE / 2**20, 16, "https://nowhere.invalid/FILE")
published = (registry.PublishedWeights(reported, spec.preprocessing),)
registry._REGISTRY["fetched"] = replace(spec, published=published)
"""


@pytest.fixture(scope="module")
def files() -> Iterator[FileServer]:
    with serve_files() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fresh")


@pytest.fixture(scope="module")
def fresh(files: FileServer, folder: Path) -> Iterator[RunningServer]:
    """A server of its own, without any weights but those that ship."""
    torch.manual_seed(1)
    layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(784, 2))
    content = io.BytesIO()
    torch.save(layers.state_dict(), content)
    data = content.getvalue()
    name = f"fetched-{hashlib.sha256(data).hexdigest()[:8]}.pth"
    files.files[name] = data
    models = folder / "models.py"
    models.write_text(MODELS.replace("FILE", name).replace("SIZE", str(len(data))))
    environment = {
        "CNNVIZ_MODELS": str(models),
        "CNNVIZ_WEIGHTS_URL": files.url,
        "CNNVIZ_WEIGHTS_DIR": str(folder / "weights"),
        "TORCH_HOME": str(folder / "torch"),
        "no_proxy": "127.0.0.1,localhost",
    }
    with run_server(folder, environment=environment) as running:
        yield running


@pytest.fixture
def open_fresh(browser: Browser, fresh: RunningServer) -> Iterator[OpenPage]:
    with watch_pages(browser, fresh.url) as opener:
        yield opener


def test_a_refused_download_is_told_in_the_page(open_fresh: OpenPage, files: FileServer) -> None:
    files.status = 404
    page = open_fresh("/networks?network=fetched")
    page.get_by_role("button", name="Download Fetched").click()
    expect(page.get_by_role("alert")).to_contain_text("The server has no file fetched-")
    expect(page.get_by_role("button", name="Download Fetched")).to_be_visible()
    files.status = 200


def test_a_visitor_fetches_a_network_stops_starts_again_and_opens_it(
    open_fresh: OpenPage, files: FileServer, folder: Path
) -> None:
    files.hold_after = 2000
    page = open_fresh("/activations?network=fetched")
    expect(page.get_by_text("Fetched has no weights on this machine")).to_be_visible()
    page.get_by_role("button", name="Download Fetched").click()
    expect(page.get_by_text("Fetched: 0.0 MB of 0.0 MB")).to_be_visible()
    expect(page.get_by_role("progressbar").first).to_be_visible()
    other = open_fresh("/networks")
    # Streamlit's own bar has a button of the same name while a script runs.
    stop = other.get_by_test_id("stMain").get_by_role("button", name="Stop")
    stop.click()
    expect(stop).to_be_disabled()
    files.go_on.set()
    expect(page.get_by_text("The download was stopped; nothing of it was kept.")).to_be_visible()
    assert list((folder / "weights").iterdir()) == []
    files.hold_after = None
    missing = "more networks, without weights here"
    before = int(page.get_by_text(missing).inner_text().split()[0])
    page.get_by_role("button", name="Download Fetched").click()
    # The page finds out by itself, and the network can be chosen. While its script runs again, the
    # old panel stands beside the new one.
    expect(page.get_by_text(f"{before - 1} {missing}")).to_be_visible()
    expect(page.get_by_text(f"{before} {missing}")).to_have_count(0)
    wait_until_drawn(page)
    assert [path.name for path in (folder / "weights").iterdir()] == ["fetched.pth"]
    choose(page, "Network", "Fetched")
    expect(page.get_by_text("What Fetched sees")).to_be_visible()
    page.locator(".maps[data-tiles]").first.wait_for()


def test_a_long_network_is_opened_block_by_block(open_fresh: OpenPage, folder: Path) -> None:
    (folder / "weights").mkdir(exist_ok=True)
    torch.manual_seed(1)
    state = get_network("googlenet").build().state_dict()
    torch.save(state, folder / "weights" / "googlenet.pth")
    page = open_fresh("/activations?network=googlenet", width=390)
    units = page.locator(".overview .unit")
    # conv1 to conv3, the nine inceptions, the poolings between them, the input, and the head.
    expect(units).to_have_count(19)
    expect(page.locator(".graph .place b")).to_have_text("conv1")
    page.get_by_role("button", name="inception 4a, 20 layers").click()
    expect(page.locator(".graph .place b")).to_have_text("inception 4a")
    expect(page.locator(".graph .block:not(.ghost)")).to_have_count(20)
    expect(page.locator(".graph .block.ghost")).to_have_count(1)
    page.locator(".block[data-layer='inception4a_branch2_1_conv']").click()
    name = "inception 4a, 3×3 branch, 3×3 convolution"
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    expect(page.locator(".unit.chosen")).to_have_attribute("aria-label", re.compile("inception 4a"))
    page.get_by_role("button", name="Next block").click()
    expect(page.locator(".graph .place b")).to_have_text("inception 4b")
    page.locator(".unit.shown").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".graph .place b")).to_have_text("inception 4a")
    page.locator(".graph .block.ghost").click()
    expect(page.locator(".graph .place b")).to_have_text("maxpool3")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
