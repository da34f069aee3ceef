"""What a teacher and the phones of a class may do, and what is kept of it.

A class has a code, which everybody sees, and a key, which only its teacher has. A phone has a token
that it is given when it joins. Each change gives the class a new version.
"""

import secrets
import zlib
from dataclasses import dataclass, replace

from sqlalchemy import delete, insert, select, update

from cnnviz.classroom import limits
from cnnviz.classroom.access import (
    Kind,
    Round,
    add_round,
    begin_round,
    change_class,
    check_phone,
    count_rows,
    find_class,
    find_phone,
    find_round,
    forget_key,
    hash_secret,
)
from cnnviz.classroom.bells import drop_bell, tell_others
from cnnviz.classroom.database import (
    Found,
    attacks,
    begin,
    classes,
    drawings,
    images,
    phones,
    questions,
    rounds,
    runs,
    sweep,
    votes,
)
from cnnviz.classroom.votes import QuestionView, find_view
from cnnviz.errors import ClassroomError

# Without the letters and digits that are taken for one another.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6
_VERSIONS = 2**31 - 2


@dataclass(frozen=True, slots=True)
class PhoneView:
    """What a phone sees.

    Attributes:
        version: Another one for each other view; not that of the class, which every phone's
            drawing changes.
        round: What it is to do.
        question: That it is asked; None for another kind.
    """

    version: int
    round: Round
    question: QuestionView | None = None

    @property
    def left(self) -> float | None:
        """Seconds until it changes by itself; None where it does not."""
        return self.question.left if self.question and not self.question.is_over else None


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
        drawings: Of the class, in the order they came.
    """

    version: int
    phones: int
    round: Round
    drawings: tuple[Drawing, ...]


def clean_code(code: str) -> str:
    """Return a code as it is kept, however it was typed."""
    return "".join(code.split()).upper()[:CODE_LENGTH]


def open_class() -> tuple[str, str]:
    """Open a class; return its code and its teacher's key.

    Raises:
        ClassroomError: The server has as many as it takes, or cannot keep it.
    """
    key = secrets.token_urlsafe(16)
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    with begin() as connection:
        if count_rows(connection, classes) >= limits.MAX_CLASSES:
            raise ClassroomError(
                f"This server already keeps {limits.MAX_CLASSES} classes. Delete one first.",
                status=429,
            )
        row = {"code": code, "key_hash": hash_secret(key), "version": 1}
        made = connection.execute(insert(classes).values(row)).inserted_primary_key
        assert made is not None  # noqa: S101  (for the type: an insertion of one row has its key)
        add_round(connection, made[0], Round(0, Kind.WAIT))
    return code, key


def check_teacher(code: str, key: str) -> None:
    """Let only a class's own teacher pass.

    Raises:
        ClassroomError: There is no such class, or the key is not its own.
    """
    with begin() as connection:
        find_class(connection, code, key=key)


def ask_class(code: str, key: str, asked: Round) -> int:
    """Ask the phones of a class for something; return the number of the round.

    Raises:
        ClassroomError: There is no such class, the key is not its own, or a limit is reached.
    """
    if len(asked.address) > limits.MAX_ADDRESS_TEXT:
        raise ClassroomError(
            "This page's address is too long for the phones. Use a drawing with fewer strokes, or "
            "a sample image.",
            status=400,
        )
    with change_class(code, key=key, for_phones=True) as (connection, found):
        return begin_round(connection, found.id, asked)


def hide_drawing(code: str, key: str, drawing: int, *, is_hidden: bool) -> None:
    """Take a drawing from the wall, or put it back.

    Raises:
        ClassroomError: The class or drawing is not there, or the key is not the class's own.
    """
    with change_class(code, key=key) as (connection, found):
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
        found = find_class(connection, code, key=key)
        # Children first, for databases that do not follow references.
        for table in (votes, images, questions, drawings, phones, rounds, runs, attacks):
            connection.execute(delete(table).where(table.c.class_id == found.id))
        connection.execute(delete(classes).where(classes.c.id == found.id))
        tell_others(connection, code, for_phones=True)
    forget_key(key)
    sweep()
    drop_bell(code)


def join_class(code: str, *, address: str = "") -> str:
    """Let a phone join; return its token.

    Args:
        code: Of the class.
        address: The phone's network address; it is counted in memory and not kept.

    Raises:
        ClassroomError: There is no such class, it is full, or too many joined from this address.
    """
    token, place = secrets.token_urlsafe(16), f"{code} {address}"
    with change_class(code) as (connection, found):
        if count_rows(connection, phones, found.id) >= limits.MAX_PHONES:
            raise ClassroomError(
                f"This class is full: {limits.MAX_PHONES} phones have joined. Use a phone that is "
                "in it.",
                status=429,
            )
        # Here, where the joins of a class follow each other, so that none passes beside another.
        if limits.join_rate.is_reached(place):
            raise ClassroomError(
                f"{limits.join_rate.count} phones have joined from this network address within "
                "ten minutes. Wait a little.",
                status=429,
            )
        row = {"class_id": found.id, "token_hash": hash_secret(token)}
        connection.execute(insert(phones).values(row))
        limits.join_rate.add(place)
    return token


def read_phone(code: str, token: str) -> PhoneView:
    """Return what a phone of a class sees; version 0 where it is not in it, or that is deleted.

    Raises:
        ClassroomError: The class cannot be read.
    """
    with begin() as connection:
        found = connection.execute(select(classes).where(classes.c.code == code)).first()
        phone = find_phone(connection, found.id, token) if found is not None else None
        if found is None or phone is None:
            return PhoneView(0, Round(0, Kind.WAIT))
        asked = find_round(connection, found.id)
        question = find_view(connection, asked, phone)
    shown = replace(question, left=None) if question else None  # the time passes without news
    version = zlib.crc32(repr((asked, shown)).encode()) % _VERSIONS + 1
    return PhoneView(version, asked, question)


def find_asked(code: str, token: str, number: int) -> int:
    """Return the digit that a round asked for, for a phone that is about to send it.

    Raises:
        ClassroomError: The phone may not send a drawing now.
    """
    with begin() as connection:
        found = find_class(connection, code)
        check_phone(connection, found.id, token)
        asked = select(rounds).where(rounds.c.class_id == found.id, rounds.c.number == number)
        row = connection.execute(asked).first()
        if row is None or row.digit is None:
            raise ClassroomError("Your teacher asks for no drawing now. Wait.", status=400)
    if limits.drawing_rate.is_reached(hash_secret(token)):
        raise ClassroomError(
            f"You sent {limits.drawing_rate.count} drawings within a minute. Wait a little.",
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
    with change_class(code) as (connection, found):
        phone = check_phone(connection, found.id, token)
        sent = select(drawings.c.id).where(drawings.c.phone_id == phone.id, drawings.c.name == name)
        if connection.execute(sent).first() is not None:
            return
        if count_rows(connection, drawings, found.id) >= limits.MAX_DRAWINGS:
            raise ClassroomError(
                f"The wall is full: it holds {limits.MAX_DRAWINGS} drawings. Open a new class.",
                status=429,
            )
        row = {one: getattr(drawn, one) for one in ("strokes", "asked", "guess", "share")}
        row |= {"class_id": found.id, "phone_id": phone.id, "name": name}
        row |= {"is_hidden": False, "version": found.version}
        connection.execute(insert(drawings).values(row))
    limits.drawing_rate.add(hash_secret(token))


def read_wall(code: str, key: str, *, since: int = 0) -> Wall:
    """Return what the teacher of a class sees.

    Args:
        code: Of the class.
        key: The teacher's.
        since: Version of the class; only drawings that came or changed after it are read.

    Raises:
        ClassroomError: There is no such class, or the key is not its own.
    """
    with begin() as connection:
        found = find_class(connection, code, key=key)
        mine = drawings.c.class_id == found.id, drawings.c.version > since
        rows = connection.execute(select(drawings).where(*mine).order_by(drawings.c.id)).all()
        return Wall(
            version=found.version,
            phones=count_rows(connection, phones, found.id),
            round=find_round(connection, found.id),
            drawings=tuple(_make_drawing(row) for row in rows),
        )


def _make_drawing(row: Found) -> Drawing:
    return Drawing(
        row.id, row.strokes, row.asked, row.guess, row.share, bool(row.is_hidden), row.version
    )
