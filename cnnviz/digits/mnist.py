"""From pen strokes or an image to LeNet's input, the way MNIST was made.

A drawing is a list of strokes; a stroke is a list of points (x, y) with 0 ≤ x, y ≤ 1, origin at
the pad's top left. Ink is a float32 array (H, W), 0 for paper and 1 for full ink.

Source: LeCun, Bottou, Bengio and Haffner 1998, section III.A (the box scaled to fit 20×20, the
centre of mass in the middle of the field) and section II.B (paper −0.1, ink 1.175).
"""

import json
from collections.abc import Sequence
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from cnnviz.digits.ink import find_ink, measure_contrast
from cnnviz.errors import DrawingError
from cnnviz.images.image import CheckedImage, from_array

Ink = npt.NDArray[np.float32]
Stroke = tuple[tuple[float, float], ...]

INPUT_SIDE = 32
FIELD_SIDE = 28
BOX_SIDE = 20
PAPER_VALUE = -0.1
INK_VALUE = 1.175
PAD_PIXELS = 160
PEN_RANGE = (0.02, 0.25)
PEN = 0.08  # of a drawing that is to be looked at as an image
MAX_STROKES = 200
MAX_POINTS = 4000
_NUMBERS = (int, float)
# The longer side of a digit that fills the pad as people fill it, and how far a pen gets finer.
_USUAL_SIZE, _MIN_SCALE = 0.6, 0.25
# Fainter than this is paper: what the box leaves out.
_INK_THRESHOLD = 0.1
_SAMPLES = Path(__file__).parents[2] / "assets" / "digits.json"


def check_strokes(raw: object) -> tuple[Stroke, ...]:
    """Check that something read from outside is a drawing.

    Args:
        raw: A list of strokes, each a list of points [x, y] with numbers from 0 to 1.

    Raises:
        DrawingError: It is not, or it has more than MAX_STROKES strokes or MAX_POINTS points.
    """
    if not isinstance(raw, list):
        raise DrawingError("“strokes” must be a list of strokes, each a list of [x, y] points.")
    if len(raw) > MAX_STROKES:
        raise DrawingError(f"“strokes” has {len(raw)} strokes; send at most {MAX_STROKES}.")
    strokes = []
    points = 0
    for number, stroke in enumerate(raw):
        if not isinstance(stroke, list) or not stroke:
            raise DrawingError(f"Stroke {number} must be a list of at least one [x, y] point.")
        points += len(stroke)
        if points > MAX_POINTS:
            raise DrawingError(f"“strokes” has over {MAX_POINTS} points; send fewer.")
        if not all(map(_is_point, stroke)):
            raise DrawingError(
                f"A point of stroke {number} is not [x, y] with two numbers from 0 to 1."
            )
        strokes.append(tuple((float(x), float(y)) for x, y in stroke))
    return tuple(strokes)


def _is_point(point: object) -> bool:
    # Exact types: bool is an int to isinstance. NaN fails both comparisons.
    return (
        type(point) is list
        and len(point) == 2
        and type(point[0]) in _NUMBERS
        and type(point[1]) in _NUMBERS
        and 0 <= point[0] <= 1
        and 0 <= point[1] <= 1
    )


def check_pen(raw: object) -> float:
    """Check a pen width read from outside: its diameter as a fraction of the pad's side.

    Raises:
        DrawingError: It is no number within PEN_RANGE.
    """
    low, high = PEN_RANGE
    if not isinstance(raw, int | float) or isinstance(raw, bool) or not low <= raw <= high:
        raise DrawingError(f"“pen” must be a number from {low} to {high}, a fraction of the pad.")
    return float(raw)


def rasterize_strokes(strokes: tuple[Stroke, ...], *, pen: float, side: int = PAD_PIXELS) -> Ink:
    """Draw strokes with a round pen, a finer one where the drawing is small.

    Once the drawing is scaled to the network's field, its pen is then as wide as MNIST's writers'.

    Args:
        strokes: The drawing.
        pen: Diameter of the pen as a fraction of the pad's side, for a drawing of usual size.
        side: Side of the image in pixels.

    Returns:
        Ink, (side, side), every pixel 0 or 1.
    """
    image = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(image)
    radius = max(pen * _find_scale(strokes) * side / 2, 0.5)
    for stroke in strokes:
        points = _thin_points([(x * (side - 1), y * (side - 1)) for x, y in stroke], radius / 2)
        draw.line(points, fill=255, width=max(1, round(2 * radius)))
        for x, y in points:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(image, dtype=np.float32) / np.float32(255)


