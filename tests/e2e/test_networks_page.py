"""Weights fetched in a real browser: a click, the bar, the stop button, the network at work."""

import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.download_server import FileServer, serve_files
from tests.e2e.conftest import OpenPage, Visitors, choose, go_to, watch_pages
from tests.e2e.patience import expect
from tests.running_app import RunningServer, run_server, wait_until_drawn

# The head of the page leaves this much for what comes before the table.
TOP = 160
# The middle of the oldest network's row, below the head of the table.
FIRST_ROW = 52

# Registers a network whose weights are published, as torchvision's are, by the server of the test.
MODELS = """
from dataclasses import replace
from torch import nn
from cnnviz.networks.user_networks import network
from cnnviz.networks.weights import downloads
from cnnviz.networks.zoo import registry
from cnnviz.networks.zoo.reported import Reported

downloads._SILENCE_SECONDS = 300.0  # a busy machine opens the second page late

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
def open_fresh(visitors: Visitors, fresh: RunningServer) -> Iterator[OpenPage]:
    with watch_pages(visitors, fresh.url) as opener:
        yield opener


def test_a_visitor_fetches_a_network_stops_starts_again_and_opens_it(
    open_fresh: OpenPage, files: FileServer, folder: Path
) -> None:
    files.status = 404
    page = open_fresh("/networks?network=fetched")
    fetch = page.get_by_role("button", name="Download Fetched")
    fetch.click()
    expect(page.get_by_role("alert")).to_contain_text("The server has no file fetched-")
    wait_until_drawn(page)
    files.status = 200
    files.hold_after = 2000
    fetch.click()
    expect(page.get_by_text(re.compile("^Fetched: .+ of "))).to_be_visible()
    other = open_fresh("/networks")
    # Streamlit's own bar has a button of the same name while a script runs.
    stop = other.get_by_test_id("stMain").get_by_role("button", name="Stop")
    stop.click()
    expect(stop).to_be_disabled()
    expect(page.get_by_text("Fetched: is being stopped")).to_be_visible()
    # A bar that is left behind does not disturb the next page.
    other.get_by_test_id("stSidebarNav").get_by_role("link", name="The whole network").click()
    expect(other).to_have_title("The whole network · CNNViz")
    files.go_on.set()
    expect(page.get_by_text("The download was stopped; nothing of it was kept.")).to_be_visible()
    assert list((folder / "weights").iterdir()) == []
    files.hold_after = None

    # The window of the workbench stays open when its list has one network less.
    wait_until_drawn(other)
    other.get_by_test_id("stPopover").get_by_role("button", name="More", exact=True).click()
    choose(other, "Network without weights", "Fetched")
    other.get_by_role("button", name="Download Fetched").click()
    expect(other.get_by_role("button", name="Download Fetched")).to_have_count(0)
    wait_until_drawn(other)
    expect(other.get_by_role("combobox", name="Network without weights")).to_be_visible()
    assert [path.name for path in (folder / "weights").iterdir()] == ["fetched.pth"]

    go_to(page, "/networks?network=fetched")
    table = page.get_by_test_id("stDataFrame").first
    expect(page.get_by_test_id("stPlotlyChart")).to_be_visible()
    wait_until_drawn(page)
    box = table.bounding_box()
    assert box is not None
    assert box["y"] < TOP
    page.mouse.click(box["x"] + 150, box["y"] + FIRST_ROW)
    page.wait_for_url("**network=lenet5*")
    go_to(page, "/networks?network=fetched")
    page.get_by_role("button", name="Use on all pages").click()
    expect(page.get_by_role("button", name="Used on all pages")).to_be_disabled()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="The whole network").click()
    page.wait_for_url("**/whole_network?*network=fetched*")
