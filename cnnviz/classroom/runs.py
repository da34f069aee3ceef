"""Results of training that a class's students submit; nothing that is kept says whose they are."""

from dataclasses import asdict, dataclass, field

from cnnviz.classroom import limits
from cnnviz.classroom.database import runs
from cnnviz.classroom.submissions import delete_entry, keep_entry, list_entries
from cnnviz.errors import ClassroomError

_BOUNDS = {
    "accuracy": (0, 1),
    "parameters": (1, 10**9),
    "seconds": (0, 10**6),
    "epochs": (1, 10**4),
}
_LONGEST = {"layers": limits.MAX_LAYERS_TEXT, "optimizer": 16, "digits": 16}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRun:
    """A finished run of training.

    Attributes:
        layers: The network, in the notation of `network_builder`.
        accuracy: On the held-out digits, 0 to 1.
        parameters: Of the network.
        seconds: Of training.
        epochs: Passes over the training digits.
        optimizer: Its name in a plan.
        digits: The name of the source: accuracies on others cannot be compared.
        id: Its number, once it is kept.
    """

    layers: str
    accuracy: float
    parameters: int
    seconds: float
    epochs: int
    optimizer: str
    digits: str
    id: int = field(default=0, compare=False)


def add_run(code: str, run: ClassRun, *, visitor: str) -> int:
    """Keep a run for a class; return its number.

    Args:
        code: Of the class.
        run: What the server itself has measured.
        visitor: Who submits it; counted in memory and not kept.

    Raises:
        ClassroomError: There is no such class, a value is impossible, or a limit is reached.
    """
    _check_run(run)
    row, most = asdict(run), limits.MAX_RUNS
    return keep_entry(code, runs, row, visitor=visitor, most=most, name="results")


def _check_run(run: ClassRun) -> None:
    for name, (low, high) in _BOUNDS.items():
        value = getattr(run, name)
        if not low <= value <= high:
            raise ClassroomError(
                f"This run's {name} is {value}; it must be {low} to {high:,}.", status=400
            )
    for name, most in _LONGEST.items():
        if not 0 < len(getattr(run, name)) <= most:
            raise ClassroomError(
                f"This run's {name} must be a text of 1 to {most:,} characters.", status=400
            )


def list_runs(code: str, key: str) -> tuple[ClassRun, ...]:
    """Return the runs of a class in the order they came, for its teacher.

    Raises:
        ClassroomError: There is no such class, or the key is not its own.
    """
    return list_entries(code, key, runs, ClassRun)


def delete_run(code: str, key: str, run: int) -> None:
    """Delete one run of a class.

    Raises:
        ClassroomError: The class or run is not there, or the key is not the class's own.
    """
    delete_entry(code, key, runs, run, name="result")
