"""Votes of a class at the routes: who sees what and when, what counts, and what is refused."""

import base64
import io
from collections.abc import Iterator

import httpx2 as httpx
import numpy as np
import pytest
import torch
from PIL import Image
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cnnviz.classroom import database, limits, votes
from cnnviz.classroom.questions import parse_typed
from cnnviz.classroom.store import open_class
from cnnviz.classroom.votes import ask_question, reveal_answer
from cnnviz.errors import ClassroomError
from cnnviz.figures.strip import Strip, pack_signed
from cnnviz.quizzes.own import parse_questions
from cnnviz.quizzes.plain import write_plain
from cnnviz.quizzes.question import Draft, Picture, Question, Topic
from cnnviz.web import api

SECRET = ("is_right", "places", "answer", "solution")


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=api.routes)) as opened:
        yield opened


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The server's clock, set by the test."""
    now = [1000.0]
    monkeypatch.setattr(votes, "time", lambda: now[0])
    return now


def post(client: TestClient, route: str, **body: object) -> httpx.Response:
    return client.post(f"/api/class/{route}", json=body)


def open_room(client: TestClient, phones: int) -> tuple[dict[str, str], list[dict[str, str]]]:
    """A teacher, and phones that have joined."""
    code, key = open_class()
    tokens = [post(client, "join", code=code).json()["token"] for _ in range(phones)]
    return {"code": code, "key": key}, [{"code": code, "token": one} for one in tokens]


def read_own(text: str) -> Question:
    (question,) = parse_questions(text).questions
    return question


def ask(teacher: dict[str, str], question: Question, *, seconds: float = 0) -> int:
    return ask_question(teacher["code"], teacher["key"], question, seconds=seconds)


CHOICE = "Which layer has no weights?\n- C1\n+ S2\n- F6\n! It only takes means."
NUMBER = "How many weights?\n= 156.5 ± 1 %"


def test_a_phone_sees_its_own_vote_and_the_answer_only_after_the_reveal(client: TestClient) -> None:
    teacher, (first, second) = open_room(client, 2)
    number = ask(teacher, read_own(CHOICE))
    assert post(client, "vote", **first, number=number, given=[0]).json() == {"given": [0]}
    assert post(client, "vote", **first, number=number, given=[1]).json() == {"given": [1]}
    mine, other = (post(client, "follow", **one, seen=0).json() for one in (first, second))
    assert (mine["round"]["kind"], mine["question"]["given"]) == ("ask", [1])
    assert other["question"]["choices"] == ["C1", "S2", "F6"]
    for name in SECRET:
        assert not mine["question"][name]
    # But for the own vote both phones see the same: nothing of one another.
    assert other["question"] == mine["question"] | {"given": None}
    post(client, "vote", **second, number=number, given=[2])
    poll = post(client, "votes", **teacher, seen=0).json()
    assert (poll["voted"], poll["phones"], poll["right"], poll["results"]) == (2, 2, None, [])
    assert [(one["count"], one["is_right"]) for one in poll["bars"]] == [
        (0, False),
        (1, False),
        (1, False),
    ]
    assert post(client, "reveal", **teacher, number=number).json() == {"is_revealed": True}
    shown = [post(client, "follow", **one, seen=0).json()["question"] for one in (first, second)]
    assert [one["is_right"] for one in shown] == [True, False]
    assert [shown[1][name] for name in SECRET] == [False, [1], "S2", "It only takes means."]
    late = post(client, "vote", **second, number=number, given=[1])
    assert (late.status_code, late.json()["error"][:20]) == (400, "The answer is shown ")
    poll = post(client, "votes", **teacher, seen=0).json()
    assert (poll["right"], poll["bars"][1]["is_right"]) == (1, True)
    assert poll["results"][0] == {
        "text": "Which layer has no weights?",
        "answered": 2,
        "right": 1,
        "wrong": "F6",
        "wrong_count": 1,
    }


