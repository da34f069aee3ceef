"""Where classes are kept: an SQLite file, or the database that CNNVIZ_DATABASE_URL names.

Kept are codes, hashes of keys and tokens, questions, votes, drawings, results of training and
adversarial examples; no names, addresses or devices.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable

from cnnviz.environment import find_named_path
from cnnviz.errors import ClassroomError

DATABASE_VARIABLE, DATA_VARIABLE = "CNNVIZ_DATABASE_URL", "CNNVIZ_DATA"
FILE = "classes.sqlite3"
_BESIDE = Path(__file__).parents[2] / "data"
_WAIT_SECONDS = 10  # for another writer

_metadata = MetaData()
classes = Table(
    "classes",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(8), nullable=False, unique=True),
    Column("key_hash", String(64), nullable=False),
    Column("version", Integer, nullable=False),
)


def _refer() -> Column[Any]:
    ends = ForeignKey("classes.id", ondelete="CASCADE")
    return Column("class_id", ends, nullable=False)


rounds = Table(
    "rounds",
    _metadata,
    Column("id", Integer, primary_key=True),
    _refer(),
    Column("number", Integer, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("digit", Integer),
    Column("address", Text, nullable=False),
    UniqueConstraint("class_id", "number"),
)
phones = Table(
    "phones",
    _metadata,
    Column("id", Integer, primary_key=True),
    _refer(),
    Column("token_hash", String(64), nullable=False),
    UniqueConstraint("class_id", "token_hash"),
)
drawings = Table(
    "drawings",
    _metadata,
    Column("id", Integer, primary_key=True),
    _refer(),
    Column("phone_id", ForeignKey("phones.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(40), nullable=False),
    Column("strokes", Text, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("guess", Integer, nullable=False),
    Column("share", Float, nullable=False),
    Column("is_hidden", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    # What a phone sends again because no answer reached it is kept once.
    UniqueConstraint("phone_id", "name"),
    UniqueConstraint("class_id", "version"),
)
questions = Table(
    "questions",
    _metadata,
    Column("id", Integer, primary_key=True),
    _refer(),
    Column("number", Integer, nullable=False),  # of its round
    Column("content", Text, nullable=False),
    Column("solution", Text, nullable=False),
    Column("ends", Float),  # seconds of the server's clock
    Column("is_revealed", Boolean, nullable=False),
    UniqueConstraint("class_id", "number"),
)
images = Table(
    "question_images",
    _metadata,
    Column("id", Integer, primary_key=True),
    _refer(),
    Column("number", Integer, nullable=False),  # of the question's round
    Column("place", Integer, nullable=False),
    Column("caption", String(80), nullable=False),
    Column("png", LargeBinary, nullable=False),
    UniqueConstraint("class_id", "number", "place"),
)
votes = Table(
    "votes",
    _metadata,
    Column("id", Integer, primary_key=True),
    _refer(),
    Column("phone_id", ForeignKey("phones.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("given", Text, nullable=False),
    UniqueConstraint("phone_id", "number"),
)
runs = Table(
    "runs",
    _metadata,
    Column("id", Integer, primary_key=True),
    _refer(),
    Column("layers", Text, nullable=False),
    Column("accuracy", Float, nullable=False),
    Column("parameters", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("epochs", Integer, nullable=False),
    Column("optimizer", String(16), nullable=False),
    Column("digits", String(16), nullable=False),
)
attacks = Table(
    "attacks",
    _metadata,
    Column("id", Integer, primary_key=True),
    _refer(),
    Column("network", String(80), nullable=False),
    Column("image", String(80), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("before", String(80), nullable=False),
    Column("after", String(80), nullable=False),
    Column("share", Float, nullable=False),
    Column("method", String(40), nullable=False),
    Column("linf", Float, nullable=False),
    Column("l2", Float, nullable=False),
    Column("sheet", LargeBinary, nullable=False),
)
Found = Row[Any]


def find_url() -> str:
    """Return the address of the database."""
    named = os.environ.get(DATABASE_VARIABLE, "").strip()
    if named:
        return named
    folder = find_named_path(DATA_VARIABLE) or _BESIDE
    return f"sqlite:///{folder / FILE}"


@contextmanager
def begin() -> Iterator[Connection]:
    """Give a connection; what was written on it is on the disk when this ends without an error.

    Raises:
        ClassroomError: The database cannot be reached, read or written.
    """
    try:
        with _open_database(find_url()).begin() as connection:
            yield connection
    except (SQLAlchemyError, OSError, ImportError) as error:
        raise ClassroomError(
            "The server cannot keep classes now: its disk is full or read-only, or the database "
            f"does not answer. Its owner may name another place in {DATA_VARIABLE} or "
            f"{DATABASE_VARIABLE}.",
            status=503,
        ) from error


@lru_cache(maxsize=8)
def _open_database(address: str) -> Engine:
    url = make_url(address)
    if url.get_backend_name() != "sqlite":
        engine = create_engine(url, pool_pre_ping=True)
    else:
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": _WAIT_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
    with engine.begin() as connection:
        for table in _metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # What is deleted is overwritten too.
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def sweep() -> None:
    """Empty SQLite's log, which still holds what was deleted.

    Raises:
        ClassroomError: As of `begin`.
    """
    with begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
