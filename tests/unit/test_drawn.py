"""The drawn objects: EfficientNet-Lite0, which has not learned from them, names each of them."""

from collections.abc import Iterator

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cnnviz.images import names
from cnnviz.images.drawn import TOPICS
from cnnviz.images.names import list_groups, list_labels, list_titles
from cnnviz.images.samples import SampleKind, list_samples, load_sample
from cnnviz.networks.load import load_model, predict
from cnnviz.networks.zoo.imagenet_classes import IMAGENET_CLASSES
from cnnviz.web import api

DRAWN = {one.key: one for one in list_samples() if one.kind is SampleKind.DRAWN}


@pytest.mark.parametrize("key", DRAWN)
def test_its_class_is_among_the_first_five(key: str) -> None:
    model = load_model("efficientnet_lite0")
    pixels = load_sample(key).pixels
    assert pixels.shape == (256, 256, 3)
    ranking = predict(model, model.spec.preprocessing.prepare(pixels)).ranking
    assert IMAGENET_CLASSES.index(DRAWN[key].shows) in ranking[:5]


def test_sixty_samples_show_something_that_imagenet_names() -> None:
    known = [one for one in list_samples() if one.shows and one.kind is not SampleKind.PAIR]
    assert len(known) >= 60
    for one in known:
        assert set(one.shows.split("|")) <= set(IMAGENET_CLASSES)
    assert {list_groups()[key] for key in DRAWN} == set(TOPICS)
    assert list_labels()["cat"] == "tabby, Egyptian cat, tiger cat"


def test_each_says_that_it_is_drawn() -> None:
    for one in DRAWN.values():
        assert one.title.endswith(", drawn")
        assert "not a photograph" in one.credit


def test_nothing_is_drawn_to_list_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_key: str) -> None:
        pytest.fail("A sample was loaded.")

    monkeypatch.setattr(names, "load_sample", fail)
    for cached in (list_titles, list_groups, list_labels):
        cached.cache_clear()
        assert set(DRAWN) <= set(cached())


@pytest.mark.parametrize("key", ["maze", "soccer-ball", "sea-urchin"])
def test_it_is_the_same_every_time(key: str) -> None:
    assert np.array_equal(load_sample(key).pixels, load_sample(key).pixels)


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=api.routes)) as opened:
        yield opened


def test_thumbnails_come_by_their_route(client: TestClient) -> None:
    answer = client.get("/api/thumbnails/golf-ball")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content == names.make_thumbnail("golf-ball")
    assert client.get("/api/thumbnails/digit-3").content.startswith(b"\x89PNG")


@pytest.mark.parametrize("key", ["none", "upload.123456789abc", "photo:..%2Fsecret.png", "%00"])
def test_nothing_else_comes_by_it(client: TestClient, key: str) -> None:
    assert client.get(f"/api/thumbnails/{key}").status_code == 404


def test_another_site_gets_no_thumbnail(client: TestClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.get("/api/thumbnails/cat", headers=headers).status_code == 403