def test_the_servers_clock_decides_whether_a_vote_came_in_time(
    client: TestClient, clock: list[float]
) -> None:
    teacher, (first, second) = open_room(client, 2)
    number = ask(teacher, read_own(NUMBER), seconds=30)
    clock[0] += 29.9
    assert post(client, "vote", **first, number=number, given=157.9).status_code == 200
    asked = post(client, "follow", **first, seen=0).json()["question"]
    assert asked["left"] == pytest.approx(0.1)
    assert not any(asked[name] for name in SECRET)
    clock[0] += 0.2
    late = post(client, "vote", **second, number=number, given=156.5)
    assert (late.status_code, late.json()["error"]) == (
        400,
        "The time is over. This vote came too late.",
    )
    asked = post(client, "follow", **first, seen=0).json()["question"]
    assert (asked["is_over"], asked["is_right"], asked["answer"]) == (True, True, "156.5")
    poll = post(client, "votes", **teacher, seen=0).json()
    assert (poll["voted"], poll["right"]) == (1, 1)


def test_the_news_of_the_end_comes_when_the_time_is_over(client: TestClient) -> None:
    teacher, (phone,) = open_room(client, 1)
    ask(teacher, read_own(NUMBER), seconds=0.1)
    news = post(client, "follow", **phone, seen=0).json()
    news = post(client, "follow", **phone, seen=news["version"]).json()
    assert news["question"]["is_over"]


def test_numbers_choices_and_opinions_are_judged_and_counted(client: TestClient) -> None:
    teacher, phones = open_room(client, 4)
    asked: list[tuple[Question, list[object], int | None, tuple[str, int]]] = [
        # 1 % of 156.5 is 1.565.
        (read_own(NUMBER), [158.0, 158.1, -1, 158.1], 1, ("158.1", 2)),
        (read_own("Which are even?\n+ 2\n- 3\n+ 4"), [[0, 2], [2, 0], [0], [1]], 2, ("2", 1)),
        (parse_typed("Is <b>this</b> a cat?"), [[0], [0], [1], [0]], None, ("", 0)),
    ]
    for question, given, right, wrong in asked:
        number = ask(teacher, question)
        for phone, one in zip(phones, given, strict=True):
            assert post(client, "vote", **phone, number=number, given=one).status_code == 200
        reveal_answer(teacher["code"], teacher["key"], number)
        poll = post(client, "votes", **teacher, seen=0).json()
        assert poll["right"] == right
        result = poll["results"][-1]
        assert (result["wrong"], result["wrong_count"]) == wrong
    assert [(one["label"], one["count"]) for one in poll["bars"]] == [("Yes", 3), ("No", 1)]
    assert poll["question"]["text"] == "Is <b>this</b> a cat?"  # markup stays text
    view = post(client, "follow", **phones[0], seen=0).json()["question"]
    assert (view["is_over"], view["is_right"], view["answer"]) == (True, None, "")
    table = post(client, "results", **teacher).json()["csv"].splitlines()
    assert table == [
        "question,answered,right,most frequent wrong answer,given by",
        "How many weights?,4,1,158.1,2",
        "Which are even?,4,2,2,1",
        "Is <b>this</b> a cat?,4,,,0",
    ]


def test_what_a_page_computes_with_the_reveal_reaches_the_phones(client: TestClient) -> None:
    teacher, (phone,) = open_room(client, 1)
    number = ask(teacher, read_own(CHOICE))
    reveal_answer(
        teacher["code"], teacher["key"], number, solution="It has **0** of $\\frac{1}{2}$."
    )
    shown = post(client, "follow", **phone, seen=0).json()["question"]
    assert shown["solution"] == "It has 0 of 1/2."


