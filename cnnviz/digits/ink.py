"""Ink found on a photograph or screenshot of a digit: what lies around the sheet is left out.

Nothing is learnt here: light and dark regions, their shapes, and a smooth light on the sheet.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

Grey = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_MAX_SIDE = 400
# Grey levels of 255 between ground and ink; a blank sheet's grain and dirt have less.
_MIN_CONTRAST = 30
# A frame within a table within a screenshot.
_MAX_SHEETS = 3
_SHEET_AREA, _SHEET_SIDE, _SHEET_FILL, _SHEET_PAPER = 0.12, 0.25, 0.6, 0.75
_SPAN, _MIN_DIGIT = 0.9, 3e-4
_UNEVEN, _SHARP = 5.0, 0.35
# MNIST's writers: a pen of two to three pixels, in a box of twenty.
_MIN_PEN = 0.1


def find_ink(grey: Grey) -> Grey:
    """Find the ink on an image, as a fraction of its strongest contrast with the ground.

    The ground is what the border shows, so dark ink on light paper and light ink on a dark board
    both come out bright on black. A sheet on a table, a frame and a bar along a side are seen by
    their shapes: a solid region with something in it, or one that spans a whole side.

    Args:
        grey: (H, W), 0 to 255.

    Returns:
        Ink from 0 to 1, of at most 400 a side; all zero where there is none.
    """
    grey = _shrink(grey)
    for _ in range(_MAX_SHEETS):
        sheet = _find_sheet(grey)
        if sheet is None:
            break
        grey = _cut_out(grey, sheet)
    ink = _scale(_measure_distance(_leave_out_bars(grey)))
    return _thicken(ink) if ink.any() else ink


def measure_contrast(grey: Grey) -> Grey:
    """Measure how far each pixel is from the border's level, as a fraction of the farthest.

    Args:
        grey: (H, W), 0 to 255.

    Returns:
        Ink from 0 to 1, (H, W); all zero where there is none.
    """
    return _scale(np.abs(grey - _find_ground(grey)))


def _scale(distance: Grey) -> Grey:
    contrast = float(distance.max())
    if contrast < _MIN_CONTRAST:
        return np.zeros_like(distance)
    return np.asarray(distance / np.float32(contrast), dtype=np.float32)


def _shrink(grey: Grey) -> Grey:
    step = -(-max(grey.shape) // _MAX_SIDE)
    return grey if step == 1 else np.asarray(Image.fromarray(grey).reduce(step))


def _measure_distance(grey: Grey) -> Grey:
    """Measure how far each pixel is from the ground: one level, or a smooth slope of light."""
    ground = _fit_light(grey) if _spread(_take_border(grey)) > _UNEVEN else _find_ground(grey)
    distance: Grey = np.abs(grey - ground)
    return distance


def _find_ground(grey: Grey) -> np.float32:
    return np.float32(np.median(_take_border(grey)))


def _take_border(grey: Grey) -> Grey:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def _spread(values: Grey) -> float:
    low, high = np.percentile(values, (20, 80))
    return float(high - low)


def _fit_light(grey: Grey) -> Grey:
    """Fit a surface of second order to the ground: the pixels that are near to it."""
    height, width = grey.shape
    y, x = (axis.ravel() for axis in np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j])
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1).astype(np.float32)
    values = grey.ravel()
    near = np.ones(values.shape, dtype=bool)
    surface = values
    for _ in range(6):
        weights = np.linalg.lstsq(terms[near], values[near], rcond=None)[0]
        surface = terms @ weights
        apart = np.abs(values - surface)
        near = apart <= max(8.0, 1.5 * float(apart[near].std()))
        if near.sum() < 100:
            break
    fitted: Grey = surface.reshape(grey.shape).astype(np.float32)
    return fitted


def _list_regions(grey: Grey) -> list[Mask]:
    """List the connected regions unlike the border's level, the largest first, without specks."""
    from scipy import ndimage  # takes a while to import, and most visitors draw

    distance = np.abs(grey - _find_ground(grey))
    contrast = float(distance.max())
    if contrast < _MIN_CONTRAST:
        return []
    labels, count = ndimage.label(distance > contrast / 2, structure=np.ones((3, 3)))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    order = np.argsort(-sizes)[:20]
    return [labels == place + 1 for place in order if sizes[place] >= _MIN_DIGIT * grey.size]


