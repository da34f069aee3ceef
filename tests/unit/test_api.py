"""The JSON routes: what they answer, and what they refuse, down to every wrong byte."""

import asyncio
import base64
import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cnnviz.cache import SizedLRUCache
from cnnviz.digits import mnist
from cnnviz.labs.live_training import TrainingRun
from cnnviz.labs.training_plan import TrainingPlan
from cnnviz.networks import load
from cnnviz.networks.load import load_model, predict
from cnnviz.networks.weights import files
from cnnviz.web import api
from cnnviz.web.api import digit, requests, training

JSON = {"content-type": "application/json"}
ROUTES = ["/api/digit", "/api/digit/cell"]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=api.routes)) as opened:
        yield opened


def sample(digit: int) -> list[list[list[float]]]:
    return [[list(point) for point in stroke] for stroke in mnist.sample_digits()[digit]]


def post(client: TestClient, path: str = "/api/digit", **body: object) -> httpx.Response:
    return client.post(path, json=body)


def test_the_guess_is_the_networks(client: TestClient) -> None:
    answer = post(client, strokes=sample(3), pen=0.1).json()
    drawing = mnist.rasterize_strokes(mnist.sample_digits()[3], pen=0.1)
    expected = predict(load_model("lenet5"), mnist.to_input(drawing))
    np.testing.assert_allclose(answer["logits"], expected.logits, rtol=1e-5)
    np.testing.assert_allclose(answer["probabilities"], expected.probabilities, atol=1e-6)
    assert answer["guess"] == str(int(np.argmax(answer["logits"])))
    assert answer["ink"] is True
    assert answer["layers"] == []


def test_probabilities_are_the_softmax_of_the_logits(client: TestClient) -> None:
    answer = post(client, strokes=sample(5)).json()
    powers = [math.exp(logit) for logit in answer["logits"]]
    expected = [power / math.fsum(powers) for power in powers]
    np.testing.assert_allclose(answer["probabilities"], expected, atol=1e-6)


def test_an_empty_pad_has_no_guess(client: TestClient) -> None:
    answer = post(client, strokes=[]).json()
    assert answer["ink"] is False
    assert answer["guess"] is None
    assert answer["second"] is None
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)


def test_layers_unpack_to_the_networks_own(client: TestClient) -> None:
    names = ["input", "c1", "relu1", "s2", "c3", "s4", "c5", "f6", "output"]
    answer = post(client, strokes=sample(8), layers=names).json()
    shapes = {layer["name"]: tuple(layer["shape"]) for layer in answer["layers"]}
    # LeCun et al. 1998, figure 2.
    assert shapes["input"] == (1, 32, 32)
    assert shapes["c1"] == shapes["relu1"] == (6, 28, 28)
    assert shapes["s2"] == (6, 14, 14)
    assert shapes["c3"] == (16, 10, 10)
    assert shapes["s4"] == (16, 5, 5)
    assert shapes["c5"] == (120, 1, 1)
    assert (shapes["f6"], shapes["output"]) == ((84,), (10,))
    values = {layer["name"]: unpack(layer) for layer in answer["layers"]}
    x = mnist.to_input(mnist.rasterize_strokes(mnist.sample_digits()[8], pen=0.09))
    parameters = dict(load_model("lenet5").module.named_parameters())
    weight, bias = parameters["c1.weight"], parameters["c1.bias"]
    expected = torch.nn.functional.conv2d(x, weight, bias)[0].numpy()
    half_step = float(np.abs(expected).max()) / 127 / 2
    assert np.abs(values["c1"] - expected).max() <= half_step * 1.001
    assert values["relu1"].min() == 0


def unpack(layer: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.floating[Any]]]:
    packed = np.frombuffer(base64.b64decode(layer["values"]), dtype=np.int8)
    return packed.reshape(layer["shape"]) * np.float64(layer["scale"])


