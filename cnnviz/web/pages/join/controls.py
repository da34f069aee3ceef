"""The class that a phone follows."""

from dataclasses import dataclass

from cnnviz.classroom.store import CODE_LENGTH
from cnnviz.web.controls.kinds import text


@dataclass(frozen=True)
class JoinControls:
    """The code of the class."""

    code: str = text("Code", longest=CODE_LENGTH)
