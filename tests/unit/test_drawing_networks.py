"""The pad's routes asked for another network than LeNet-5, against that network in torch."""

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cnnviz.digits import mnist
from cnnviz.web import api
from tests import other_lenet

STROKES = mnist.sample_digits()[3]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=api.routes)) as opened:
        yield opened


def test_a_network_like_lenet_answers_drawings_and_works_its_own_cells_out(
    client: TestClient,
) -> None:
    x = mnist.to_input(mnist.rasterize_strokes(STROKES, pen=0.09))
    asked: dict[str, Any] = {"strokes": STROKES, "network": other_lenet.NAME}
    cell = {"layer": "c3", "channel": 2, "row": 4, "column": 7}
    with other_lenet.register_other_lenet() as network, torch.no_grad():
        answer = client.post("/api/digit", json=asked | {"layers": ["c3"]}).json()
        found = client.post("/api/digit/cell", json=asked | cell).json()
        below = network.s2(network.relu1(network.c1(x)))  # (1, 6, 14, 14)
        maps = network.c3(below)[0]  # (16, 10, 10)
        np.testing.assert_allclose(answer["logits"], network(x)[0], rtol=1e-4, atol=1e-5)
        half_step = float(maps.abs().max()) / 127 / 2
        assert np.abs(unpack(answer["layers"][0]) - maps.numpy()).max() <= half_step * 1.001
        assert found["value"] == pytest.approx(float(maps[2, 4, 7]), abs=1e-5)
        np.testing.assert_allclose(found["weights"], network.c3.weight[2], rtol=1e-6)
        np.testing.assert_allclose(found["inputs"], below[0, :, 4:9, 7:12], atol=1e-5)
    lenet = client.post("/api/digit", json={"strokes": STROKES}).json()
    assert lenet["guess"] == "3"
    assert lenet["logits"] != answer["logits"]


def unpack(layer: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.floating[Any]]]:
    packed = np.frombuffer(base64.b64decode(layer["values"]), dtype=np.int8)
    return packed.reshape(layer["shape"]) * np.float64(layer["scale"])


@pytest.mark.parametrize("path", ["/api/digit", "/api/digit/cell"])
@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        ("resnet64", "“network” must be one that reads drawings as LeNet-5."),
        (5, "“network” must be one that reads drawings as LeNet-5."),
        (
            other_lenet.NAME,
            f"There is no network “{other_lenet.NAME}” on this server; draw for “lenet5”.",
        ),
    ],
)
def test_a_network_that_reads_no_drawings_or_is_gone_gets_one_sentence(
    client: TestClient, path: str, network: object, sentence: str
) -> None:
    cell = {"layer": "c1", "channel": 0} if path.endswith("cell") else {}
    body = {"strokes": STROKES, "network": network} | cell
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.json()) == (400, {"error": sentence})
