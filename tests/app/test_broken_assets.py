"""A damaged file of ours puts its own network out, and takes no page with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnviz.cache import SizedLRUCache
from cnnviz.costs import tradeoffs
from cnnviz.digits import mnist
from cnnviz.lessons import LESSONS, load_lesson
from cnnviz.networks import load
from cnnviz.networks.weights import files
from cnnviz.showcase.cards import compute_card
from cnnviz.showcase.flow import compute_flow
from cnnviz.web.sitemap import list_pages
from tests.app.opened import open_page


def forget() -> None:
    """What was computed of whole files, or of broken ones."""
    for cached in (compute_card, compute_flow, mnist.sample_digits):
        cached.cache_clear()


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of weights, whose files a test may replace."""
    for path in files.BUNDLED.iterdir():
        (tmp_path / path.name).symlink_to(path)
    for module in (files, tradeoffs):
        monkeypatch.setattr(module, "BUNDLED", tmp_path)
    monkeypatch.setattr(load, "_NETWORKS", SizedLRUCache())
    forget()
    yield tmp_path
    forget()


def replace(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def test_a_flipped_network_and_broken_cards_leave_all_pages(bundled: Path) -> None:
    weights = bytearray((bundled / "lenet5.safetensors").read_bytes())
    weights[len(weights) // 2] ^= 1
    replace(bundled / "lenet5.safetensors", bytes(weights))
    replace(bundled / "alexnet64.json", b"\xff{")
    replace(bundled / "resnet64.json", b'{"sha256": "0"}')
    (bundled / "nin64.json").unlink()

    home = open_page("home")
    assert ["lenet5.safetensors is not the one" in error.value for error in home.error] == [True]
    assert len(home.get("page_link")) == len(list_pages()) - 1
    networks = open_page("networks")
    assert ["alexnet64.json cannot be read" in error.value for error in networks.error] == [True]
    assert not open_page("tradeoffs").error
    names = {one.name for one in tradeoffs.list_bundled()}
    assert {"vgg64", "zfnet64"} <= names
    assert not names & {"alexnet64", "resnet64", "nin64"}
    open_page("occlusion", network="vgg64")


def test_broken_sample_digits_leave_the_home_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "digits.json").write_bytes(b"\xff")
    monkeypatch.setattr(mnist, "_SAMPLES", tmp_path / "digits.json")
    forget()
    try:
        home = open_page("home")
        assert ["digits.json of sample digits cannot" in one.value for one in home.error] == [True]
        assert len(home.get("page_link")) == len(list_pages()) - 1
    finally:
        forget()


def test_a_flipped_byte_in_a_lesson_costs_a_character(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = (LESSONS / "en" / "occlusion.md").read_bytes()
    (tmp_path / "en").mkdir()
    place = text.index(b"\n", 2) + 20
    (tmp_path / "en" / "occlusion.md").write_bytes(text[:place] + b"\xff" + text[place + 1 :])
    monkeypatch.setattr("cnnviz.lessons.LESSONS", tmp_path)
    load_lesson.cache_clear()
    try:
        assert load_lesson("occlusion").title
    finally:
        load_lesson.cache_clear()
