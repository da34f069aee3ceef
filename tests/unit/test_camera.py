"""The live camera: one pass against torch, the route's answers and refusals, the newest frame."""

import asyncio
import base64
import io
import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient
from torch import nn
from torch.nn import functional

from cnnviz.camera import MAPS, list_map_layers, look
from cnnviz.digits.answers import Answer
from cnnviz.errors import RequestError
from cnnviz.figures.camera import FrameSize, find_frame_size
from cnnviz.images.samples import load_image
from cnnviz.networks.load import load_model
from cnnviz.networks.zoo import get_network
from cnnviz.web import api
from cnnviz.web.api import camera
from tests.home_made import chain

URL = "/api/camera"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=api.routes)) as opened:
        yield opened


def write_file(pixels: np.ndarray, *, kind: str = "PNG") -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return base64.b64encode(file.getvalue()).decode("ascii")


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)


def test_one_pass_sees_what_torch_computes() -> None:
    first, last = nn.Conv2d(3, 10, 3), nn.Linear(10 * 2 * 2, 4)
    model = chain(first, nn.ReLU(), nn.MaxPool2d(3), nn.Flatten(), last, shape=(3, 8, 8))
    x = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    conv, relu, pool = list_map_layers(model.graph)
    with torch.no_grad():
        values = first(x)
    maps = functional.relu(values).requires_grad_()
    pooled = functional.max_pool2d(maps, 3)
    logits = last(pooled.flatten(1))[0]
    # Selvaraju et al. 2017, equations 1 and 2.
    (gradient,) = torch.autograd.grad(logits.max(), maps)
    cam = (gradient.mean(dim=(2, 3), keepdim=True) * maps).sum(dim=1)[0].detach()
    # Before the layer of Grad-CAM, the layer itself, and behind it.
    for name, expected in ((conv, values), (relu, maps), (pool, pooled)):
        sight = look(model, x, layer=name)
        assert torch.allclose(sight.prediction.logits, logits, atol=1e-5)
        assert sight.cam is not None
        assert torch.allclose(sight.cam, cam, atol=1e-5)
        assert sight.maps is not None
        own = expected.detach()[0]
        strongest = own.amax(dim=(1, 2)).argsort(descending=True)[:MAPS].tolist()
        assert list(sight.maps.channels) == strongest
        drawn = sight.maps.values * sight.maps.scale
        assert np.abs(drawn - own[strongest].numpy()).max() <= sight.maps.scale * 0.51


@pytest.mark.parametrize(
    ("network", "size"),
    [
        # Its paper's test: the shorter side to 256, and 224 from the middle.
        ("resnet50", FrameSize(256, rows=224, columns=224)),
        ("alexnet64", FrameSize(64, rows=64, columns=64)),
        ("lenet5", FrameSize(224, rows=224, columns=224, is_seen=False)),
    ],
)
def test_a_network_is_sent_what_it_reads(network: str, size: FrameSize) -> None:
    assert find_frame_size(get_network(network).preprocessing) == size


def test_the_route_answers_what_the_network_says(client: TestClient) -> None:
    model, pixels = load_model("alexnet64"), noise(64, 64, 3)
    layer = list_map_layers(model.graph)[0]
    body = {"network": "alexnet64", "layer": layer, "image": write_file(pixels), "camera": "one"}
    answer = client.post(URL, json=body).json()
    with torch.no_grad():
        shares = model.module(model.spec.preprocessing.prepare(pixels))[0].softmax(dim=0)
    best = shares.argsort(descending=True)[:5].tolist()
    told = [guess["probability"] for guess in answer["guesses"]]
    assert told == pytest.approx(shares[best].tolist(), abs=1e-5)
    assert answer["network"] == "alexnet64"
    assert answer["view"] is None
    maps, cam = answer["maps"], answer["cam"]
    for found, count in ((maps, MAPS), (cam, 1)):
        values = base64.b64decode(found["values"])
        assert len(values) == count * found["rows"] * found["columns"]


def test_lenet_reads_ink_and_says_where_there_is_none(client: TestClient) -> None:
    body = {"network": "lenet5", "layer": "c1"}
    drawn = write_file(load_image("digit-3").pixels, kind="JPEG")
    answer = client.post(URL, json=body | {"image": drawn}).json()
    assert answer["guesses"][0]["name"] == "3"
    assert (answer["view"]["rows"], answer["view"]["columns"]) == (32, 32)
    blank = write_file(np.full((60, 60, 3), 200, dtype=np.uint8))
    answer = client.post(URL, json=body | {"image": blank}).json()
    assert answer["guesses"] == []
    assert answer["cam"] is None
    assert answer["note"].endswith(".")


PNG = write_file(noise(8, 8, 3))


@pytest.mark.parametrize(
    "change",
    [
        {"network": "alexnet65"},
        {"network": 3},
        {"layer": "output"},
        {"layer": None},
        {"image": "§"},
        {"image": "aGVsbG8="},
        {"image": write_file(np.zeros((1500, 1500), dtype=np.uint8))},
        {"image": 5},
        {"camera": 1},
        {"camera": "c" * 65},
        {"frame": PNG},
    ],
)
def test_a_wrong_frame_gets_one_sentence(client: TestClient, change: dict[str, object]) -> None:
    body = {"network": "lenet5", "layer": "c1", "image": PNG} | change
    answer = client.post(URL, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


def test_other_methods_types_and_sites_are_refused(client: TestClient) -> None:
    assert client.get(URL).status_code == 405
    assert client.post(URL, content=b"{}").status_code == 415
    json = {"content-type": "application/json"}
    assert client.post(URL, content=b" " * 70_000, headers=json).status_code == 413
    away = json | {"sec-fetch-site": "cross-site"}
    assert client.post(URL, content=b"{}", headers=away).status_code == 403


@pytest.fixture
def slow_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, list[object]]]:
    """A network that answers when it is let, and the frames that it has seen."""
    is_let, seen = threading.Event(), list[object]()

    def answer(body: Answer) -> Answer:
        seen.append(body["number"])
        assert is_let.wait(10)
        return body

    monkeypatch.setattr(camera, "_answer", answer)
    yield is_let, seen
    is_let.set()


async def wait_for(seen: list[object]) -> None:
    while not seen:
        await asyncio.sleep(0.005)


def send(name: str, number: int) -> asyncio.Task[Answer]:
    return asyncio.create_task(camera._answer_newest({"camera": name, "number": number}))


def test_the_newest_frame_wins(slow_network: tuple[threading.Event, list[object]]) -> None:
    is_let, seen = slow_network

    async def film() -> None:
        running = send("ann", 1)
        await wait_for(seen)
        older, other = send("ann", 2), send("bob", 3)
        await asyncio.sleep(0)
        newer = send("ann", 4)
        with pytest.raises(RequestError) as refused:
            await older
        assert refused.value.status == 429
        is_let.set()
        assert [(await each)["number"] for each in (running, other, newer)] == [1, 3, 4]

    asyncio.run(film())
    # The newer frame has the older one's place before Bob's.
    assert seen == [1, 4, 3]


def test_too_many_cameras_are_told_to_wait(
    slow_network: tuple[threading.Event, list[object]],
) -> None:
    is_let, seen = slow_network

    async def film() -> None:
        tasks = [send("first", 0)]
        await wait_for(seen)
        tasks += [send(f"camera {number}", number) for number in range(camera.MAX_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(RequestError) as refused:
            await send("late", 99)
        assert refused.value.status == 503
        is_let.set()
        await asyncio.gather(*tasks)

    asyncio.run(film())
    assert len(seen) == 1 + camera.MAX_WAITING
