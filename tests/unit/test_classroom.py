"""Classes: who may do what, what is kept, and what is left when it is deleted."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnviz.classroom import database, limits, store
from cnnviz.classroom.access import Kind, Round
from cnnviz.classroom.store import Drawing
from cnnviz.classroom.summary import Summary, read_summary
from cnnviz.errors import ClassroomError

FOUR = Round(0, Kind.DRAW, 4)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database of its own for each test, and fresh limits."""
    path = tmp_path / "classes.sqlite3"
    monkeypatch.setenv("CNNVIZ_DATABASE_URL", f"sqlite:///{path}")
    for name, count in (("drawing_rate", 20), ("wrong_keys", 20)):
        monkeypatch.setattr(limits, name, limits.RateLimit(count, 60))
    yield path
    database._open_database.cache_clear()


def drawn(*, asked: int = 4, guess: int = 4, share: float = 0.9, strokes: str = "AAAA") -> Drawing:
    return Drawing(0, strokes, asked, guess, share, is_hidden=False, version=0)


def test_phones_follow_their_teacher_and_come_late() -> None:
    code, key = store.open_class()
    first = store.join_class(code)
    assert store.read_phone(code, first).round == Round(0, Kind.WAIT)
    assert store.ask_class(code, key, FOUR) == 1
    late = store.join_class(code)
    for token in (first, late):
        assert store.read_phone(code, token).round == Round(1, Kind.DRAW, 4)
        assert store.find_asked(code, token, 1) == 4
    store.ask_class(code, key, Round(0, Kind.LOOK, address="activations?layer=c3"))
    assert store.read_phone(code, late).round.address == "activations?layer=c3"
    # A drawing that was late on its way still belongs to what was asked for then.
    assert store.find_asked(code, late, 1) == 4
    with pytest.raises(ClassroomError, match="asks for no drawing"):
        store.find_asked(code, late, 2)


def test_a_drawing_that_is_sent_again_is_kept_once_and_can_be_hidden() -> None:
    code, key = store.open_class()
    store.ask_class(code, key, FOUR)
    token = store.join_class(code)
    for _ in range(2):
        store.keep_drawing(code, token, "a", drawn(guess=9))
    store.keep_drawing(code, token, "b", drawn())
    wall = store.read_wall(code, key)
    assert [(one.asked, one.guess) for one in wall.drawings] == [(4, 9), (4, 4)]
    assert (wall.phones, wall.round.number) == (1, 1)
    store.hide_drawing(code, key, wall.drawings[0].id, is_hidden=True)
    after = store.read_wall(code, key)
    assert [one.is_hidden for one in after.drawings] == [True, False]
    assert after.drawings[0].version == after.version > wall.version


def test_neither_another_teacher_nor_a_student_can_act_as_the_teacher() -> None:
    code, key = store.open_class()
    other, other_key = store.open_class()
    token = store.join_class(code)
    store.ask_class(code, key, FOUR)
    store.keep_drawing(code, token, "a", drawn())
    drawing = store.read_wall(code, key).drawings[0].id
    for wrong in (other_key, token, code, ""):
        for act in (
            lambda wrong=wrong: store.read_wall(code, wrong),
            lambda wrong=wrong: store.ask_class(code, wrong, FOUR),
            lambda wrong=wrong: store.hide_drawing(code, wrong, drawing, is_hidden=True),
            lambda wrong=wrong: store.delete_class(code, wrong),
        ):
            with pytest.raises(ClassroomError, match="not the key"):
                act()
    with pytest.raises(ClassroomError, match="no such drawing in this class"):
        store.hide_drawing(other, other_key, drawing, is_hidden=True)
    with pytest.raises(ClassroomError, match="not in the class"):
        store.keep_drawing(other, token, "a", drawn())
    assert store.read_phone(other, token).version == 0
    assert not store.read_wall(code, key).drawings[0].is_hidden


def test_keys_cannot_be_tried_for_long_and_the_teacher_is_not_locked_out() -> None:
    (code, key), (locked, locked_key) = store.open_class(), store.open_class()
    store.check_teacher(code, key)
    for one in (code, locked):
        for _ in range(20):
            with pytest.raises(ClassroomError, match="not the key"):
                store.check_teacher(one, "wrong")
        with pytest.raises(ClassroomError, match="Too many wrong keys") as refused:
            store.check_teacher(one, "wrong")
        assert refused.value.status == 429
    store.check_teacher(code, key)
    with pytest.raises(ClassroomError, match="Too many wrong keys"):
        store.check_teacher(locked, locked_key)  # else the limit would limit no guess