def _find_scale(strokes: tuple[Stroke, ...]) -> float:
    """How large a drawing is, from a quarter to 1: of usual size, or a dot."""
    sides = [max(axis) - min(axis) for axis in zip(*chain(*strokes), strict=True)]
    length = max(sides, default=0.0)
    return max(_MIN_SCALE, min(1.0, length / _USUAL_SIZE)) if length else 1.0


def split_digits(strokes: tuple[Stroke, ...], *, pen: float) -> tuple[tuple[int, ...], ...]:
    """Split a drawing into the digits that stand side by side, from left to right.

    Strokes whose ink lies one above the other belong together. What is less than half as tall as
    the tallest is a part of its neighbor, such as the hat of a 5.

    Args:
        strokes: The drawing.
        pen: Diameter of the pen as a fraction of the pad's side.

    Returns:
        The numbers of each digit's strokes; one group where the drawing is one digit.
    """
    groups: list[list[int]] = []
    reach = -1.0
    for number in sorted(range(len(strokes)), key=lambda each: min(x for x, _ in strokes[each])):
        columns = [x for x, _ in strokes[number]]
        if not groups or min(columns) > reach + pen * _find_scale(strokes):
            groups.append([])
        groups[-1].append(number)
        reach = max(reach, *columns)
    heights = [_measure_height([strokes[number] for number in group]) for group in groups]
    if any(height < max(heights) / 2 for height in heights):
        return (tuple(range(len(strokes))),)
    return tuple(map(tuple, groups))


def _measure_height(strokes: list[Stroke]) -> float:
    rows = [y for stroke in strokes for _, y in stroke]
    return max(rows) - min(rows)


def draw_strokes(
    strokes: Sequence[Sequence[tuple[float, float]]], *, name: str = "drawing"
) -> CheckedImage:
    """Draw strokes as an image: dark ink on white paper.

    Args:
        strokes: Of points (x, y) from 0 to 1.
        name: What captions call it.
    """
    drawing = tuple(tuple((x, y) for x, y in stroke) for stroke in strokes)
    ink = rasterize_strokes(drawing, pen=PEN)
    return from_array((255 * (1 - ink)).round().astype(np.uint8), name=name)


def _thin_points(points: list[tuple[float, float]], step: float) -> list[tuple[float, float]]:
    """Leave out points nearer than `step` to the last one kept; under the pen no one sees them."""
    kept = points[:1]
    for x, y in points[1:]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) > step:
            kept.append((x, y))
    kept.append(points[-1])
    return kept


def ink_from_image(pixels: npt.NDArray[np.uint8]) -> Ink:
    """Take the ink off an image: distance in brightness from the ground, as a fraction.

    Dark ink on light paper and light ink on a dark board both come out bright on black; a table
    around the sheet, a frame and a bar along a side are left out.

    Args:
        pixels: RGB image, uint8 (H, W, 3).

    Returns:
        Ink, float32, of at most 400 a side; all zero where there is none.
    """
    return find_ink(np.asarray(Image.fromarray(pixels).convert("L"), dtype=np.float32))


def find_fault(pixels: npt.NDArray[np.uint8]) -> str | None:
    """Say that an image has no ink; None where it has some."""
    if prepare_image(pixels).max() > PAPER_VALUE:
        return None
    return "There is no ink on this image: choose one of a digit, dark on light or light on dark."


def _take_border(grey: Ink) -> Ink:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def center_digit(ink: Ink) -> Ink:
    """Scale the ink's box to fit 20×20 and set its centre of mass in the middle of 28×28.

    Args:
        ink: Ink of any size, (H, W).

    Returns:
        Ink, (28, 28); all zero if there is none.
    """
    rows = np.flatnonzero((ink > _INK_THRESHOLD).any(axis=1))
    columns = np.flatnonzero((ink > _INK_THRESHOLD).any(axis=0))
    field = np.zeros((FIELD_SIDE, FIELD_SIDE), dtype=np.float32)
    if rows.size == 0:
        return field
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX_SIDE / max(box.shape)
    height, width = (max(1, round(side * scale)) for side in box.shape)
    small = np.asarray(
        Image.fromarray(box).resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32
    )
    top = _centered_offset(small.sum(axis=1), limit=FIELD_SIDE - height)
    left = _centered_offset(small.sum(axis=0), limit=FIELD_SIDE - width)
    field[top : top + height, left : left + width] = small
    return field