def test_the_images_of_a_question_reach_the_phones_of_its_class_alone(client: TestClient) -> None:
    teacher, (phone,) = open_room(client, 1)
    _, (stranger,) = open_room(client, 1)
    photo = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    values = torch.tensor([[[[1.0, -1.0], [0.0, 0.0]]]])
    maps = Strip([pack_signed(values, title="B", note="")], label="maps")
    picture = Picture("A photograph and a map.", images=((photo, "A"),), maps=maps)
    draft = Draft(answer=frozenset({0}), choices=("A", "B"), picture=picture)
    question = Question("", 0, Topic.OWN, "Which one fools it?", "B: a cat.", draft)
    number = ask(teacher, question)
    view = post(client, "follow", **phone, seen=0).json()["question"]
    assert (view["images"], view["has_picture"]) == (["A", "B"], False)
    assert not any(view[name] for name in SECRET)
    for secret in ({"token": phone["token"]}, {"key": teacher["key"]}):
        body = {"code": teacher["code"], "number": number, **secret}
        images = post(client, "images", **body).json()["images"]
        files = [Image.open(io.BytesIO(base64.b64decode(one["png"]))) for one in images]
        assert [one["caption"] for one in images] == ["A", "B"]
        assert np.array_equal(np.asarray(files[0]), photo)
        # Orange is positive, blue negative, a light page's ground zero: see figures.colors.
        (high, low), (zero, _) = np.asarray(files[1]).tolist()
        assert (high, zero) == ([127, 39, 4], [252, 251, 248])
        assert low == pytest.approx([8, 48, 107], abs=2)
    body = {"code": teacher["code"], "number": number}
    for secrets, status in (
        ({"token": stranger["token"]}, 403),
        ({"key": phone["token"]}, 403),
        ({}, 400),
        ({"token": phone["token"], "key": teacher["key"]}, 400),
    ):
        assert post(client, "images", **body, **secrets).status_code == status
    graph = Draft(answer=1.0, picture=Picture("A graph.", block="vgg"))
    ask(teacher, Question("", 0, Topic.OWN, "How many?", "", graph))
    view = post(client, "follow", **phone, seen=0).json()["question"]
    assert (view["images"], view["has_picture"]) == ([], True)
    large = np.random.default_rng(0).integers(0, 256, (1300, 1300, 3), dtype=np.uint8)  # 5 MB
    draft = Draft(answer=1.0, picture=Picture("Noise.", images=((large, "A"),)))
    with pytest.raises(ClassroomError, match="too large for phones"):
        ask(teacher, Question("", 0, Topic.OWN, "How many?", "", draft))


def test_nobody_acts_for_a_teacher_or_in_another_class(client: TestClient) -> None:
    teacher, (phone,) = open_room(client, 1)
    other, (stranger,) = open_room(client, 1)
    number = ask(teacher, read_own(CHOICE))
    for key in (phone["token"], other["key"], teacher["code"], "guess"):
        wrong = {"code": teacher["code"], "key": key}
        acts: tuple[tuple[str, dict[str, int]], ...] = (
            ("votes", {"seen": 0}),
            ("reveal", {"number": number}),
            ("results", {}),
        )
        for route, body in acts:
            assert post(client, route, **wrong, **body).status_code == 403
        with pytest.raises(ClassroomError, match="not the key"):
            ask(wrong, read_own(CHOICE))
    assert post(client, "reveal", **other, number=number).status_code == 404
    for token in (stranger["token"], teacher["key"]):
        sent = {"code": teacher["code"], "token": token, "number": number, "given": [0]}
        assert post(client, "vote", **sent).status_code == 403
    assert post(client, "votes", **teacher, seen=0).json()["voted"] == 0
    assert post(client, "votes", code="ZZZZZZ", key="none", seen=0).json()["is_there"] is False


