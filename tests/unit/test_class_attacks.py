"""Submitted adversarial examples: how they are ranked, who sees them, and what is refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cnnviz.classroom import database, limits
from cnnviz.classroom.attacks import (
    ClassAttack,
    add_attack,
    delete_attack,
    list_attacks,
    rank_attacks,
)
from cnnviz.classroom.store import delete_class, open_class
from cnnviz.errors import ClassroomError

CAT = ClassAttack(
    network="AlexNet",
    image="Cat",
    digest="a",
    before="cat",
    after="dog",
    share=0.5,
    method="FGSM",
    linf=2,
    l2=90,
    sheet=b"PNG",
)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database of its own for each test, and fresh limits."""
    path = tmp_path / "classes.sqlite3"
    monkeypatch.setenv("CNNVIZ_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setattr(limits, "run_rate", limits.RateLimit(20, 60))
    yield path
    database._open_database.cache_clear()


def test_the_smallest_change_is_first_and_each_image_and_network_has_its_own_ranking() -> None:
    code, key = open_class()
    longer, smaller = replace(CAT, l2=95), replace(CAT, linf=1, l2=99)
    rocket, other = replace(CAT, image="Rocket", digest="b"), replace(CAT, network="VGG")
    same_title = replace(CAT, digest="c")
    entries = (CAT, longer, smaller, rocket, other, same_title)
    numbers = [add_attack(code, one, visitor="ann") for one in entries]
    kept = list_attacks(code, key)
    assert [one.id for one in kept] == numbers
    ranked = rank_attacks(kept)
    assert ranked == {
        "Cat, AlexNet": [smaller, CAT, longer],
        "Rocket, AlexNet": [rocket],
        "Cat, VGG": [other],
        "Cat, AlexNet′": [same_title],
    }


def test_a_teacher_sees_and_deletes_those_of_the_own_class_alone() -> None:
    (code, key), (other, other_key) = open_class(), open_class()
    add_attack(code, CAT, visitor="ann")
    (kept,) = list_attacks(code, key)
    assert list_attacks(other, other_key) == ()
    with pytest.raises(ClassroomError, match="not the key"):
        list_attacks(code, other_key)
    with pytest.raises(ClassroomError, match="not the key"):
        delete_attack(code, other_key, kept.id)
    with pytest.raises(ClassroomError, match="no such adversarial"):
        delete_attack(other, other_key, kept.id)
    delete_attack(code, key, kept.id)
    assert list_attacks(code, key) == ()


def test_what_does_not_fool_and_what_is_too_much_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, key = open_class()
    with pytest.raises(ClassroomError, match="still predicts “cat”"):
        add_attack(code, replace(CAT, after="cat"), visitor="ann")
    with pytest.raises(ClassroomError, match=r"no class with this code\. Check it"):
        add_attack("AAAAAA", CAT, visitor="ann")
    monkeypatch.setattr(limits, "MAX_SHEET_BYTES", 2)
    with pytest.raises(ClassroomError, match="too large"):
        add_attack(code, CAT, visitor="ann")
    monkeypatch.setattr(limits, "MAX_SHEET_BYTES", 3)
    monkeypatch.setattr(limits, "run_rate", limits.RateLimit(1, 60))
    add_attack(code, CAT, visitor="ann")
    with pytest.raises(ClassroomError, match="1 results within a minute"):
        add_attack(code, CAT, visitor="ann")
    monkeypatch.setattr(limits, "MAX_ATTACKS", 1)
    with pytest.raises(ClassroomError, match="already keeps 1 adversarial"):
        add_attack(code, CAT, visitor="ben")
    assert list_attacks(code, key) == (CAT,)


def test_a_deleted_class_leaves_no_example(file: Path) -> None:
    code, key = open_class()
    add_attack(code, replace(CAT, method="an attack of its own"), visitor="ann")
    delete_class(code, key)
    assert b"an attack of its own" not in file.read_bytes()
