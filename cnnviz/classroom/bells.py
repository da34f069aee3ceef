"""Who waits for news of a class is told of every change, whichever server process makes it.

A process tells its own visitors itself. Where several processes share a PostgreSQL database, the
database passes the word on by its NOTIFY; a process that lost its connection rings for every class
once it is back, since it cannot know what it missed.
"""

import secrets
import threading
import time
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

_bells: dict[str, Observable] = {}


def find_bell(code: str) -> Observable:
    """Return what rings at every change of a class."""
    if make_url(address := find_url()).drivername == _DRIVER:
        _start_hearing(address)
    return _bells.setdefault(code, Observable())


def ring(code: str) -> None:
    """Tell this process's visitors of a change that is on the disk."""
    find_bell(code).announce()


def drop_bell(code: str) -> None:
    """Ring once more for a class that is deleted."""
    ring(code)
    _bells.pop(code, None)


def tell_others(connection: Connection, code: str) -> None:
    """Have the other processes ring once the change of this transaction is on the disk."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_notify(_CHANNEL, f"{_OWN} {code}")))


@lru_cache(maxsize=8)
def _start_hearing(address: str) -> None:
    """Listen to a database, once."""
    threading.Thread(target=_hear, args=(address,), name="bells", daemon=True).start()


def _hear(address: str) -> None:
    from psycopg import Error

    engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    while True:
        with suppress(SQLAlchemyError, Error), engine.connect() as connection:
            connection.exec_driver_sql(f"LISTEN {_CHANNEL}")
            for bell in tuple(_bells.values()):
                bell.announce()
            driver = connection.connection.driver_connection
            for notice in driver.notifies() if driver is not None else ():
                sender, _, code = notice.payload.partition(" ")
                if sender != _OWN and code in _bells:
                    _bells[code].announce()
        time.sleep(_RETRY_SECONDS)
