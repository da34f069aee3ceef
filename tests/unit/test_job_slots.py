"""The line with several jobs at once, as where several machines compute."""

import threading
from functools import partial
from queue import SimpleQueue

from cnnviz.jobs import Job, JobQueue

SECONDS = 20.0


class Steps:
    """Jobs that run until a test lets them go, by their titles."""

    def __init__(self, queue: JobQueue) -> None:
        self.queue, self.running, self.jobs = queue, SimpleQueue[str](), dict[str, Job[str]]()
        self._go_on: dict[str, threading.Event] = {}

    def put(self, *titles: str, key: str = "") -> None:
        """Each is called by its visitor and a number."""
        for title in titles:
            self._go_on[title] = threading.Event()
            work = partial(self._work, title)
            self.jobs[title] = self.queue.start(work, title=title, owner=title[0], key=key)

    def _work(self, title: str, _job: Job[str]) -> str:
        self.running.put(title)
        assert self._go_on[title].wait(SECONDS)
        return title

    def see(self, count: int) -> set[str]:
        """The next that begin."""
        return {self.running.get(timeout=SECONDS) for _ in range(count)}

    def end(self, *titles: str) -> None:
        for title in titles:
            self._go_on[title].set()
            assert self.jobs[title].wait(SECONDS)


def test_as_many_run_at_once_as_there_are_slots_and_one_of_each_visitor() -> None:
    steps = Steps(JobQueue(count_slots=lambda: 2))
    steps.put("a1", "a2", "b1", "c1", "d1")
    assert steps.see(2) == {"a1", "b1"}
    places = {title: steps.queue.find_place(job) for title, job in steps.jobs.items()}
    # Worked out by hand: of a1, b1, c1, d1, a2 two run; c1 starts when one of them has ended.
    ahead = {title: place.ahead for title, place in places.items()}
    assert ahead == {"a1": 0, "b1": 0, "c1": 1, "d1": 2, "a2": 3}
    assert {title for title, place in places.items() if place.own} == {"a2"}
    steps.end("b1")
    assert steps.see(1) == {"c1"}
    steps.end("a1", "c1")
    assert steps.see(2) == {"d1", "a2"}
    steps.end("d1", "a2")
    assert steps.running.empty()


def test_a_visitors_second_job_waits_for_the_first_though_a_slot_is_free() -> None:
    steps = Steps(JobQueue(count_slots=lambda: 2))
    steps.put("a1", "a2")
    assert steps.see(1) == {"a1"}
    assert steps.queue.find_place(steps.jobs["a2"]).ahead == 1
    steps.put("b1")
    assert steps.see(1) == {"b1"}
    steps.end("a1")
    assert steps.see(1) == {"a2"}
    steps.end("a2", "b1")


def test_the_same_result_is_not_made_twice_at_once() -> None:
    steps = Steps(JobQueue(count_slots=lambda: 3))
    steps.put("a1", "b1", key="map 3")
    steps.put("c1", key="map 4")
    assert steps.see(2) == {"a1", "c1"}
    steps.end("a1")
    assert steps.jobs["b1"].wait(SECONDS)
    assert steps.jobs["b1"].result == "a1"
    steps.end("c1")
    assert steps.running.empty()


def test_the_line_grows_and_shrinks_with_its_slots() -> None:
    slots = 1
    steps = Steps(JobQueue(count_slots=lambda: slots))
    steps.put("a1", "b1", "c1", "d1")
    assert steps.see(1) == {"a1"}
    slots = 3
    steps.put("e1")
    assert steps.see(2) == {"b1", "c1"}
    slots = 1  # the others end their jobs first
    steps.end("a1", "b1")
    assert steps.running.empty()
    steps.end("c1")
    assert steps.see(1) == {"d1"}
    steps.end("d1")
    assert steps.see(1) == {"e1"}
    steps.end("e1")