def _centered_offset(mass: npt.NDArray[np.float32], *, limit: int) -> int:
    """Offset that brings the mean position of `mass` to the middle of the field, within it.

    MNIST's middle is pixel 14, counted from 0: over its test set the mean of the centres of mass is
    14.0, not 13.5.
    """
    center = float(mass @ np.arange(len(mass), dtype=np.float32)) / float(mass.sum())
    return min(max(round(FIELD_SIDE / 2 - center), 0), limit)


def prepare_image(pixels: npt.NDArray[np.uint8]) -> Tensor:
    """Bring an image to LeNet's input; one that is what LeNet sees already stays as it is.

    That is an image of 32×32 with a dark border. Any other is cut to its ink and centred.

    Args:
        pixels: RGB image, uint8 (H, W, 3).

    Returns:
        Input, float32 (1, 1, 32, 32), paper −0.1 and full ink 1.175.
    """
    return _scale_values(torch.from_numpy(prepare_ink(pixels, side=INPUT_SIDE)))


def prepare_ink(pixels: npt.NDArray[np.uint8], *, side: int) -> Ink:
    """Bring an image to MNIST's field and a margin; one that looks like that stays as it is.

    An image of the input's own size is no photograph: no table or frame is looked for on it.

    Args:
        pixels: RGB image, uint8 (H, W, 3).
        side: Of the result, at least 28.

    Returns:
        Ink, (side, side).
    """
    if pixels.shape[:2] == (side, side):
        grey = np.asarray(Image.fromarray(pixels).convert("L"), dtype=np.float32)
        if np.median(_take_border(grey)) < 128:
            return np.asarray(grey / np.float32(255))
        ink = measure_contrast(grey)
    else:
        ink = ink_from_image(pixels)
    before = (side - FIELD_SIDE) // 2
    return np.pad(center_digit(ink), (before, side - FIELD_SIDE - before))


def to_input(ink: Ink) -> Tensor:
    """Bring ink of any size to LeNet's input.

    Args:
        ink: Ink, (H, W).

    Returns:
        Input, float32 (1, 1, 32, 32), paper −0.1 and full ink 1.175.
    """
    return scale_ink(torch.from_numpy(center_digit(ink)))


def scale_ink(field: Tensor) -> Tensor:
    """Give a field of 28×28 its margin and the paper's pixel scale.

    Args:
        field: Ink from 0 to 1, (28, 28) or (N, 28, 28).

    Returns:
        Input, float32 (N, 1, 32, 32).
    """
    margin = (INPUT_SIDE - FIELD_SIDE) // 2
    padded = torch.nn.functional.pad(field, (margin, margin, margin, margin))
    return _scale_values(padded)


def _scale_values(ink: Tensor) -> Tensor:
    """Ink of 32×32 to the paper's pixel scale, (N, 1, 32, 32)."""
    scaled = ink * (INK_VALUE - PAPER_VALUE) + PAPER_VALUE
    return scaled.reshape(-1, 1, INPUT_SIDE, INPUT_SIDE)


def view_input(x: Tensor) -> npt.NDArray[np.uint8]:
    """Show an input as a grey image, uint8 (32, 32): black paper, white ink."""
    ink = (x.reshape(INPUT_SIDE, INPUT_SIDE) - PAPER_VALUE) / (INK_VALUE - PAPER_VALUE)
    grey: npt.NDArray[np.uint8] = (ink * 255).round().clamp(0, 255).to(torch.uint8).numpy()
    return grey


@cache
def sample_digits() -> tuple[tuple[Stroke, ...], ...]:
    """Return ten drawings, 0 to 9, written as strokes for this project.

    Raises:
        DrawingError: Their file is missing or damaged.
    """
    try:
        drawings = json.loads(_SAMPLES.read_text(encoding="utf-8"))
        return tuple(check_strokes(drawings[str(digit)]) for digit in range(10))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DrawingError(
            f"The file {_SAMPLES.name} of sample digits cannot be read; put it back from the "
            "repository."
        ) from error
