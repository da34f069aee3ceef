"""The app's colours: orange excites, blue inhibits, the page's own ground is zero."""

import base64
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

Rgb = tuple[int, int, int]

# For things of different kinds: middle tones, told apart on a light and on a dark ground.
CATEGORY_COLORS = (
    "#D1602A", "#3B7DC4", "#4F9A5B", "#9A62B5", "#C39A1B",
    "#1F9C96", "#C8507A", "#7F8BA0", "#A0714A", "#6A67C4",
)  # fmt: skip

# Five stops from the most negative value over zero to the most positive.
_STOPS: dict[bool, tuple[Rgb, ...]] = {
    False: ((8, 48, 107), (66, 133, 205), (252, 251, 248), (240, 120, 40), (127, 39, 4)),
    True: ((158, 208, 255), (40, 108, 190), (18, 21, 28), (214, 92, 20), (255, 214, 150)),
}
_INK: dict[bool, tuple[Rgb, Rgb]] = {
    False: ((252, 251, 248), (29, 36, 51)),
    True: ((18, 21, 28), (233, 230, 223)),
}


@cache
def diverging_table(*, dark: bool) -> npt.NDArray[np.uint8]:
    """Return the signed colour scale, uint8 (256, 3): 0 is −limit, 128 zero, 255 +limit."""
    positions = np.array([0, 64, 128, 192, 255])
    stops = np.array(_STOPS[dark])
    channels = [np.interp(np.arange(256), positions, stops[:, axis]) for axis in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)


@cache
def ink_table(*, dark: bool) -> npt.NDArray[np.uint8]:
    """Return the scale for ink on paper, uint8 (256, 3): 0 is paper, 255 full ink."""
    paper, ink = (np.array(color, dtype=float) for color in _INK[dark])
    weight = np.linspace(0, 1, 256)[:, None]
    return (paper * (1 - weight) + ink * weight).round().astype(np.uint8)


def color_signed(
    values: npt.NDArray[np.floating], *, limit: float | npt.NDArray[np.floating], dark: bool
) -> npt.NDArray[np.uint8]:
    """Colour signed values.

    Args:
        values: Any shape.
        limit: The magnitude that gets the end of the scale; broadcast against `values`.
        dark: Whether the page's ground is dark.

    Returns:
        RGB, uint8 (*shape, 3).
    """
    safe = np.where(np.asarray(limit) > 0, limit, 1.0)
    index = np.clip(np.rint(values / safe * 127), -128, 127).astype(np.int64) + 128
    return diverging_table(dark=dark)[index]


@cache
def pack_tables() -> dict[str, dict[str, str]]:
    """Pack the colour scales by theme and kind: base64 of uint8 (256, 3)."""
    tables = {"signed": diverging_table, "ink": ink_table}
    return {
        theme: {
            kind: base64.b64encode(table(dark=theme == "dark").tobytes()).decode("ascii")
            for kind, table in tables.items()
        }
        for theme in ("light", "dark")
    }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Colored:
    """What the browser paints in the visitor's theme: it takes the colour scales along."""

    tables: dict[str, dict[str, str]] = field(default_factory=pack_tables)
