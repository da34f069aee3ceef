"""The four cases of transfer learning, each run: few or many images, similar or different ones.

Source: Stanford CS231n, "Transfer learning": the table of what to train in which case.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from cnnviz.jobs.heavy import report_progress
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
    cells = [(data, count) for data in SETS for count in (FEW, MANY)]
    done: tuple[Case, ...] = ()
    for place, (data, count) in enumerate(cells):
        for case in _run_case(model, data, count):
            share = (place + len(case.accuracies) / len(Way)) / len(cells)
            yield share, f"{data}, {count} images per class", (*done, case)
        done = (*done, case)


def _run_case(model: LoadedModel, data: str, count: int) -> Iterator[Case]:
    *_, (_, _, found) = read_features(model, load_transfer_set(SETS[data]), train=count, test=_TEST)
    case = Case(data, count, {}, len(found.test_labels))
    middle = found.layers[len(found.layers) // 2]
    for way, layer in ((Way.TOP, found.top), (Way.MIDDLE, middle)):
        train, test = found.split(layer)
        head = train_head(train, found.train_labels, classes=len(found.classes))
        case = _add(case, way, measure_head(head, test, found.test_labels))
    yield case
    for way, training in ((Way.STAGE, Training.STAGE), (Way.ALL, Training.ALL)):
        report_progress(0.0, f"{way}: {data}, {count} images per class")
        runs = fine_tune(model, found, training=training, epochs=EPOCHS, rate=RATE)
        *_, (_, _, trained) = runs
        case = _add(case, way, trained.epochs[-1].accuracy)
        yield case


def _add(case: Case, way: Way, accuracy: float) -> Case:
    return replace(case, accuracies={**case.accuracies, way: accuracy})