@pytest.mark.parametrize(
    ("layer", "channel", "row", "column"),
    [("c1", 5, 27, 0), ("c3", 15, 9, 9), ("c5", 119, 0, 0), ("f6", 83, 0, 0), ("output", 9, 0, 0)],
)
def test_products_and_bias_sum_to_the_value(
    client: TestClient, layer: str, channel: int, row: int, column: int
) -> None:
    cell = post(
        client,
        "/api/digit/cell",
        strokes=sample(2),
        layer=layer,
        channel=channel,
        row=row,
        column=column,
    ).json()
    total = float(np.sum(cell["products"], dtype=np.float64)) + cell["bias"]
    assert total == pytest.approx(cell["value"], abs=1e-4)
    products = np.multiply(cell["inputs"], cell["weights"])
    np.testing.assert_allclose(cell["products"], products, rtol=1e-5, atol=1e-7)


def test_a_cells_patches_are_worked_by_hand(client: TestClient) -> None:
    cell = post(
        client,
        "/api/digit/cell",
        strokes=sample(0),
        layer="c3",
        channel=0,
        row=2,
        column=3,
    ).json()
    # 5x5 on S2 from (2, 3); each S2 cell covers 2x2 of C1; each C1 cell 5x5 of the input.
    assert cell["patches"]["s2"] == [2, 6, 3, 7]
    assert cell["patches"]["c1"] == [4, 13, 6, 15]
    assert cell["patches"]["input"] == [4, 17, 6, 19]
    assert np.shape(cell["inputs"]) == (6, 5, 5)


def test_subsampling_is_the_mean_of_four(client: TestClient) -> None:
    cell = post(
        client, "/api/digit/cell", strokes=sample(0), layer="s2", channel=1, row=6, column=4
    ).json()
    assert np.shape(cell["inputs"]) == (1, 2, 2)
    assert cell["value"] == pytest.approx(np.mean(cell["inputs"]), abs=1e-6)


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(client: TestClient, path: str, method: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert_sentence(answer)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_types_are_refused(client: TestClient, kind: str) -> None:
    answer = client.post("/api/digit", content=b'{"strokes": []}', headers={"content-type": kind})
    assert answer.status_code == 415
    assert_sentence(answer)


def test_a_body_over_64_kib_is_refused(client: TestClient) -> None:
    frame = b'{"strokes": []%s}'
    fits = frame % (b" " * (64 * 1024 - len(frame) + 2))
    assert len(fits) == 64 * 1024
    assert client.post("/api/digit", content=fits, headers=JSON).status_code == 200
    answer = client.post("/api/digit", content=fits + b" ", headers=JSON)
    assert answer.status_code == 413
    assert_sentence(answer)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": "http://[::1"},
        {"origin": "//"},
        {"origin": "http://testserver:81"},
    ],
)
def test_other_sites_are_refused(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/api/digit", content=b'{"strokes": []}', headers=JSON | headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}, {}]
)
def test_the_page_itself_and_programs_are_answered(
    client: TestClient, headers: dict[str, str]
) -> None:
    answer = client.post("/api/digit", content=b'{"strokes": []}', headers=JSON | headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"strokes"',
        b"\xff\xfe",
        b'{"strokes": [], "\\ud800": 1}',
        b'{"strokes": [], "network": "\\udfff"}',
        b'{"strokes": [], "layers": ["\\ud83d c1"]}',
        b'{"strokes": [["\\ud800"]]}',
        b"[" * 60_000,
        b'{"strokes": ' + b"[" * 60_000,
        b"{}",
        b'{"strokes": [], "stroke": []}',
        b'{"strokes": [[[0.1, NaN]]]}',
        b'{"strokes": [[[0.1, 1e999]]]}',
        b'{"strokes": [[[0.1, ' + b"9" * 5000 + b"]]]}",
        b'{"strokes": [], "pen": 0}',
        b'{"strokes": [], "pen": "wide"}',
        b'{"strokes": [], "layers": "c1"}',
        b'{"strokes": [], "layers": [1]}',
        b'{"strokes": [], "layers": ["c9"]}',
    ],
)
def test_a_wrong_body_gets_one_sentence(client: TestClient, content: bytes) -> None:
    answer = client.post("/api/digit", content=content, headers=JSON)
    assert answer.status_code == 400
    assert_sentence(answer)


