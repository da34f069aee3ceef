"""The four cases of transfer learning, each run: few or many images, similar or different ones.

Source: Stanford CS231n, "Transfer learning": the table of what to train in which case.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from enum import StrEnum

from cnnviz.jobs.heavy import report_part
from cnnviz.labs.transfer.features import read_features
from cnnviz.labs.transfer.fine_tuning import Training, fine_tune
from cnnviz.labs.transfer.head import measure_head, train_head
from cnnviz.labs.transfer.sets import load_transfer_set
from cnnviz.networks.load import LoadedModel

FEW, MANY = 3, 30  # images per class
SETS = {"similar": "pieces", "different": "digits"}
EPOCHS, RATE = 4, 0.0003
_TEST = 20  # images per class


class Way(StrEnum):
    """What is trained in a case."""

    TOP = "Linear head"
    MIDDLE = "Linear head, middle layer"
    STAGE = "Last stage"
    ALL = "Everything"


_BARS = len(Way) * len(SETS) * len((FEW, MANY))


@dataclass(frozen=True, slots=True)
class Case:
    """One cell of the table.

    Attributes:
        data: "similar" to the images of the network's own training, or "different".
        count: Images a class.
        accuracies: On the held-out images, by what was trained, so far.
        total: Held-out images.
    """

    data: str
    count: int
    accuracies: Mapping[Way, float]
    total: int


def run_cases(model: LoadedModel) -> Iterator[tuple[float, str, tuple[Case, ...]]]:
    """Fill the table for a network, as a heavy result's run.

    Yields:
        The share done, what is done, and the cells so far.

    Raises:
        NetworkError: The network has no features.
    """
    done: tuple[Case, ...] = ()
    for data in SETS:
        for count in (FEW, MANY):
            for case in _run_case(model, data, count, before=len(done) * len(Way)):
                bars = len(done) * len(Way) + len(case.accuracies)
                yield bars / _BARS, f"bar {bars} of {_BARS}", (*done, case)
            done = (*done, case)


def _report_bars(before: int, count: int) -> AbstractContextManager[None]:
    """Take what is reported meanwhile for the work on the next bars of all."""
    name = f"bar {before + 1} of {_BARS}"
    return report_part(before / _BARS, (before + count) / _BARS, name)


def _run_case(model: LoadedModel, data: str, count: int, *, before: int) -> Iterator[Case]:
    with _report_bars(before, 2):
        *_, (_, _, found) = read_features(
            model, load_transfer_set(SETS[data]), train=count, test=_TEST
        )
    case = Case(data, count, {}, len(found.test_labels))
    middle = found.layers[len(found.layers) // 2]
    for way, layer in ((Way.TOP, found.top), (Way.MIDDLE, middle)):
        train, test = found.split(layer)
        head = train_head(train, found.train_labels, classes=len(found.classes))
        case = _add(case, way, measure_head(head, test, found.test_labels))
    yield case
    for way, training in ((Way.STAGE, Training.STAGE), (Way.ALL, Training.ALL)):
        with _report_bars(before + len(case.accuracies), 1):
            runs = fine_tune(model, found, training=training, epochs=EPOCHS, rate=RATE)
            *_, (_, _, trained) = runs
        case = _add(case, way, trained.epochs[-1].accuracy)
        yield case


def _add(case: Case, way: Way, accuracy: float) -> Case:
    return replace(case, accuracies={**case.accuracies, way: accuracy})
