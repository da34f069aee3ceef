"""A PostgreSQL server of a test's own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

VARIABLE = "CNNVIZ_TEST_POSTGRES"
PROGRAMS = ("initdb", "pg_ctl")


def find_user() -> str | None:
    """Who runs the server: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextmanager
def run_postgresql() -> Iterator[str]:
    """Run a server that listens on a socket in a folder of its own; give its address."""
    user, folder = find_user(), Path(tempfile.mkdtemp(prefix="cnnviz-postgresql-"))
    if user is not None:
        shutil.chown(folder, user)
    data = str(folder / "data")

    def call(*command: str) -> None:
        # A log in place of a pipe, which the server would keep open.
        with (folder.parent / f"{folder.name}.log").open("w") as log:
            subprocess.run(command, check=True, cwd=folder, user=user, stdout=log, stderr=log)

    try:
        call("initdb", "-D", data, "-U", "cnnviz", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        call("pg_ctl", "-D", data, "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://cnnviz@/postgres?host={folder}"
        finally:
            call("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        (folder.parent / f"{folder.name}.log").unlink(missing_ok=True)


@contextmanager
def open_postgresql() -> Iterator[str]:
    """Give the address of a database: the one that CNNVIZ_TEST_POSTGRES names, else a fresh one.

    Without either the test is skipped.
    """
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    named = os.environ.get(VARIABLE, "").strip()
    if named:
        yield named
        return
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{VARIABLE} names no database, and there is no {' and no '.join(missing)}")
    with run_postgresql() as running:
        yield running