@pytest.mark.parametrize(
    "change",
    [
        {"layer": "c9"},
        {"layer": 3},
        {"channel": 6},
        {"channel": -1},
        {"channel": 1.0},
        {"channel": True},
        {"row": 28},
        {"column": 10**30},
        {"row": None},
    ],
)
def test_a_wrong_cell_gets_one_sentence(client: TestClient, change: dict[str, object]) -> None:
    body: dict[str, object] = {"strokes": sample(1), "layer": "c1", "channel": 0}
    answer = client.post("/api/digit/cell", json=body | change)
    assert answer.status_code == 400
    assert_sentence(answer)


def test_too_many_waiting_are_asked_to_come_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digit, "MAX_WAITING", 0)
    answer = post(client, strokes=sample(1))
    assert answer.status_code == 503
    assert_sentence(answer)


def test_an_escaped_character_of_two_halves_is_whole(client: TestClient) -> None:
    content = b'{"strokes": [], "\\ud83d\\ude00": 1}'
    answer = client.post("/api/digit", content=content, headers=JSON)
    assert answer.status_code == 400
    assert "\N{GRINNING FACE}" in answer.json()["error"]


def test_a_body_in_drops_is_given_up(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.2)

    async def receive() -> dict[str, object]:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b" ", "more_body": True}

    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/digit",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    asyncio.run(client.app(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


def test_a_damaged_weight_file_is_the_servers_fault(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copy(files.BUNDLED / "lenet5.json", tmp_path)
    data = bytearray((files.BUNDLED / "lenet5.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "lenet5.safetensors").write_bytes(data)
    monkeypatch.setattr(files, "BUNDLED", tmp_path)
    monkeypatch.setattr(load, "_NETWORKS", SizedLRUCache())
    bodies: dict[str, dict[str, object]] = {path: {"strokes": []} for path in ROUTES}
    bodies["/api/digit/cell"] |= {"layer": "c1", "channel": 0}
    for path, body in bodies.items():
        answer = client.post(path, json=body)
        assert answer.status_code == 503
        assert_sentence(answer)


@pytest.mark.parametrize("rate", ["1e999", "9" * 400, "NaN", "true", "101", "0"])
def test_a_wrong_learning_rate_is_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, rate: str
) -> None:
    run = TrainingRun(TrainingPlan(layers="flatten, fc10"), owner="ann")
    monkeypatch.setattr(training, "find_run", lambda _: run)
    content = b'{"run": "it", "rate": %s}' % rate.encode()
    answer = client.post("/api/training/rate", content=content, headers=JSON)
    assert answer.status_code == 400
    assert_sentence(answer)


@pytest.mark.parametrize("path", ["/api/jobs/none", "/api/training/none"])
def test_a_version_of_five_thousand_digits_is_none(client: TestClient, path: str) -> None:
    answer = client.get(path, params={"seen": "9" * 5000, "step": "9" * 5000})
    assert answer.status_code == 204


def assert_sentence(answer: httpx.Response) -> None:
    sentence = answer.json()["error"]
    assert set(answer.json()) == {"error"}
    assert sentence.endswith(".")
    assert 10 < len(sentence) < 400
    assert "Traceback" not in sentence


_JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)
_FIELDS = st.sampled_from(["strokes", "pen", "layers", "layer", "channel", "row", "column", "x"])


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(ROUTES), body=st.dictionaries(_FIELDS, _JSON_VALUES, max_size=5))
def test_any_json_is_answered_or_refused(
    client: TestClient, path: str, body: dict[str, object]
) -> None:
    content = json.dumps(body).encode()
    answer = client.post(path, content=content, headers=JSON)
    assert answer.status_code in (200, 400)
    assert ("error" in answer.json()) == (answer.status_code == 400)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(ROUTES), content=st.binary(max_size=300))
def test_any_bytes_are_refused(client: TestClient, path: str, content: bytes) -> None:
    assert client.post(path, content=content, headers=JSON).status_code == 400
