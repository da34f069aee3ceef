"""Thirty visitors start a picture each: they go one by one, and drawings are answered beside."""

import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from starlette.applications import Starlette
from starlette.testclient import TestClient

from cnnviz.digits import mnist
from cnnviz.feature_visualization.growth import Growth, grow
from cnnviz.feature_visualization.regularizers import PRESETS, Preset
from cnnviz.feature_visualization.targets import target_class
from cnnviz.jobs import Job, JobQueue, JobState
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.web import api

VISITORS = 30
STEPS = 1
SECONDS = 120.0
# Far above what an answer takes beside one job (7 ms alone), far below what it takes beside thirty.
MAX_SECONDS = 0.25


def make_work(model: LoadedModel, index: int, begun: list[int]) -> Callable[[Job[Growth]], Growth]:
    def work(job: Job[Growth]) -> Growth:
        begun.append(index)
        target = target_class(model.graph, index, probability=True)
        for growth in grow(model, target, settings=PRESETS[Preset.OLAH], steps=STEPS):
            job.report(growth.last.step / STEPS, "growing", growth)
            last = growth
        return last

    return work


def test_thirty_runs_go_one_by_one_and_drawings_stay_quick() -> None:
    model = load_model("alexnet64")
    queue, begun = JobQueue(), list[int]()
    holding, go_on = threading.Event(), threading.Event()

    def hold(_job: Job[None]) -> None:
        holding.set()
        go_on.wait(SECONDS)

    queue.start(hold, title="", owner="the teacher")
    assert holding.wait(SECONDS)
    with ThreadPoolExecutor(VISITORS) as visitors:
        start = lambda index: queue.start(  # noqa: E731
            make_work(model, index, begun), title=f"{index}", owner=f"visitor {index}"
        )
        jobs = list(visitors.map(start, range(VISITORS)))
    places = [queue.find_place(job).ahead for job in jobs]
    assert sorted(places) == list(range(1, VISITORS + 1))  # behind the teacher, no two alike
    line = sorted(range(VISITORS), key=lambda index: places[index])
    # Who changes their mind goes to the end and holds up nobody.
    jobs[line[0]].stop()
    again = queue.start(make_work(model, 77, begun), title="again", owner=f"visitor {line[0]}")
    assert jobs[line[0]].state is JobState.STOPPED
    assert queue.find_place(again).ahead == VISITORS
    go_on.set()
    waits = draw_until(lambda: not again.is_active)
    assert begun == [*line[1:], 77]
    assert all(jobs[index].state is JobState.DONE for index in line[1:])
    assert statistics.median(waits) < MAX_SECONDS


def draw_until(is_over: Callable[[], bool]) -> list[float]:
    """Post drawings one after the other, and return how long each answer took, in seconds."""
    strokes = [[list(point) for point in stroke] for stroke in mnist.sample_digits()[3]]
    waits = []
    end = time.monotonic() + SECONDS
    with TestClient(Starlette(routes=api.routes)) as client:
        while not is_over():
            began = time.monotonic()
            assert began < end
            answer = client.post("/api/digit", json={"strokes": strokes, "pen": 0.1})
            waits.append(time.monotonic() - began)
            assert answer.json()["guess"] == "3"
            time.sleep(0.02)
    return waits
