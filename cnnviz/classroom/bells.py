"""Who waits for news of a class is told of every change, whichever server process makes it.

A process tells its own visitors itself. Where several processes share a PostgreSQL database, the
database passes the word on by its NOTIFY; a process that lost its connection rings for every class
once it is back, since it cannot know what it missed.
"""

import secrets
import threading
from contextlib import suppress
from functools import lru_cache

from sqlalchemy import Connection, NullPool, create_engine, func, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from cnnviz.classroom.database import find_url
from cnnviz.jobs.observable import Observable

_CHANNEL = "cnnviz_classes"
_DRIVER = "postgresql+psycopg"
_RETRY_SECONDS = 1.0
_OWN = secrets.token_hex(8)  # before each code that this process tells of

_bells: dict[tuple[str, bool], Observable] = {}


def find_bell(code: str, *, for_phones: bool = False) -> Observable:
    """Return what rings at every change of a class.

    Args:
        code: Of the class.
        for_phones: Whether it rings for those changes only that all phones see.
    """
    if make_url(address := find_url()).drivername == _DRIVER:
        _start_hearing(address)
    return _bells.setdefault((code, for_phones), Observable())


def ring(code: str, *, for_phones: bool) -> None:
    """Tell this process's visitors of a change that is on the disk."""
    for kind in _list_kinds(for_phones=for_phones):
        find_bell(code, for_phones=kind).announce()


def _list_kinds(*, for_phones: bool) -> tuple[bool, ...]:
    return (False, True) if for_phones else (False,)


def drop_bell(code: str) -> None:
    """Ring once more for a class that is deleted."""
    ring(code, for_phones=True)
    for kind in (False, True):
        _bells.pop((code, kind), None)


def tell_others(connection: Connection, code: str, *, for_phones: bool) -> None:
    """Have the other processes ring once the change of this transaction is on the disk."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_notify(_CHANNEL, f"{_OWN} {int(for_phones)} {code}")))


@lru_cache(maxsize=8)
def _start_hearing(address: str) -> None:
    """Listen to a database, once."""
    threading.Thread(target=_hear, args=(address,), name="bells", daemon=True).start()


def _hear(address: str) -> None:
    from psycopg import Error

    pause = threading.Event()  # nobody sets it
    engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    while True:
        with suppress(SQLAlchemyError, Error), engine.connect() as connection:
            connection.exec_driver_sql(f"LISTEN {_CHANNEL}")
            for bell in tuple(_bells.values()):
                bell.announce()
            driver = connection.connection.driver_connection
            for notice in driver.notifies() if driver is not None else ():
                sender, for_phones, code = notice.payload.split(" ")
                for kind in _list_kinds(for_phones=for_phones == "1"):
                    if sender != _OWN and (code, kind) in _bells:
                        _bells[code, kind].announce()
        pause.wait(_RETRY_SECONDS)