def test_what_is_no_vote_is_refused_with_a_sentence(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "vote_rate", limits.RateLimit(2, 60))
    teacher, (phone,) = open_room(client, 1)
    number = ask(teacher, read_own(NUMBER))
    no_numbers: list[object] = [[1], "1", True, None, 1e16, {}]
    for given in no_numbers:
        answer = post(client, "vote", **phone, number=number, given=given)
        assert (answer.status_code, answer.json()["error"]) == (400, "The answer must be a number.")
    number = ask(teacher, read_own(CHOICE))
    no_choices: list[object] = [[], [3], [-1], [0, 1], [0, 0], [True], [0.5], 0, ["0"]]
    for given in no_choices:
        answer = post(client, "vote", **phone, number=number, given=given)
        assert answer.status_code == 400, given
        assert answer.json()["error"].endswith(".")
    assert post(client, "vote", **phone, number=number - 1, given=1).status_code == 400
    for _ in range(2):
        assert post(client, "vote", **phone, number=number, given=[0]).status_code == 200
    refused = post(client, "vote", **phone, number=number, given=[0])
    assert refused.status_code == 429
    assert refused.json()["error"] == "You voted 2 times within a minute. Wait a little."


def test_one_row_a_phone_and_round_is_kept_and_goes_with_the_class(client: TestClient) -> None:
    teacher, (phone,) = open_room(client, 1)
    number = ask(teacher, read_own(CHOICE))
    for place in (0, 1, 0):
        post(client, "vote", **phone, number=number, given=[place])

    def list_kept() -> list[str]:
        with database.begin() as connection:
            ours = select(database.classes.c.id).where(database.classes.c.code == teacher["code"])
            own = database.votes.c.class_id.in_(ours)
            return list(connection.execute(select(database.votes.c.given).where(own)).scalars())

    def count() -> int:
        with database.begin() as connection:
            return sum(
                len(connection.execute(select(one)).all())
                for one in (database.votes, database.questions)
            )

    assert list_kept() == ["[0]"]
    before = count()
    post(client, "delete", **teacher)
    assert count() == before - 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (" \n ", "Type a question first."),
        ("A?\nonly one", "Give a question and at least two choices."),
        ("A?\nB\nB", "Give at most 12 choices, each another one."),
        ("A?\n" + "\n".join("ABCDEFG"), "Give at most 6 choices, each on a line."),
        ("A" * 4001, "This question is too long for a phone. Make it shorter."),
    ],
)
def test_a_typed_question_that_cannot_be_asked_is_told(
    typed: str, said: str, client: TestClient
) -> None:
    teacher, _ = open_room(client, 0)
    with pytest.raises(ClassroomError, match=said):
        ask(teacher, parse_typed(typed))
    with pytest.raises(ClassroomError, match="The time limit is 3601 seconds"):
        ask(teacher, read_own(CHOICE), seconds=3601)


def test_a_typed_question_is_a_sentence_and_its_choices() -> None:
    question = parse_typed("Which one?\nC1\n+ C3\n\n- −5")
    assert (question.text, question.draft.choices) == ("Which one?", ("C1", "C3", "−5"))
    assert question.draft.answer == frozenset({1})


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        (r"$\left\lfloor\frac{48 + 2 \cdot 0 - 5}{3}\right\rfloor$", "⌊(48 + 2 · 0 − 5)/3⌋"),
        (r"$\left(\frac{1}{4}\right)^{12} = 5{,}960$", "(1/4)^12 = 5,960"),
        (r"$\varepsilon \sqrt{n} = 4 \cdot \sqrt{28^2}$", "ε √n = 4 · √28^2"),
        (r"$X = \begin{bmatrix}1 & -2 \\ 3 & 4\end{bmatrix}$", "X =\n1\u2003−2\n3\u20034"),
        ("**Map A** of `conv1`, see [the page](costs?x=1).", "Map A of conv1, see the page."),
        ("| layer | output |\n|---|---|\n| c1 | 6×28×28 |", "layer  output\nc1  6×28×28"),
    ],
)
def test_formulas_and_tables_become_plain_text(markdown: str, plain: str) -> None:
    assert write_plain(markdown) == plain
