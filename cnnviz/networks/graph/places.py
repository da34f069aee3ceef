"""Where in its author's own file something about a network stands: for the sentences of errors."""

import sysconfig
import traceback
from pathlib import Path
from types import FrameType, TracebackType

import torch

_NOT_THEIRS = (
    str(Path(torch.__file__).parent),
    str(Path(__file__).parents[2]),
    "<",
)
_STDLIB = sysconfig.get_path("stdlib")
PLACE = "place"  # of a node's meta: file and line of the author's code that computes it


def _is_theirs(file: str) -> bool:
    """Whether a file is a network author's: neither torch's, nor ours, nor made on the fly."""
    in_library = file.startswith(_STDLIB) and "site-packages" not in file
    return not (in_library or file.startswith(_NOT_THEIRS))


def find_place(frame: FrameType | None) -> tuple[str, int] | None:
    """Return file and line of the author's code that runs now, None if none does."""
    while frame is not None:
        if frame.f_code.co_name == "trace_module":
            return None
        if _is_theirs(frame.f_code.co_filename):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


def describe_place(found: tuple[str, int] | None) -> str:
    """Write where something stands in the author's code: “ at line 12 of nets.py”."""
    return f" at line {found[1]} of {Path(found[0]).name}" if found else ""


def find_line(trace: TracebackType | None) -> tuple[str, int] | None:
    """Return file and line of the author's code in which an error arose, None if in none.

    A line of the author's own file goes before one of a library that it calls.
    """
    found = [frame for frame in traceback.extract_tb(trace) if _is_theirs(frame.filename)]
    own = [frame for frame in found if "site-packages" not in frame.filename]
    for frame in reversed(own or found):
        return frame.filename, frame.lineno or 0
    return None


def describe_error(error: BaseException) -> str:
    """Write an error of somebody else's code in one line, without fx's own remarks."""
    text = " ".join(str(error).split())
    text = text.partition(" While executing %")[0]
    return f"{type(error).__name__}: {text[:200]}".rstrip(".: ")
