"""The files that a picture of a page is made of: markup, styles and scripts, put together."""

from pathlib import Path

_FOLDER = Path(__file__).parent / "components"


def read_files(*names: str) -> str:
    """Return these files of the components' folder, one after the other."""
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


def read_styles(*names: str) -> str:
    """Return these style sheets behind the one that all pictures share."""
    return read_files("base.css", *names)
