"""What a teacher and the phones of a class may do, and what is kept of it.

A class has a code, which everybody sees, and a key, which only its teacher has. A phone has a token
that it is given when it joins. Each change gives the class a new version.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from cnnviz.classroom import limits
from cnnviz.classroom.database import Found, begin, classes, drawings, phones, rounds, sweep
from cnnviz.errors import ClassroomError
from cnnviz.jobs.observable import Observable

# Without the letters and digits that are taken for one another.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6
_known_keys: set[str] = set()  # hashes of keys that were right once: limits do not lock them out
_bells: dict[str, Observable] = {}


class Kind(StrEnum):
    """What the phones are to do."""

    WAIT = "wait"
    DRAW = "draw"
    LOOK = "look"


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


@dataclass(frozen=True, slots=True)
class PhoneView:
    """What a phone sees.

    Attributes:
        version: Of the class.
        round: What it is to do.
    """

    version: int
    round: Round


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing on the wall.

    Attributes:
        id: Its number.
        strokes: Packed, as in an address.
        asked: The digit that was asked for.
        guess: The digit that LeNet-5 saw.
        share: The probability it gave to that digit.
        is_hidden: Whether the teacher took it from the wall.
        version: Of the class, when the drawing came or changed last.
    """

    id: int
    strokes: str
    asked: int
    guess: int
    share: float
    is_hidden: bool
    version: int


@dataclass(frozen=True, slots=True)
class Wall:
    """What a teacher sees.

    Attributes:
        version: Of the class.
        phones: How many have joined.
        round: What they are to do.
        drawings: All of the class, in the order they came.
    """

    version: int
    phones: int
    round: Round
    drawings: tuple[Drawing, ...]


def find_bell(code: str) -> Observable:
    """Return what rings at every change that this process makes to a class."""
    return _bells.setdefault(code, Observable())


def clean_code(code: str) -> str:
    """Return a code as it is kept, however it was typed."""
    return code.strip().upper()[:CODE_LENGTH]


def _hash(secret: str) -> str:
    # Of 128 random bits: nobody can try them all, so that a slow hash would add nothing.
    return hashlib.sha256(secret.encode()).hexdigest()


def open_class() -> tuple[str, str]:
    """Open a class; return its code and its teacher's key.

    Raises:
        ClassroomError: The server has as many as it takes, or cannot keep it.
    """
    key = secrets.token_urlsafe(16)
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    with begin() as connection:
        if _count(connection, classes) >= limits.MAX_CLASSES:
            raise ClassroomError(
                f"This server already keeps {limits.MAX_CLASSES} classes. Delete one first.",
                status=429,
            )
        row = {"code": code, "key_hash": _hash(key), "version": 1}
        made = connection.execute(insert(classes).values(row)).inserted_primary_key
        assert made is not None  # noqa: S101  (for the type: an insertion of one row has its key)
        _add_round(connection, made[0], Round(0, Kind.WAIT))
    return code, key


def check_teacher(code: str, key: str) -> None:
    """Let only a class's own teacher pass.

    Raises:
        ClassroomError: There is no such class, or the key is not its own.
    """
    with begin() as connection:
        _find_class(connection, code, key=key)


def ask_class(code: str, key: str, asked: Round) -> int:
    """Ask the phones of a class for something; return the number of the round.

    Raises:
        ClassroomError: There is no such class, the key is not its own, or a limit is reached.
    """
    if len(asked.address) > limits.MAX_ADDRESS_TEXT:
        raise ClassroomError(
            "This page's address is too long for the phones: a drawing with fewer strokes, or a "
            "sample, makes it shorter.",
            status=400,
        )
    with _change(code, key=key) as (connection, found):
        number = _find_round(connection, found.id).number + 1
        if number > limits.MAX_ROUNDS:
            raise ClassroomError("This class has asked too often. Open a new one.", status=429)
        _add_round(connection, found.id, Round(number, asked.kind, asked.digit, asked.address))
    return number


