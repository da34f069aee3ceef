"""Measuring in a process of its own: what comes back, and every way that nothing does."""

import math
import sys

import pytest

from cnnviz.cost_rows import Convention, Fold, fold_rows
from cnnviz.errors import MeasureError, NetworkError
from cnnviz.figures.measured_text import (
    compare_measured,
    describe_measuring,
    list_times,
    write_time,
    write_times_csv,
)
from cnnviz.jobs import JobState
from cnnviz.measure import (
    Limits,
    Measurement,
    MeasureQueue,
    describe_machine,
    find_measurement,
    measure_network,
)
from tests.cost_tables import measure


def test_a_small_network_is_measured_once() -> None:
    steps: list[tuple[float, str]] = []
    found = measure_network("lenet5", size=32, on_progress=lambda *step: steps.append(step))
    assert found.forward_ms > 0
    assert found.training_ms is not None
    assert found.training_peak_bytes is not None
    assert found.runs >= 5
    assert found.machine == describe_machine()
    assert all(0 <= share <= 1 for share, _ in steps)
    # C1's maps and the same after their ReLU are held together: 6·28·28 values of 4 bytes each.
    assert found.peak_bytes >= 2 * 6 * 28 * 28 * 4
    # Every gradient of the 61,706 weights is held at the end of the backward pass.
    assert found.training_peak_bytes >= 61_706 * 4
    assert set(found.layer_ms) == {layer.name for layer in measure("lenet5").layers}
    assert find_measurement("lenet5", size=32) is found
    assert measure_network("lenet5", size=32) is found


def test_an_unknown_network_starts_nothing() -> None:
    with pytest.raises(NetworkError, match="no architecture “resnet51”"):
        measure_network("resnet51", size=224)


def test_an_input_that_is_too_small_gets_the_formula() -> None:
    with pytest.raises(MeasureError, match=r"at layer “pool5”.*N = 1"):
        measure_network("vgg16_d", size=16)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's memory so")
@pytest.mark.parametrize("megabytes", [430, 600])
def test_too_much_memory_is_told(megabytes: int) -> None:
    queue = MeasureQueue(Limits(memory_bytes=megabytes * 2**20))
    job = queue.start("alexnet", size=224)  # its weights alone take 244 MB, their gradients again
    assert job.wait(120)
    if job.state is JobState.DONE:
        assert job.measurement is not None
        assert job.measurement.training_ms is None
        assert "memory" in job.measurement.training_error
    else:
        assert job.state is JobState.FAILED
        assert f"{megabytes / 1024:.1f} GB that a measurement may take" in job.error


def test_time_runs_out() -> None:
    queue = MeasureQueue(Limits(seconds=0.2))
    job = queue.start("vgg19_e", size=224)
    assert job.wait(60)
    assert job.state is JobState.FAILED
    assert "was not measured within 0 seconds" in job.error
    assert queue.find("vgg19_e", size=224) is None


def test_one_at_a_time_and_each_can_be_stopped() -> None:
    queue = MeasureQueue()
    first = queue.start("vgg19_e", size=224)
    second = queue.start("vgg16_d", size=224)
    assert queue.start("vgg16_d", size=224) is second  # joined, not measured twice
    assert second.state is JobState.WAITING
    second.stop()
    first.stop()
    assert (first.state, second.state) == (JobState.STOPPED, JobState.STOPPED)
    third = queue.start("lenet5", size=32)
    assert third.wait(60)
    assert third.state is JobState.DONE
    first.stop()
    third.stop()
    assert third.state is JobState.DONE  # what has ended stays as it is


def test_a_full_line_is_refused() -> None:
    queue = MeasureQueue()
    jobs = [queue.start("vgg19_e", size=224 + 32 * number) for number in range(9)]
    with pytest.raises(MeasureError, match="8 measurements are waiting"):
        queue.start("vgg19_e", size=64)
    for job in jobs:
        job.stop()


def made_up(**changes: object) -> Measurement:
    numbers: dict[str, object] = {
        "network": "lenet5",
        "size": 32,
        "machine": "a machine",
        "threads": 1,
        "runs": 7,
        "forward_ms": 2.0,
        "training_ms": 6.0,
        "peak_bytes": 2**20,
        "training_peak_bytes": 3 * 2**20,
        "training_error": "",
        "layer_ms": {"c1": 1.0, "relu1": 0.25, "f6": 0.75},
    }
    return Measurement(**{**numbers, **changes})  # type: ignore[arg-type]


def test_times_of_folded_rows_by_hand() -> None:
    """C1: 117,600 multiply-adds in 1.25 ms with its ReLU; F6: 120 · 84 in 0.75 ms."""
    rows = fold_rows(measure("lenet5"), fold=Fold.LAYERS, convention=Convention())
    first, second = list_times(rows, made_up())
    assert first[:2] == ("c1", 117_600)
    assert first[3:5] == (1.25, 62.5)
    assert math.isclose(first[5], 117_600 / 1.25e-3 / 1e9)
    assert second[:2] == ("f6", 10_080)
    assert second[3:5] == (0.75, 37.5)
    lines = write_times_csv(rows, made_up()).splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("c1,117600,")


def test_computed_beside_measured() -> None:
    cells = {
        what: (left, right) for what, left, right in compare_measured(measure("lenet5"), made_up())
    }
    work = measure("lenet5").multiply_adds
    assert cells["Forward pass"][1] == f"2.00 ms, so {work / 2e-3 / 1e6:.0f} M a second"
    assert cells["Forward and backward"][1] == "6.00 ms"
    assert cells["Activations, forward"][1] == "1.0 MB held at once"
    assert cells["The same with backward"][1] == "3.0 MB held at once"
    failed = made_up(training_ms=None, training_peak_bytes=None, training_error="no memory")
    cells = {
        what: (left, right) for what, left, right in compare_measured(measure("lenet5"), failed)
    }
    assert cells["Forward and backward"][1] == "not run: no memory"
    assert describe_measuring(failed).startswith("Measured on a machine, with one thread")


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0.6446, "0.645 ms"), (2, "2.00 ms"), (84.05, "84.0 ms"), (263.2, "263 ms"), (1234, "1.23 s")],
)
def test_times_have_three_digits(milliseconds: float, text: str) -> None:
    assert write_time(milliseconds) == text
