"""Measuring in a process of its own: what comes back, and every way that nothing does."""

import math
import sys
import threading

import pytest

from cnnviz.costs.measure import (
    Limits,
    Measurement,
    describe_machine,
    find_measurement,
    measure_network,
)
from cnnviz.costs.rows import Convention, Fold, fold_rows
from cnnviz.errors import MeasureError, NetworkError
from cnnviz.figures.measured_text import (
    compare_measured,
    describe_measuring,
    list_times,
    write_times_csv,
)
from cnnviz.jobs import Job, JobQueue, JobState
from tests.cost_tables import measure


def test_a_small_network_is_measured_once() -> None:
    steps: list[tuple[float, str]] = []
    found = measure_network("lenet5", size=32, report=lambda *step: steps.append(step))
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
    limits = Limits(memory_bytes=megabytes * 2**20)
    try:
        # Its weights alone take 244 MB, their gradients again.
        found = measure_network("alexnet", size=224 + 32 * (megabytes == 600), limits=limits)
        assert found.training_ms is None
        said = found.training_error
    except MeasureError as error:
        said = str(error)
    assert "memory" in said or f"{megabytes / 1024:.1f} GB that a measurement may take" in said


def test_time_runs_out() -> None:
    with pytest.raises(MeasureError, match="was not measured within 0 seconds"):
        measure_network("vgg19_e", size=224, limits=Limits(seconds=0.2))
    assert find_measurement("vgg19_e", size=224) is None


def test_a_job_that_is_stopped_ends_the_measuring_process() -> None:
    begun = threading.Event()

    def work(job: Job[Measurement]) -> Measurement:
        def report(progress: float, step: str) -> None:
            begun.set()
            job.report(progress, step)

        return measure_network("vgg19_e", size=224, report=report)

    job = JobQueue().start(work, title="A measurement", owner="test")
    assert begun.wait(30)
    job.stop()
    assert job.wait(10)
    assert job.state is JobState.STOPPED
    assert find_measurement("vgg19_e", size=224) is None


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
