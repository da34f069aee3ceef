"""Classes in PostgreSQL: on a server of the test's own, or the one that the environment names."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from cnnviz.classroom import database, store
from cnnviz.classroom.access import Kind, Round
from cnnviz.classroom.questions import parse_typed
from cnnviz.classroom.store import Drawing
from cnnviz.classroom.votes import ask_question, keep_vote, read_poll, reveal_answer
from cnnviz.errors import ClassroomError
from tests.postgresql import open_postgresql

PHONES = 12


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with open_postgresql() as running:
        yield running


@pytest.fixture(autouse=True)
def named(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CNNVIZ_DATABASE_URL", address)
    yield
    database._open_database(address).dispose()


def drawn(strokes: str) -> Drawing:
    return Drawing(0, strokes, 4, 9, 0.75, is_hidden=False, version=0)


def test_a_class_is_kept_changed_and_deleted() -> None:
    code, key = store.open_class()
    token = store.join_class(code)
    assert store.ask_class(code, key, Round(0, Kind.DRAW, 4)) == 1
    assert store.find_asked(code, token, 1) == 4
    for name in ("a", "a", "b"):
        store.keep_drawing(code, token, name, drawn("ZZZZ.YYYY"))
    first, second = store.read_wall(code, key).drawings
    assert (first.strokes, first.guess, first.share) == ("ZZZZ.YYYY", 9, 0.75)
    store.hide_drawing(code, key, first.id, is_hidden=True)
    assert [one.is_hidden for one in store.read_wall(code, key).drawings] == [True, False]
    with pytest.raises(ClassroomError, match="no such drawing"):
        store.hide_drawing(code, key, second.id + 1, is_hidden=True)
    with pytest.raises(ClassroomError, match="not the key"):
        store.read_wall(code, "wrong")
    question = ask_question(code, key, parse_typed("Is it a 4?"))
    for place in (0, 1):  # the second vote takes the place of the first
        keep_vote(code, token, question, [place])
    reveal_answer(code, key, question)
    poll = read_poll(code, key)
    assert (poll.voted, [bar.count for bar in poll.bars]) == (1, [0, 1])
    store.delete_class(code, key)
    assert store.read_phone(code, token).version == 0


def test_a_class_that_draws_at_once_loses_nothing() -> None:
    code, key = store.open_class()
    store.ask_class(code, key, Round(0, Kind.DRAW, 4))

    def draw(number: int) -> None:
        token = store.join_class(code)
        store.keep_drawing(code, token, "a", drawn(f"AAA{number % 10}"))

    with ThreadPoolExecutor(PHONES) as phones:
        list(phones.map(draw, range(PHONES)))
    wall = store.read_wall(code, key)
    assert (wall.phones, len(wall.drawings)) == (PHONES, PHONES)
    # Opened, asked once, and two changes a phone: none took the version of another one.
    assert wall.version == 2 + 2 * PHONES
    assert len({one.version for one in wall.drawings}) == PHONES
    store.delete_class(code, key)
