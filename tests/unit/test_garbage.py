"""What survives a full collection is not walked again, dead circles are found later; few heaps."""

import gc
import os
import platform
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnviz import garbage


class Circle:
    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    callbacks = list(gc.callbacks)
    yield
    gc.callbacks[:] = callbacks
    gc.freeze()  # as tests/conftest.py has left it


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What `time.monotonic` says."""
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_what_survives_is_frozen_every_two_seconds(clock: list[float]) -> None:
    gc.callbacks.append(garbage._Freezer().note)
    first, second = Circle(), Circle()
    gc.collect()
    assert gc.get_freeze_count() > 1000
    assert not any(each is first for each in gc.get_objects())
    gc.unfreeze()
    gc.collect()
    assert gc.get_freeze_count() == 0  # too soon
    clock[0] += 2
    gc.collect()
    assert not any(each is second for each in gc.get_objects())


@pytest.mark.parametrize(("reruns", "seconds"), [({1}, 60), (set(range(1000)), 240)])
def test_a_frozen_circle_is_freed_in_a_quiet_minute_and_in_a_busy_hour_too(
    reruns: set[int], seconds: float, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five seconds pass between two looks; `reruns` are the looks before which a page has run."""
    rounds = 0
    circle = Circle()
    gc.freeze()
    found = weakref.ref(circle)
    del circle

    def pause(length: float) -> None:
        nonlocal rounds
        rounds += 1
        clock[0] += length
        if found() is None:
            raise InterruptedError
        if rounds in reruns:
            gc.collect()

    monkeypatch.setattr("time.sleep", pause)
    with pytest.raises(InterruptedError):
        garbage._collect_thoroughly()
    assert 5 * (rounds - 1) == seconds


def test_nothing_is_collected_where_no_page_has_run(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    gc.freeze()

    def pause(length: float) -> None:
        clock[0] += length
        if clock[0] > 10_000:
            raise InterruptedError

    monkeypatch.setattr("time.sleep", pause)
    before = gc.get_stats()[2]["collections"]
    with pytest.raises(InterruptedError):
        garbage._collect_thoroughly()
    assert gc.get_stats()[2]["collections"] <= before + 1
    assert gc.get_freeze_count() > 0


IN_THREADS = """
import ctypes, sys, threading
from cnnviz.garbage import share_heaps

share_heaps()
together = threading.Barrier(8)

def allocate():
    together.wait()
    blocks = [bytearray(60_000) for _ in range(10)]
    together.wait()

threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
library = ctypes.CDLL(None)
library.malloc_info(0, ctypes.c_void_p.in_dll(library, "stdout"))
library.fflush(None)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has other heaps")
def test_threads_share_two_heaps() -> None:
    command = [sys.executable, "-c", IN_THREADS]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.count("<heap nr=") == 2


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library returns it itself")
def test_free_memory_between_what_is_kept_returns_to_the_system() -> None:
    blocks = [bytearray(60_000) for _ in range(4_000)]  # glibc maps only larger ones by themselves
    kept = blocks[::100]
    full = measure_memory()
    del blocks
    garbage._return_free_memory()
    assert measure_memory() < full - 100 * 2**20
    assert len(kept) == 40


def measure_memory() -> int:
    """Return the bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
