"""A canvas for objects: shapes by their signed distances, lit like round bodies.

Coordinates run from -1 to 1, x to the right and y down. A distance is negative inside a shape. The
light comes from the upper left, in front. Whatever looks random has a fixed seed.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from cnnviz.images.image import Pixels

SIDE = 256  # ImageNet's networks cut 224 out of the middle of it
PIXEL = 2 / SIDE

Field = npt.NDArray[np.floating[Any]]  # (SIDE, SIDE)
Normals = tuple[Field, Field, Field]  # x, y and z, the last toward the eye
Paint = npt.NDArray[np.floating[Any]]  # (SIDE, SIDE, 3) from 0 to 1
Color = Sequence[float] | Paint  # for all pixels, or for each
Point = tuple[float, float]

_AXIS = (np.arange(SIDE, dtype=np.float32) + 0.5) * np.float32(PIXEL) - 1
X: Field = np.tile(_AXIS, (SIDE, 1))
Y: Field = np.ascontiguousarray(X.T)

_FAR = 1.0
_FINE = 3  # pixels a pixel where Pillow draws a mask
_LIGHT = (-0.45, -0.6, 0.66)
_HALF = (-0.247, -0.329, 0.911)  # between the light and the eye
_AMBIENT, _BRIGHT = 0.38, 1.12


# ---- shapes


def draw_circle(x: float, y: float, radius: float) -> Field:
    """Return the distance to a disc."""
    distance: Field = np.hypot(X - x, Y - y) - radius
    return distance


def draw_ellipse(x: float, y: float, across: float, down: float) -> Field:
    """Return about the distance to an ellipse of these half axes."""
    u, v = (X - x) / across, (Y - y) / down
    length = np.hypot(u, v)
    distance: Field = (length - 1) * length / (np.hypot(u / across, v / down) + 1e-6)
    return distance


def draw_box(x: float, y: float, across: float, down: float, *, corner: float = 0) -> Field:
    """Return the distance to a rectangle of these half sides, with rounded corners."""
    u = np.abs(X - x) - (across - corner)
    v = np.abs(Y - y) - (down - corner)
    outside = np.hypot(np.maximum(u, 0), np.maximum(v, 0))
    distance: Field = outside + np.minimum(np.maximum(u, v), 0) - corner
    return distance


def draw_path(points: Sequence[Point], width: float | Sequence[float]) -> Field:
    """Return the distance to a line of round ends, `width` from its middle to its edge.

    Only near the line; farther away it is 1. With one width a point, the line swells and tapers.
    """
    widths = [width] * len(points) if isinstance(width, int | float) else width
    found = np.full((SIDE, SIDE), _FAR, np.float32)
    for place, ((x, y), (x2, y2)) in enumerate(pairwise(points)):
        thick = max(widths[place : place + 2]) + 3 * PIXEL
        window = (
            _slice(min(y, y2) - thick, max(y, y2) + thick),
            _slice(min(x, x2) - thick, max(x, x2) + thick),
        )
        u, v = X[window] - x, Y[window] - y
        across, down = x2 - x, y2 - y
        along = np.clip((u * across + v * down) / max(across**2 + down**2, 1e-9), 0, 1)
        near = widths[place] + (widths[place + 1] - widths[place]) * along
        distance = np.hypot(u - along * across, v - along * down) - near
        np.minimum(found[window], distance, out=found[window])
    return found


def _slice(low: float, high: float) -> slice:
    return slice(max(0, int((low + 1) / PIXEL)), max(0, int((high + 1) / PIXEL) + 1))


def list_arc(
    x: float, y: float, across: float, start: float, end: float, *, down: float | None = None
) -> list[Point]:
    """Return points of an arc, by angles in degrees, clockwise from the right."""
    angles = [math.radians(start + (end - start) * step / 24) for step in range(25)]
    high = across if down is None else down
    return [(x + across * math.cos(angle), y + high * math.sin(angle)) for angle in angles]


def point_at(angle: float, radius: float, *, x: float = 0, y: float = 0) -> Point:
    """Return the point at this angle, in degrees clockwise from the top."""
    turned = math.radians(angle)
    return x + radius * math.sin(turned), y - radius * math.cos(turned)


def _mask(draw: Any) -> Field:
    """Let Pillow draw white on black, finer than the canvas; the distance is right at edges."""
    image = Image.new("L", (SIDE * _FINE, SIDE * _FINE))
    draw(ImageDraw.Draw(image))
    share = np.asarray(image.reduce(_FINE), np.float32) / 255
    return (0.5 - share) * np.float32(PIXEL)


def _to_fine(point: Point) -> Point:
    half = SIDE * _FINE / 2
    return (point[0] + 1) * half, (point[1] + 1) * half


def draw_polygon(*corners: Sequence[Point]) -> Field:
    """Return the distance to polygons, right near their edges."""

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for points in corners:
            pen.polygon([_to_fine(point) for point in points], fill=255)

    return _mask(draw)


def draw_marks(marks: Iterable[tuple[Point, Point, float]]) -> Field:
    """Return the distance to many straight marks, each of two ends and half a width."""

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for start, end, width in marks:
            thick = max(1, round(width * SIDE * _FINE))
            pen.line((_to_fine(start), _to_fine(end)), fill=255, width=thick)

    return _mask(draw)


def draw_letters(letters: Iterable[tuple[str, Point]], size: int) -> Field:
    """Return the distance to letters, each text in the middle of its place."""
    font = ImageFont.load_default(size * _FINE)

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for text, place in letters:
            pen.text(_to_fine(place), text, fill=255, font=font, anchor="mm")

    return _mask(draw)


def find_nearest(points: Sequence[Point]) -> tuple[Field, Field, npt.NDArray[np.intp]]:
    """Return x and y from the nearest of some points, and which one it is."""
    found = np.full((SIDE, SIDE), np.inf, np.float32)
    which = np.zeros((SIDE, SIDE), np.intp)
    for place, (x, y) in enumerate(points):
        distance = (X - x) ** 2 + (Y - y) ** 2
        closer = distance < found
        found[closer], which[closer] = distance[closer], place
    centers = np.asarray(points, np.float32)[which]
    return X - centers[..., 0], Y - centers[..., 1], which


def turn(degrees: float, *, x: float = 0, y: float = 0) -> tuple[Field, Field]:
    """Return the coordinates of a frame at this point, turned clockwise."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (X - x) * cos + (Y - y) * sin, (Y - y) * cos - (X - x) * sin


