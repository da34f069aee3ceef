"""Runs that the tests give to a worker process, which imports them by name."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from cnnviz.cache import SizedLRUCache
from cnnviz.errors import NetworkError
from cnnviz.jobs.heavy import Pieces, compute_each, report_progress
from cnnviz.networks.load import LoadedModel, load_model, predict

Parts = Iterator[tuple[float, str, str]]

MAPS: SizedLRUCache[str, str] = SizedLRUCache(max_entries=8, shared="tests")


def count_up(steps: int) -> Iterator[tuple[float, str, Tensor]]:
    """Each result is one longer."""
    for step in range(1, steps + 1):
        yield step / steps, f"step {step}", torch.arange(float(step))


def name_process() -> Iterator[tuple[float, str, int]]:
    """The process that computes it, and its niceness."""
    yield 0.5, f"niceness {os.nice(0)}", 0
    yield 1.0, "done", os.getpid()


def predict_twice(
    model: LoadedModel, x: Tensor
) -> Iterator[tuple[float, str, tuple[LoadedModel, Tensor]]]:
    """The network and its probabilities, of every second row of an image twice as high."""
    yield 1.0, "predicted", (model, predict(model, x[:, :, ::2]).probabilities)


def wait_for_file(file: Path, *, reports: bool) -> Parts:
    """Goes on until there is a file, with or without a word of how far it is."""
    yield 0.25, "waiting", "half"
    while not file.exists():
        time.sleep(0.01)
        if reports:
            report_progress(0.5, "still waiting")
    yield 1.0, "done", "whole"


def end_always(file: Path) -> Parts:
    """Ends every process that it is in, as Linux does when memory is short, and counts them."""
    yield 0.25, "begun", "half"
    with file.open("a", encoding="utf-8") as count:
        count.write("x")
    os.kill(os.getpid(), signal.SIGKILL)


def grow_once(file: Path, megabytes: int) -> Parts:
    """Takes much memory the first time."""
    if not file.exists():
        file.touch()
        held = torch.ones(megabytes * 2**18)
        while held.numel():
            time.sleep(0.05)
            report_progress(0.5, "grown")
    yield 1.0, "done", "whole"


def refuse() -> Parts:
    """Refuses what a visitor asked for."""
    yield 0.5, "begun", "half"
    raise NetworkError("There is no class 12.")


def fail() -> Parts:
    """Has a defect."""
    yield 0.5, "begun", "half"
    raise ZeroDivisionError("secret of the server")


def fill_cache(name: str) -> Parts:
    """Keeps something for the server, and says whether it was here already."""
    known = MAPS.get(f"{name} known")
    MAPS.put(f"{name} known", "yes", size=3)
    yield 0.5, "kept", known or "no"
    MAPS.put(f"{name} late", "too", size=3)
    yield 1.0, "done", known or "no"


def title_network(name: str) -> Parts:
    """The title of a network that this process knows by its name."""
    yield 1.0, "done", load_model(name).spec.title


def multiply_when_told(folder: Path, number: int) -> int:
    """Seven times a number; that of three waits for a file. Each says where it began."""
    (folder / f"{number} in {os.getpid()}").touch()
    while number == 3 and not (folder / "go on").exists():
        time.sleep(0.01)
    return 7 * number


def list_numbers() -> list[int]:
    """What is known only when it is computed."""
    return list(range(8))


def say_where(_number: int) -> int:
    """The process that computes it, which takes a while."""
    time.sleep(0.2)
    return os.getpid()


def say_where_each(numbers: list[int]) -> Pieces[tuple[int, ...]]:
    """The same of several."""
    return compute_each(numbers, say_where, name="{}".format)


def refuse_four(number: int) -> int:
    """The number, unless it is four."""
    if number == 4:
        raise NetworkError("There is no class 4.")
    return number


def name_and_wait(file: Path) -> Iterator[tuple[float, str, int]]:
    """The process that computes it, which goes on when there is a file."""
    yield 0.5, "waiting", os.getpid()
    while not file.exists():
        time.sleep(0.01)
    yield 1.0, "done", os.getpid()
