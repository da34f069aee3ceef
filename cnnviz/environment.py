"""Folders and files that the environment names."""

import os
from pathlib import Path

CLASSES_VARIABLE = "CNNVIZ_CLASSES"


def find_named_path(variable: str) -> Path | None:
    """Return the folder or file that an environment variable names, None where it names none.

    A leading ~ is the home folder; with the name of a user that there is not, it stays as it is.
    """
    named = os.environ.get(variable, "").strip()
    try:
        return Path(named).expanduser() if named else None
    except RuntimeError:
        return Path(named)


def find_class_folder() -> Path | None:
    """Return the folder that CNNVIZ_CLASSES names, None where it names none."""
    return find_named_path(CLASSES_VARIABLE)
