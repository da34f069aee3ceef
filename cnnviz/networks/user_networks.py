"""Networks of the person who starts the app: a Python file that registers them.

    from cnnviz.networks.user_networks import network

    @network(shape=(1, 28, 28), classes=("circle", "square"))
    def shapes():
        return MyNetwork()

The file is named in CNNVIZ_MODELS and run when the server starts, as any program of that person's.
"""

import datetime
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from torch import nn

from cnnviz.environment import find_named_path
from cnnviz.errors import CNNVizError, NetworkError
from cnnviz.networks.zoo.preprocessing import prepare_digits, prepare_photographs
from cnnviz.networks.zoo.registry import NetworkSpec, Preprocessing, list_names, register

MODELS_VARIABLE = "CNNVIZ_MODELS"
_MODULE = "cnnviz_own_networks"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_names: list[str] = []
_problems: list[str] = []

Builder = Callable[[], nn.Module]


def network(
    *,
    shape: tuple[int, int, int],
    classes: Sequence[str],
    mean: float | Sequence[float] = 0.5,
    std: float | Sequence[float] = 0.5,
    resize: int | None = None,
    digits: bool = False,
    preprocessing: Preprocessing | None = None,
    weights: str | Path | None = None,
    name: str | None = None,
    title: str | None = None,
    year: int | None = None,
    paper: str = "A network of this class",
    idea: str = "",
    layer_titles: Mapping[str, str] | None = None,
    visitor: str = "",
) -> Callable[[Builder], Builder]:
    """Register the network that the decorated function or class builds.

    It may be any module whose forward takes one image, with defaults for all other arguments, has
    no branches on the values of an image, and returns one number a class: as a tensor, or as the
    only such tensor of a tuple, dictionary or object. A softmax or log-softmax at the end is taken
    off, so that logits are shown as such and probabilities stay the network's own. One number is
    the logit, or with a sigmoid the probability, of the second of two classes. Sizes of tensors
    may be counted with: they are those of one image of `shape`. Layers that mix the images of a
    batch are given one image after the other.

    Refused, each with a sentence and where possible the line: branches on values, values turned
    into Python numbers, writing into a part of a tensor, answers by chance, maps as output, a
    sigmoid for each of several classes.

    `python -m cnnviz.check FILE` tells what each page can do with the networks of a file.

    Args:
        shape: Its input, (C, H, W); images are made grey where C is 1.
        classes: Names of its outputs, in their order; two for a network with one output.
        mean: Taken off the input's values, which are 0 to 1; one number, or one a channel.
        std: What they are divided by then.
        resize: Length to which an image's shorter side is scaled before the middle is cut out;
            the input's own unless given.
        digits: Whether it was trained on MNIST: an image is then cut to its ink and centered as
            MNIST's digits are, white on black, before `mean` and `std`.
        preprocessing: In place of the five above, where that is not how the network was trained.
        weights: Its weight file, a state_dict in .pth or .safetensors; a relative path starts at
            the Python file. Unless given, NAME.pth of the weights folder.
        name: Key in addresses and file names; the function's name in small letters unless given.
        title: What pages call it; the name unless given.
        year: Of publication; this year unless given.
        paper: Where it comes from.
        idea: What is new in it, in one sentence.
        layer_titles: Names for people, by a layer's name.
        visitor: The only one who finds it in lists; empty for everybody.

    Raises:
        NetworkError: The name is taken or no name, there are no classes, or the numbers for the
            preprocessing do not fit together.
    """

    def add(build: Builder) -> Builder:
        key = name or build.__name__.lower()
        _check_names(key, title or key, classes)
        register(
            NetworkSpec(
                name=key,
                title=title or key,
                year=year or datetime.datetime.now(tz=datetime.UTC).year,
                paper=paper,
                idea=idea,
                changes="Registered by the person who started this app.",
                build=build,
                preprocessing=preprocessing or _prepare(shape, mean, std, resize, digits=digits),
                classes=tuple(classes),
                layer_titles=dict(layer_titles or {}),
                own_file=_find_beside(build, weights),
                is_own=True,
                visitor=visitor,
            )
        )
        _names.append(key)
        return build

    return add


def _prepare(
    shape: tuple[int, int, int],
    mean: float | Sequence[float],
    std: float | Sequence[float],
    resize: int | None,
    *,
    digits: bool,
) -> Preprocessing:
    """Build the preprocessing that the options ask for."""
    means, stds = _spread(mean, shape[0]), _spread(std, shape[0])
    if digits:
        return prepare_digits(shape=shape, mean=means, std=stds)
    return prepare_photographs(shape=shape, mean=means, std=stds, resize=resize)


def load_own_networks() -> None:
    """Run the file named by CNNVIZ_MODELS; what is wrong with it is told by `list_own_problems`.

    What the file registered before an error stays registered.
    """
    file = find_named_path(MODELS_VARIABLE)
    if file is None:
        return
    try:
        run_models_file(file)
    except CNNVizError as error:
        _problems.append(str(error))


def list_own_networks() -> tuple[str, ...]:
    """Return the names of the networks that were registered with the decorator."""
    return tuple(_names)


def list_own_problems() -> tuple[str, ...]:
    """Return what was wrong with the file of CNNVIZ_MODELS, in sentences; empty if nothing was."""
    return tuple(_problems)


def run_models_file(path: Path) -> None:
    """Run a Python file that registers networks.

    Raises:
        NetworkError: There is no such file, or it stopped with an error.
    """
    path = path.resolve()
    spec = importlib.util.spec_from_file_location(_MODULE, path)
    if path.suffix != ".py" or not path.is_file() or spec is None or spec.loader is None:
        raise NetworkError(f"{MODELS_VARIABLE} names “{path}”, which is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE] = module
    folder = str(path.parent)
    if folder not in sys.path:
        sys.path.append(folder)  # for what the file imports from beside it
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise NetworkError(_describe_stop(error, path)) from error


def _describe_stop(error: BaseException, path: Path) -> str:
    """Say where a file stopped and why, in one line."""
    text = " ".join(str(error).split()) or "no message"
    line = error.lineno if isinstance(error, SyntaxError) else None
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == str(path):
            line = frame.lineno
    place = f" at line {line}" if line else ""
    reason = text if isinstance(error, CNNVizError) else f"{type(error).__name__}: {text}"
    return f"{path.name}, named by {MODELS_VARIABLE}, stopped{place}. {reason.rstrip('.')}."


def _check_names(key: str, title: str, classes: Sequence[str]) -> None:
    if not _NAME.fullmatch(key):
        raise NetworkError(
            f"name is “{key}”; write small letters, digits and underscores, a letter first."
        )
    if any(listing.title == title for listing in list_names()):
        raise NetworkError(f"title is “{title}”, which another network has; give another.")
    if isinstance(classes, str) or not classes:
        raise NetworkError(f"classes is {classes!r}; give a list of names, one for each output.")
    if len(classes) == 1:
        raise NetworkError(
            f"classes is {classes!r}; name two, such as “no” and “yes”. A network with one output "
            "then says how much an image is the second."
        )


def _spread(value: float | Sequence[float], channels: int) -> tuple[float, ...]:
    if isinstance(value, Sequence):
        return tuple(float(each) for each in value)
    return (float(value),) * channels


def _find_beside(build: Builder, weights: str | Path | None) -> Path | None:
    if weights is None:
        return None
    path = Path(weights).expanduser()
    return path if path.is_absolute() else Path(inspect.getfile(build)).parent / path
