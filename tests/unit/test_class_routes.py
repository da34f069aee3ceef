"""The routes of a class: phones, the wall, and what is refused."""

import threading
import time
from collections.abc import Iterator

import httpx2 as httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cnnviz.classroom.store import open_class
from cnnviz.digits.mnist import sample_digits
from cnnviz.digits.strokes import unpack_strokes
from cnnviz.web import api
from cnnviz.web.api import class_bodies, classes, votes


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=api.routes)) as opened:
        yield opened


def post(client: TestClient, route: str, **body: object) -> httpx.Response:
    return client.post(f"/api/class/{route}", json=body)


def sample(digit: int) -> list[list[list[float]]]:
    return [[list(point) for point in stroke] for stroke in sample_digits()[digit]]


def test_a_drawing_comes_from_a_phone_to_the_wall(client: TestClient) -> None:
    code, key = open_class()
    teacher = {"code": code, "key": key}
    phone = {"code": code.lower(), "token": post(client, "join", code=code).json()["token"]}
    number = post(client, "ask", **teacher, kind="draw", digit=4).json()["number"]
    asked = {"number": number, "kind": "draw", "digit": 4, "address": ""}
    news = post(client, "follow", **phone, seen=0).json()
    assert (news["is_there"], news["round"]) == (True, asked)
    sent = post(client, "draw", **phone, name="a", round=number, strokes=sample(7)).json()
    assert sent["guess"] == 7
    wall = post(client, "wall", **teacher, seen=0).json()
    (drawing,) = wall["drawings"]
    assert (drawing["asked"], drawing["guess"], drawing["share"]) == (4, 7, sent["share"])
    assert len(unpack_strokes(drawing["strokes"])) == len(sample(7))
    assert wall["summary"]["confusion"][4][7] == 1
    # What the page has is not told again.
    assert post(client, "wall", **teacher, seen=wall["version"] - 1).json()["drawings"]
    post(client, "ask", **teacher, kind="wait")
    assert post(client, "wall", **teacher, seen=wall["version"]).json()["drawings"] == []
    assert post(client, "delete", **teacher).json() == {"is_deleted": True}
    assert post(client, "wall", **teacher, seen=1).json()["is_there"] is False
    assert post(client, "follow", **phone, seen=1).json()["is_there"] is False


def test_an_answer_waits_for_a_change_and_comes_without_one_too(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, key = open_class()
    teacher = {"code": code, "key": key}
    version = post(client, "wall", **teacher, seen=0).json()["version"]
    began = time.monotonic()
    asking = threading.Timer(0.3, post, (client, "ask"), {**teacher, "kind": "wait"})
    asking.start()
    assert post(client, "wall", **teacher, seen=version).json()["version"] == version + 1
    assert 0.3 <= time.monotonic() - began < class_bodies.HOLD_SECONDS
    asking.join()
    monkeypatch.setattr(class_bodies, "HOLD_SECONDS", 0.05)
    answer = post(client, "wall", **teacher, seen=version + 1).json()
    assert answer["version"] == version + 1


def test_a_phone_is_told_of_its_teacher_and_not_of_other_phones(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_bodies, "HOLD_SECONDS", 3.0)
    code, key = open_class()
    teacher = {"code": code, "key": key}
    first, second = (
        {"code": code, "token": post(client, "join", code=code).json()["token"]} for _ in range(2)
    )
    number = post(client, "ask", **teacher, kind="draw", digit=4).json()["number"]
    seen = post(client, "follow", **first, seen=0).json()["version"]
    drawing = {**second, "name": "a", "round": number, "strokes": sample(4)}
    for route, body, is_news in (
        ("draw", drawing, False),
        ("ask", {**teacher, "kind": "wait"}, True),
    ):
        began = time.monotonic()
        acting = threading.Timer(0.1, post, (client, route), body)
        acting.start()
        version = post(client, "follow", **first, seen=seen).json()["version"]
        acting.join()
        assert (time.monotonic() - began < 3, version != seen) == (is_news, is_news), route


def test_what_is_wrong_is_refused_with_a_sentence(client: TestClient) -> None:
    code, key = open_class()
    token = post(client, "join", code=code).json()["token"]
    number = post(client, "ask", code=code, key=key, kind="draw", digit=4).json()["number"]
    drawing = {"code": code, "token": token, "name": "a", "round": number, "strokes": sample(4)}
    wrong: list[tuple[str, dict[str, object], int]] = [
        ("join", {"code": "ZZZZZZ"}, 404),
        ("join", {"code": 4}, 400),
        ("join", {"code": "A\x00"}, 400),
        ("join", {"code": code, "name": "Ann"}, 400),
        ("follow", {"code": code, "token": token, "seen": -1}, 400),
        ("draw", {**drawing, "strokes": []}, 400),
        ("draw", {**drawing, "strokes": "4"}, 400),
        ("draw", {**drawing, "round": 77}, 400),
        ("draw", {**drawing, "token": key}, 403),
        ("draw", {**drawing, "name": "n" * 41}, 400),
        ("draw", {**drawing, "code": "ZZZZZZ"}, 404),
        ("ask", {"code": code, "key": token, "kind": "draw", "digit": 4}, 403),
        ("ask", {"code": code, "key": key, "kind": "draw", "digit": 10}, 400),
        ("ask", {"code": code, "key": key, "kind": "look"}, 400),
        ("wall", {"code": code, "key": token, "seen": 0}, 403),
        ("hide", {"code": code, "key": key, "drawing": 2**30, "is_hidden": True}, 404),
        ("hide", {"code": code, "key": key, "drawing": 1, "is_hidden": 1}, 400),
        ("delete", {"code": code, "key": token}, 403),
    ]
    for route, body, status in wrong:
        answer = post(client, route, **body)
        assert answer.status_code == status, (route, body)
        assert answer.json()["error"].endswith(".")


def test_a_school_behind_one_address_joins_at_once_and_one_device_cannot_fill_a_class() -> None:
    (code, _), (other, _) = open_class(), open_class()
    app = Starlette(routes=api.routes)
    with TestClient(app, client=("10.0.0.7", 1)) as school:
        assert {post(school, "join", code=code).status_code for _ in range(80)} == {200}
        refused = post(school, "join", code=code)
        assert refused.status_code == 429
        assert refused.json()["error"].startswith("80 phones have joined from this network")
        assert post(school, "join", code=other).status_code == 200
    with TestClient(app, client=("10.0.0.8", 1)) as home:
        assert post(home, "join", code=code).status_code == 200


@pytest.mark.parametrize("route", [*classes.routes, *votes.routes], ids=lambda route: route.path)
def test_other_sites_are_refused(client: TestClient, route: object) -> None:
    path = getattr(route, "path", "")
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}):
        assert client.post(path, json={}, headers=headers).status_code == 403
    assert client.get(path).status_code == 405