def hide_drawing(code: str, key: str, drawing: int, *, is_hidden: bool) -> None:
    """Take a drawing from the wall, or put it back.

    Raises:
        ClassroomError: The class or drawing is not there, or the key is not the class's own.
    """
    with _change(code, key=key) as (connection, found):
        done = connection.execute(
            update(drawings)
            .where(drawings.c.class_id == found.id, drawings.c.id == drawing)
            .values(is_hidden=is_hidden, version=found.version)
        )
        if done.rowcount == 0:
            raise ClassroomError("There is no such drawing in this class.", status=404)


def delete_class(code: str, key: str) -> None:
    """Delete a class with all that is kept of it.

    Raises:
        ClassroomError: There is no such class, or the key is not its own.
    """
    with begin() as connection:
        found = _find_class(connection, code, key=key)
        # Children first, for databases that do not follow references.
        for table in (drawings, phones, rounds):
            connection.execute(delete(table).where(table.c.class_id == found.id))
        connection.execute(delete(classes).where(classes.c.id == found.id))
    _known_keys.discard(_hash(key))
    sweep()
    find_bell(code).announce()
    _bells.pop(code, None)


def join_class(code: str) -> str:
    """Let a phone join; return its token.

    Raises:
        ClassroomError: There is no such class, or it is full.
    """
    token = secrets.token_urlsafe(16)
    with _change(code) as (connection, found):
        if _count(connection, phones, found.id) >= limits.MAX_PHONES:
            raise ClassroomError(
                f"This class is full: {limits.MAX_PHONES} phones have joined.", status=429
            )
        row = {"class_id": found.id, "token_hash": _hash(token)}
        connection.execute(insert(phones).values(row))
    return token


def read_phone(code: str, token: str) -> PhoneView:
    """Return what a phone of a class sees; version 0 where it is not in it, or that is deleted.

    Raises:
        ClassroomError: The class cannot be read.
    """
    with begin() as connection:
        found = connection.execute(select(classes).where(classes.c.code == code)).first()
        if found is None or _find_phone(connection, found.id, token) is None:
            return PhoneView(0, Round(0, Kind.WAIT))
        return PhoneView(found.version, _find_round(connection, found.id))


def find_asked(code: str, token: str, number: int) -> int:
    """Return the digit that a round asked for, for a phone that is about to send it.

    Raises:
        ClassroomError: The phone may not send a drawing now.
    """
    with begin() as connection:
        found = _find_class(connection, code)
        if _find_phone(connection, found.id, token) is None:
            raise ClassroomError("This phone is not in the class. Join it again.", status=403)
        asked = select(rounds).where(rounds.c.class_id == found.id, rounds.c.number == number)
        row = connection.execute(asked).first()
        if row is None or row.digit is None:
            raise ClassroomError("The class was not asked for a drawing.", status=400)
    if limits.drawing_rate.is_reached(_hash(token)):
        raise ClassroomError(
            f"That were {limits.drawing_rate.count} drawings within a minute. Wait a little.",
            status=429,
        )
    return int(row.digit)


def keep_drawing(code: str, token: str, name: str, drawn: Drawing) -> None:
    """Keep a phone's drawing; one of the same name that the phone sent before stays as it is.

    Args:
        code: Of the class.
        token: Of the phone.
        name: Given by the phone, so that it can send the drawing again.
        drawn: The drawing; its id and version are given here.

    Raises:
        ClassroomError: There is no such class or phone, or a limit is reached.
    """
    if len(drawn.strokes) > limits.MAX_STROKES_TEXT:
        raise ClassroomError("This drawing is too long. Use fewer strokes.", status=413)
    with _change(code) as (connection, found):
        phone = _find_phone(connection, found.id, token)
        if phone is None:
            raise ClassroomError("This phone is not in the class. Join it again.", status=403)
        sent = select(drawings.c.id).where(drawings.c.phone_id == phone.id, drawings.c.name == name)
        if connection.execute(sent).first() is not None:
            return
        if _count(connection, drawings, found.id) >= limits.MAX_DRAWINGS:
            raise ClassroomError(
                f"The wall is full: it holds {limits.MAX_DRAWINGS} drawings.", status=429
            )
        row = {one: getattr(drawn, one) for one in ("strokes", "asked", "guess", "share")}
        row |= {"class_id": found.id, "phone_id": phone.id, "name": name}
        row |= {"is_hidden": False, "version": found.version}
        connection.execute(insert(drawings).values(row))
    limits.drawing_rate.add(_hash(token))