def test_limits_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_CLASSES", 1)
    monkeypatch.setattr(limits, "MAX_PHONES", 1)
    monkeypatch.setattr(limits, "MAX_DRAWINGS", 20)
    code, key = store.open_class()
    store.ask_class(code, key, FOUR)
    token = store.join_class(code)
    with pytest.raises(ClassroomError, match="already keeps 1 classes"):
        store.open_class()
    with pytest.raises(ClassroomError, match="full: 1 phones"):
        store.join_class(code)
    for number in range(20):
        store.keep_drawing(code, token, str(number), drawn())
    with pytest.raises(ClassroomError, match="20 drawings within a minute"):
        store.find_asked(code, token, 1)
    with pytest.raises(ClassroomError, match="wall is full"):
        store.keep_drawing(code, token, "one more", drawn())
    with pytest.raises(ClassroomError, match="too long"):
        store.keep_drawing(code, token, "long", drawn(strokes="A" * 8001))
    with pytest.raises(ClassroomError, match="too long"):
        store.ask_class(code, key, Round(0, Kind.LOOK, address="x" * 16_001))


def test_secrets_are_kept_as_hashes_and_what_is_deleted_is_gone(file: Path) -> None:
    code, key = store.open_class()
    token = store.join_class(code)
    store.ask_class(code, key, FOUR)
    strokes = "ZZZZYYYYXXXX"
    store.keep_drawing(code, token, "a", drawn(strokes=strokes))

    def read_files() -> bytes:
        return b"".join(path.read_bytes() for path in file.parent.iterdir())

    assert strokes.encode() in read_files()
    assert key.encode() not in read_files()
    assert token.encode() not in read_files()
    store.delete_class(code, key)
    assert strokes.encode() not in read_files()
    with sqlite3.connect(file) as connection:
        for table in ("classes", "rounds", "phones", "drawings"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
    connection.close()
    assert store.read_phone(code, token).version == 0
    with pytest.raises(ClassroomError, match="no class with this code"):
        store.join_class(code)


def test_what_was_acknowledged_survives_a_kill() -> None:
    code, key = store.open_class()
    store.ask_class(code, key, FOUR)
    token = store.join_class(code)
    program = (
        "import sys\nfrom cnnviz.classroom.store import Drawing, keep_drawing\n"
        "for number in range(1000):\n"
        f"    keep_drawing({code!r}, {token!r}, str(number), Drawing(0, 'A', 4, 4, 1., False, 0))\n"
        "    print(number, flush=True)\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [next(writer.stdout) for _ in range(10)]
        os.kill(writer.pid, signal.SIGKILL)
        told += list(writer.stdout)
    kept = len(store.read_wall(code, key).drawings)
    assert kept in (len(told), len(told) + 1)  # one may be kept and not told


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv("CNNVIZ_DATABASE_URL")
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "file"))
    with pytest.raises(ClassroomError, match="cannot keep classes now") as refused:
        store.open_class()
    assert refused.value.status == 503
    monkeypatch.setenv("CNNVIZ_DATABASE_URL", "postgresql+nodriver://nobody@localhost/none")
    with pytest.raises(ClassroomError, match="cannot keep classes now"):
        store.open_class()


def test_a_full_disk_is_told_and_loses_nothing(file: Path) -> None:
    code, key = store.open_class()
    store.ask_class(code, key, FOUR)
    token = store.join_class(code)
    store.keep_drawing(code, token, "a", drawn())
    database._open_database.cache_clear()
    with sqlite3.connect(file) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.close()
    engine = database._open_database(database.find_url())
    with engine.connect() as full:  # the pool gives this connection to the next who asks
        full.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ClassroomError, match="disk is full"):
        store.keep_drawing(code, token, "b", drawn(strokes="A" * 8000))
    assert len(store.read_wall(code, key).drawings) == 1


def test_the_folder_is_beside_the_app_unless_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CNNVIZ_DATABASE_URL")
    monkeypatch.delenv("CNNVIZ_DATA", raising=False)
    root = Path(__file__).parents[2]
    assert database.find_url() == f"sqlite:///{root}/data/classes.sqlite3"
    monkeypatch.setenv("CNNVIZ_DATA", "/srv/cnnviz")
    assert database.find_url() == "sqlite:////srv/cnnviz/classes.sqlite3"


def test_the_class_is_summarized_by_hand() -> None:
    pairs = [(4, 4, 0.9), (4, 9, 0.8), (4, 9, 0.95), (1, 7, 0.6), (1, 1, 1.0), (0, 0, 0.7)]
    code, key = store.open_class()
    token = store.join_class(code)
    assert read_summary(code, key) == Summary()
    for number, (asked, guess, share) in enumerate([*pairs, (0, 1, 1.0)]):
        store.keep_drawing(code, token, str(number), drawn(asked=asked, guess=guess, share=share))
    ids = [one.id for one in store.read_wall(code, key).drawings]
    store.hide_drawing(code, key, ids[-1], is_hidden=True)
    summary = read_summary(code, key)
    assert (summary.count, summary.right) == (6, 3)
    assert summary.confusion[4][9] == 2
    assert sum(map(sum, summary.confusion)) == 6
    assert summary.hardest == 4  # one of three; the 1 one of two
    assert summary.mistaken == (ids[2], ids[1])
    for mistaken in ids[:4]:
        store.hide_drawing(code, key, mistaken, is_hidden=True)
    assert read_summary(code, key).hardest is None
