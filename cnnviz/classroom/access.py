"""Who may act in a class, what it is asked for now, and the news of it.

What a teacher and the phones do with it is in the modules beside; all of them come in by these
functions. Each change gives the class a new version.
"""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection, Table, func, insert, select, update

from cnnviz.classroom import limits
from cnnviz.classroom.bells import ring, tell_others
from cnnviz.classroom.database import Found, begin, classes, phones, rounds
from cnnviz.errors import ClassroomError

_known_keys: set[str] = set()  # hashes of keys that were right once: limits do not lock them out
# SQLite takes one writer at a time and lets the others sleep up to a tenth of a second.
_writing = threading.Lock()


class Kind(StrEnum):
    """What the phones are to do."""

    WAIT = "wait"
    DRAW = "draw"
    LOOK = "look"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Round:
    """What the teacher asks for.

    Attributes:
        number: Counts the rounds of a class from 0.
        kind: What is to be done.
        digit: To draw; None for another kind.
        address: Of the page to look at, from its name on; empty for another kind.
    """

    number: int
    kind: Kind
    digit: int | None = None
    address: str = ""


def hash_secret(secret: str) -> str:
    """Return what is kept of a key or token."""
    # Of 128 random bits: nobody can try them all, so that a slow hash would add nothing.
    return hashlib.sha256(secret.encode()).hexdigest()


def forget_key(key: str) -> None:
    """Forget that a key was right."""
    _known_keys.discard(hash_secret(key))


def find_class(connection: Connection, code: str, *, key: str | None = None) -> Found:
    """Return the class of a code; with a key, only where it is its own.

    Raises:
        ClassroomError: There is no such class, or the key is not its own.
    """
    found = connection.execute(select(classes).where(classes.c.code == code)).first()
    if found is None:
        raise ClassroomError(
            "There is no class with this code. Check it, or ask whether the class was deleted.",
            status=404,
        )
    if key is not None:
        _check_key(found, key)
    return found


def _check_key(found: Found, key: str) -> None:
    given = hash_secret(key)
    is_right = hmac.compare_digest(given, found.key_hash)
    if is_right and given in _known_keys:
        return
    if limits.wrong_keys.is_reached(found.code):
        raise ClassroomError("Too many wrong keys. Wait a minute.", status=429)
    if not is_right:
        limits.wrong_keys.add(found.code)
        raise ClassroomError(
            "This is not the key of this class's teacher. Open the address that you kept.",
            status=403,
        )
    _known_keys.add(given)


@contextmanager
def change_class(
    code: str, *, key: str | None = None, for_phones: bool = False
) -> Iterator[tuple[Connection, Found]]:
    """Give a class a new version in one transaction, and tell of it once it is on the disk.

    Args:
        code: Of the class.
        key: The teacher's; None for what a phone does.
        for_phones: Whether all phones see the change.

    Raises:
        ClassroomError: There is no such class, the key is not its own, or nothing can be kept.
    """
    with _writing, begin() as connection:
        # The first statement writes, so that two changes of a class follow each other.
        bumped = update(classes).where(classes.c.code == code)
        connection.execute(bumped.values(version=classes.c.version + 1))
        yield connection, find_class(connection, code, key=key)
        tell_others(connection, code, for_phones=for_phones)
    ring(code, for_phones=for_phones)


def find_phone(connection: Connection, class_id: int, token: str) -> Found | None:
    """Return the phone of a token, None where it is not in the class."""
    mine = phones.c.token_hash == hash_secret(token)
    return connection.execute(select(phones).where(phones.c.class_id == class_id, mine)).first()


def check_phone(connection: Connection, class_id: int, token: str) -> Found:
    """Return the phone of a token.

    Raises:
        ClassroomError: It is not in the class.
    """
    phone = find_phone(connection, class_id, token)
    if phone is None:
        raise ClassroomError("This phone is not in the class. Join it again.", status=403)
    return phone


def find_round(connection: Connection, class_id: int) -> Round:
    """Return what a class is asked for now."""
    newest = select(rounds).where(rounds.c.class_id == class_id).order_by(rounds.c.number.desc())
    row = connection.execute(newest.limit(1)).one()
    return Round(row.number, Kind(row.kind), row.digit, row.address)


def begin_round(connection: Connection, class_id: int, asked: Round) -> int:
    """Ask a class for something in place of what it is asked for now.

    Args:
        connection: Within a change of the class.
        class_id: Of the class.
        asked: For what; its number is given here.

    Returns:
        The number of the round.

    Raises:
        ClassroomError: The class has had as many as it takes.
    """
    number = find_round(connection, class_id).number + 1
    if number > limits.MAX_ROUNDS:
        raise ClassroomError(
            f"This class has had {limits.MAX_ROUNDS} requests. Open a new one.", status=429
        )
    add_round(connection, class_id, replace(asked, number=number))
    return number


def add_round(connection: Connection, class_id: int, asked: Round) -> None:
    """Keep what a class is asked for from now on."""
    row = {"class_id": class_id, "number": asked.number, "kind": str(asked.kind)}
    row |= {"digit": asked.digit, "address": asked.address}
    connection.execute(insert(rounds).values(row))


def count_rows(connection: Connection, table: Table, class_id: int | None = None) -> int:
    """Return how many rows a table has, or has of a class."""
    counted = select(func.count()).select_from(table)
    if class_id is not None:
        counted = counted.where(table.c.class_id == class_id)
    return int(connection.execute(counted).scalar_one())
