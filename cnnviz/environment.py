"""Folders that the environment names."""

import os
from pathlib import Path


def find_named_folder(variable: str) -> Path | None:
    """Return the folder that an environment variable names, None where it names none.

    A leading ~ is the home folder; with the name of a user that there is not, it stays as it is.
    """
    named = os.environ.get(variable, "").strip()
    try:
        return Path(named).expanduser() if named else None
    except RuntimeError:
        return Path(named)
