"""What every place that computes heavy results must do, and how tests wait for its jobs."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch

from cnnviz.jobs import Job, JobState
from cnnviz.networks.load import load_model, predict
from tests import worker_runs

SECONDS = 200.0  # a process begins in three on idle cores
Start = Callable[..., Job[Any]]


def wait_for(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def wait(job: Job[Any]) -> None:
    """Wait until it is over, as a page does that is open."""
    with job.watch(lambda: None):
        assert job.wait(SECONDS)


def finish(job: Job[Any]) -> Any:
    """Wait for its result."""
    wait(job)
    assert (job.state, job.error) == (JobState.DONE, "")
    return job.result


def check_results_arrive_as_they_were_made(start: Start) -> None:
    """Each intermediate one whole, the newest last."""
    seen: list[Any] = []
    job = start(partial(worker_runs.count_up, 5))
    with job.listen(lambda: seen.append(job.partial)):
        result = finish(job)
    assert torch.equal(result, torch.tensor([0.0, 1.0, 2.0, 3.0, 4.0]))
    lengths = [len(one) for one in seen if one is not None]
    assert lengths == sorted(lengths)
    assert lengths[-1] == 5


def check_a_network_goes_by_its_name(start: Start) -> None:
    """And a part of a tensor goes alone."""
    model = load_model("lenet5")
    x = torch.rand(1, 1, 64, 32, generator=torch.Generator().manual_seed(1))
    known, probabilities = finish(start(partial(worker_runs.predict_twice, model, x)))
    assert known is model
    assert torch.equal(probabilities, predict(model, x[:, :, ::2]).probabilities)


def check_errors_are_told_as_in_a_thread(
    refused: Job[Any], failed: Job[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of `worker_runs.refuse` and `worker_runs.fail`."""
    wait(refused)
    wait(failed)
    assert refused.error == "There is no class 12."
    assert failed.error.startswith("Unexpected error: A map failed.")
    assert "secret of the server" in capsys.readouterr().err