def _find_sheet(grey: Grey) -> Mask | None:
    """Find a region as solid as a sheet, filled where something is written on it."""
    from scipy import ndimage

    regions = _list_regions(grey)
    for region in regions[:1]:
        filled: Mask = ndimage.binary_fill_holes(region)
        rows, columns = _find_box(filled)
        sides = (rows.stop - rows.start, columns.stop - columns.start)
        area = int(filled.sum())
        if (
            area >= _SHEET_AREA * filled.size
            and all(a >= _SHEET_SIDE * b for a, b in zip(sides, filled.shape, strict=True))
            and area >= _SHEET_FILL * sides[0] * sides[1]
            and sum(int((each & filled).sum()) for each in regions) >= _SHEET_PAPER * area
            and ndimage.distance_transform_edt(np.pad(filled, 1)).max() >= _SHEET_SIDE * min(sides)
            and _has_sharp_edge(filled, grey)
        ):
            return filled
    return None


def _has_sharp_edge(region: Mask, grey: Grey) -> bool:
    """Whether the level jumps at a region's edge, as no light or shadow on a sheet does."""
    from scipy import ndimage

    inner = region & ~ndimage.binary_erosion(region, iterations=3, border_value=1)
    outer = ndimage.binary_dilation(region, iterations=3) & ~region
    if not inner.any() or not outer.any():
        return True
    jump = abs(float(np.median(grey[inner])) - float(np.median(grey[outer])))
    return bool(jump >= _SHARP * float(np.abs(grey - _find_ground(grey)).max()))


def _find_box(mask: Mask) -> tuple[slice, slice]:
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _cut_out(grey: Grey, sheet: Mask) -> Grey:
    """Cut a sheet out; its edge, and what lies around it, become as its paper."""
    from scipy import ndimage

    edge = 2 + round(0.01 * max(sheet.shape))
    inside = ndimage.binary_erosion(sheet, iterations=edge)
    if not inside.any():
        inside = sheet
    cut = np.where(inside, grey, np.float32(np.median(grey[inside])))
    return np.asarray(cut[_find_box(sheet)], dtype=np.float32)


def _spans_and_touches(region: Mask) -> bool:
    """Whether a region lies along a side of the image, from end to end."""
    rows, columns = _find_box(region)
    height, width = region.shape
    touches_rows = rows.start == 0 or rows.stop == height
    touches_columns = columns.start == 0 or columns.stop == width
    across = touches_rows and columns.stop - columns.start >= _SPAN * width
    along = touches_columns and rows.stop - rows.start >= _SPAN * height
    return bool(across or along)


def _leave_out_bars(grey: Grey) -> Grey:
    """Paint over what lies along a side, unless there is nothing else."""
    from scipy import ndimage

    regions = _list_regions(grey)
    bars = [each for each in regions if _spans_and_touches(each) and _has_sharp_edge(each, grey)]
    if not bars or len(bars) == len(regions):
        return grey
    left_out: Mask = np.zeros(grey.shape, dtype=bool)
    for bar in bars:
        left_out |= ndimage.binary_dilation(ndimage.binary_fill_holes(bar), iterations=3)
    if left_out.all():  # a frame, of which the holes are filled
        return grey
    painted: Grey = np.where(left_out, np.float32(np.median(grey[~left_out])), grey)
    return painted


def _thicken(ink: Grey) -> Grey:
    """Draw thin lines with a pen as wide, for their box, as the writers of MNIST had."""
    from scipy import ndimage

    mask = ink > 0.5
    rows, columns = _find_box(mask)
    side = max(rows.stop - rows.start, columns.stop - columns.start)
    # Across a line of width w the mean distance to its edge is w / 4.
    width = 4 * float(ndimage.distance_transform_edt(mask)[mask].mean()) - 1
    lacking = round(_MIN_PEN * side - width)
    if lacking < 1:
        return ink
    padded = np.pad(ink, lacking)
    thick: Grey = ndimage.grey_dilation(padded, size=(lacking + 1, lacking + 1))
    return thick