# ---- surfaces


def make_noise(seed: int, cells: int, *, octaves: int = 4, stretch: float = 1) -> Field:
    """Return smooth noise from -1 to 1, of so many cells down, with finer and fainter octaves.

    Cells are `stretch` times as wide as they are high.
    """
    dice = np.random.default_rng(seed)
    total, weight = np.zeros((SIDE, SIDE), np.float32), 0.0
    for octave in range(octaves):
        down = min(cells * 2**octave, SIDE)
        coarse = dice.random((down + 1, max(1, round(down / stretch)) + 1), np.float32)
        image = Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        total += np.asarray(image, np.float32) / 2**octave
        weight += 1 / 2**octave
    return 2 * total / weight - 1


def blur(field: Field, radius: float) -> Field:
    """Blur values from 0 to 1."""
    image = Image.fromarray((np.clip(field, 0, 1) * 255).astype(np.uint8))
    blurred = image.filter(ImageFilter.GaussianBlur(radius / PIXEL))
    return np.asarray(blurred, np.float32) / 255


def cover(distance: Field, softness: float = PIXEL) -> Field:
    """Return how much of each pixel lies inside a shape."""
    share: Field = np.clip(0.5 - distance / softness, 0, 1)
    return share


def mix(low: Color, high: Color, share: Field) -> Paint:
    """Go from one color to another where `share` goes from 0 to 1."""
    first, second = np.asarray(low, np.float32), np.asarray(high, np.float32)
    return first + (second - first) * np.clip(share, 0, 1)[..., None]


def light(normals: Normals, color: Color, *, gloss: float = 0.3, sharp: float = 30) -> Paint:
    """Light a surface, whose normals need not have length 1."""
    x, y, z = normals
    length = np.sqrt(x * x + y * y + z * z) + 1e-6
    diffuse, glint = (
        np.clip((x * toward[0] + y * toward[1] + z * toward[2]) / length, 0, 1)
        for toward in (_LIGHT, _HALF)
    )
    shade = _AMBIENT + (_BRIGHT - _AMBIENT) * diffuse
    lit: Paint = (
        np.asarray(color, np.float32) * shade[..., None] + gloss * glint[..., None] ** sharp
    )
    return lit


def find_ball(u: Field, v: Field) -> Normals:
    """Return the normals of a sphere of radius 1; outside it those of its rim."""
    length = np.maximum(np.hypot(u, v), 1)
    u, v = u / length, v / length
    return u, v, np.sqrt(np.maximum(1 - u * u - v * v, 0))


def find_column(u: Field) -> Normals:
    """Return the normals of an upright cylinder of radius 1."""
    x: Field = np.clip(u, -1, 1)
    return x, np.zeros_like(x), np.sqrt(1 - x * x)


def find_relief(height: Field) -> Normals:
    """Return the normals of a surface of these heights above the canvas."""
    down, across = (-np.asarray(slope) for slope in np.gradient(height, PIXEL))
    return across, down, np.ones_like(height)


def find_tube(distance: Field, width: float) -> Normals:
    """Return the normals of a round bar of half this thickness, by the distance to its outline."""
    inside = np.clip(1 + distance / width, 0, 1)  # 0 in the middle, 1 at the edge
    height: Field = np.sqrt(1 - inside * inside) * width
    return find_relief(height)


def roughen(normals: Normals, height: Field) -> Normals:
    """Put a relief of small heights onto a surface."""
    x, y, _ = find_relief(height)
    return normals[0] + x, normals[1] + y, normals[2]


