"""Names beside points of a chart that do not lie on each other."""

from collections.abc import Sequence
from dataclasses import dataclass

# Of a chart's plot on a laptop and of its text, in pixels; on a wider screen there is more room.
PLOT_WIDTH, PLOT_HEIGHT = 600.0, 380.0
LETTER_WIDTH, LINE_HEIGHT = 6.6, 15.0
_GAP = 3.0
_Box = tuple[float, float, float, float]  # left, lower, right and upper edge
_POSITIONS = {
    "top center": (0, 1),
    "middle left": (-1, 0),
    "bottom center": (0, -1),
    "middle right": (1, 0),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A point with a name.

    Attributes:
        x: Share of the plot's width, from the left.
        y: Share of its height, from below.
        radius: Of the point, in pixels.
        name: What is to stand beside it.
    """

    x: float
    y: float
    radius: float
    name: str


def place_names(points: Sequence[Named]) -> list[str]:
    """Choose where each name stands: as plotly's `textposition`, empty where there is no room.

    Args:
        points: The most important first.
    """
    taken: list[_Box] = []
    found = []
    for point in points:
        chosen = ""
        for position, (across, up) in _POSITIONS.items():
            width = LETTER_WIDTH * len(point.name)
            x = point.x * PLOT_WIDTH + across * (point.radius + _GAP + width / 2)
            y = point.y * PLOT_HEIGHT + up * (point.radius + _GAP + LINE_HEIGHT / 2)
            box = (x - width / 2, y - LINE_HEIGHT / 2, x + width / 2, y + LINE_HEIGHT / 2)
            is_beyond = across != 0 and (box[0] < 0 or box[2] > PLOT_WIDTH)
            if not is_beyond and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                chosen = position
                break
        found.append(chosen)
    return found


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