def read_wall(code: str, key: str) -> Wall:
    """Return what the teacher of a class sees.

    Raises:
        ClassroomError: There is no such class, or the key is not its own.
    """
    with begin() as connection:
        found = _find_class(connection, code, key=key)
        rows = connection.execute(
            select(drawings).where(drawings.c.class_id == found.id).order_by(drawings.c.id)
        ).all()
        return Wall(
            version=found.version,
            phones=_count(connection, phones, found.id),
            round=_find_round(connection, found.id),
            drawings=tuple(_make_drawing(row) for row in rows),
        )


def _make_drawing(row: Found) -> Drawing:
    return Drawing(
        row.id, row.strokes, row.asked, row.guess, row.share, bool(row.is_hidden), row.version
    )


def _find_class(connection: Connection, code: str, *, key: str | None = None) -> Found:
    """The class of a code; with a key, only where it is its own."""
    found = connection.execute(select(classes).where(classes.c.code == code)).first()
    if found is None:
        raise ClassroomError("There is no class with this code.", status=404)
    if key is not None:
        _check_key(found, key)
    return found


def _check_key(found: Found, key: str) -> None:
    given = _hash(key)
    is_right = hmac.compare_digest(given, found.key_hash)
    if is_right and given in _known_keys:
        return
    if limits.wrong_keys.is_reached(found.code):
        raise ClassroomError("Too many wrong keys. Wait a minute.", status=429)
    if not is_right:
        limits.wrong_keys.add(found.code)
        raise ClassroomError("This is not the key of this class's teacher.", status=403)
    _known_keys.add(given)


@contextmanager
def _change(code: str, *, key: str | None = None) -> Iterator[tuple[Connection, Found]]:
    """Give a class a new version in one transaction, and tell of it once it is on the disk."""
    with begin() as connection:
        # The first statement writes, so that two changes of a class follow each other.
        bumped = update(classes).where(classes.c.code == code)
        connection.execute(bumped.values(version=classes.c.version + 1))
        yield connection, _find_class(connection, code, key=key)
    find_bell(code).announce()


def _find_phone(connection: Connection, class_id: int, token: str) -> Found | None:
    mine = select(phones).where(phones.c.class_id == class_id, phones.c.token_hash == _hash(token))
    return connection.execute(mine).first()


def _find_round(connection: Connection, class_id: int) -> Round:
    newest = select(rounds).where(rounds.c.class_id == class_id).order_by(rounds.c.number.desc())
    row = connection.execute(newest.limit(1)).one()
    return Round(row.number, Kind(row.kind), row.digit, row.address)


def _add_round(connection: Connection, class_id: int, asked: Round) -> None:
    row = {"class_id": class_id, "number": asked.number, "kind": str(asked.kind)}
    row |= {"digit": asked.digit, "address": asked.address}
    connection.execute(insert(rounds).values(row))


def _count(connection: Connection, table: Table, class_id: int | None = None) -> int:
    """How many rows a table has, or has of a class."""
    counted = select(func.count()).select_from(table)
    if class_id is not None:
        counted = counted.where(table.c.class_id == class_id)
    return int(connection.execute(counted).scalar_one())
