"""Which lecture is looked at."""

from dataclasses import dataclass

from cnnviz.lectures import list_lectures
from cnnviz.web.controls.kinds import choice
from cnnviz.web.state import PageState

_TITLES = {lecture.name: lecture.title for lecture in list_lectures()}


@dataclass(frozen=True)
class LecturesControls:
    """The lecture."""

    title: str = choice(_TITLES, "Lecture", look="list")


Page = PageState[LecturesControls]