def turn_on_lathe(profile: Sequence[Point], *, x: float = 0) -> tuple[Field, Normals]:
    """Return the distance to a turned body that stands upright, and its normals.

    Args:
        profile: Pairs of y and the radius there, downward.
        x: Where its axis stands.
    """
    levels, radii = zip(*profile, strict=True)
    radius = np.interp(_AXIS, levels, radii).astype(np.float32)[:, None]
    slope = np.gradient(radius[:, 0], PIXEL)[:, None]
    u = np.clip((X - x) / np.maximum(radius, 1e-4), -1, 1)
    middle, half = (levels[0] + levels[-1]) / 2, (levels[-1] - levels[0]) / 2
    distance = np.maximum(np.abs(X - x) - radius, np.abs(Y - middle) - half)
    return distance, (u, -slope + 0 * u, np.sqrt(1 - u * u))


class Canvas:
    """What is drawn so far; `pixels` is (SIDE, SIDE, 3) from 0 to 1."""

    def __init__(self, color: Color) -> None:
        self.pixels = np.empty((SIDE, SIDE, 3), np.float32)
        self.pixels[:] = np.asarray(color, np.float32)

    def fill(
        self, distance: Field, color: Color, *, opacity: float = 1, softness: float = PIXEL
    ) -> None:
        """Fill a shape."""
        self.blend(cover(distance, softness) * opacity, color)

    def blend(self, share: Field, color: Color) -> None:
        """Bring a color in where `share` is above 0."""
        rows, columns = np.flatnonzero(share.any(axis=1)), np.flatnonzero(share.any(axis=0))
        if not rows.size:
            return
        part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        paint = np.asarray(color, np.float32)
        paint = paint[part] if paint.ndim == 3 else paint
        self.pixels[part] += (paint - self.pixels[part]) * share[part][..., None]

    def shade(
        self, distance: Field, *, by: Point = (0.05, 0.07), soft: float = 0.06, depth: float = 0.5
    ) -> None:
        """Let a shape throw its shadow on what is drawn so far, moved `by` this much."""
        shift = (round(by[1] / PIXEL), round(by[0] / PIXEL))
        shadow = blur(np.roll(cover(distance), shift, axis=(0, 1)), soft)
        self.blend(shadow * depth, (0, 0, 0))

    def glow(self, distance: Field, color: Color, *, soft: float, strength: float = 1) -> None:
        """Let a shape shine on what is around it."""
        self.blend(blur(cover(distance), soft) * strength, color)

    def draw_ball(
        self,
        x: float,
        y: float,
        radius: float,
        color: Color,
        *,
        gloss: float = 0.3,
        sharp: float = 30,
    ) -> None:
        """Draw a ball in one color."""
        normals = find_ball((X - x) / radius, (Y - y) / radius)
        self.fill(draw_circle(x, y, radius), light(normals, color, gloss=gloss, sharp=sharp))

    def draw_bar(
        self, points: Sequence[Point], width: float, color: Color, *, gloss: float = 0.3
    ) -> None:
        """Draw a round bar along some points."""
        distance = draw_path(points, width)
        self.fill(distance, light(find_tube(distance, width), color, gloss=gloss))

    def finish(self, *, grain: float = 0.02) -> Pixels:
        """Return the pixels, uint8, with the grain of a camera."""
        dice = np.random.default_rng(0)
        grained = self.pixels + grain * dice.standard_normal((SIDE, SIDE, 1), np.float32)
        pixels: Pixels = np.rint(np.clip(grained, 0, 1) * 255).astype(np.uint8)
        return pixels


# ---- grounds


def paint_turf(seed: int) -> Paint:
    """Return the colors of cut grass."""
    blades = make_noise(seed, 60, octaves=3, stretch=0.25) + 0.5 * make_noise(seed + 1, 6)
    return mix((0.10, 0.27, 0.06), (0.47, 0.66, 0.22), 0.5 + 0.7 * blades)


def paint_wood(seed: int, color: Sequence[float] = (0.55, 0.38, 0.24)) -> Paint:
    """Return the colors of a board of this color."""
    base = np.asarray(color, np.float32)
    return mix(base * 0.72, base * 1.18, 0.5 + make_noise(seed, 40, octaves=3, stretch=12))


def paint_sand(seed: int) -> Paint:
    """Return the colors of dry sand."""
    grains = make_noise(seed, 80, octaves=3)
    return mix((0.78, 0.67, 0.48), (0.94, 0.85, 0.66), 0.5 + grains)


def paint_wall(top: Color, bottom: Color) -> Paint:
    """Return the colors of a plain wall, with a soft change from top to bottom."""
    return mix(top, bottom, (Y + 1) / 2 + 0.15 * make_noise(3, 3))


def paint_sky(seed: int) -> Paint:
    """Return the colors of a blue sky with clouds."""
    blue = mix((0.3, 0.52, 0.85), (0.85, 0.92, 0.97), (Y + 1) / 1.4)
    return mix(blue, (1, 1, 1), np.clip(make_noise(seed, 4, stretch=1.8) * 1.3, 0, 0.9))
