"""Drawings of balls and of what flies."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnviz.images.drawn.canvas import (
    Canvas,
    Color,
    Field,
    X,
    Y,
    blur,
    cover,
    draw_box,
    draw_circle,
    draw_ellipse,
    draw_marks,
    draw_path,
    draw_polygon,
    find_ball,
    find_nearest,
    light,
    make_noise,
    mix,
    paint_sand,
    paint_sky,
    paint_turf,
    paint_wood,
    roughen,
    turn,
    turn_on_lathe,
)
from cnnviz.images.drawn.drawing import Drawing
from cnnviz.images.image import Pixels

Vectors = npt.NDArray[np.floating[Any]]
_GOLDEN = (1 + math.sqrt(5)) / 2


def _see_globe(radius: float, *turns: tuple[str, float]) -> Vectors:
    """Return where each pixel lies on a ball in the middle, (H, W, 3), turned about axes."""
    globe = np.stack(find_ball(X / radius, Y / radius), axis=-1)
    for axis, degrees in turns:
        first, second = {"x": (1, 2), "y": (0, 2), "z": (0, 1)}[axis]
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        a, b = globe[..., first].copy(), globe[..., second].copy()
        globe[..., first], globe[..., second] = cos * a - sin * b, sin * a + cos * b
    return globe


def _lay_ball(
    ground: Color, radius: float, color: Color, *, gloss: float = 0.2, bumps: Field | None = None
) -> Pixels:
    """Draw a ball in the middle of a ground that it throws its shadow on."""
    canvas = Canvas(ground)
    canvas.shade(draw_ellipse(0.1, 0.88 * radius, radius, 0.25 * radius), by=(0, 0), depth=0.75)
    normals = find_ball(X / radius, Y / radius)
    normals = normals if bumps is None else roughen(normals, bumps)
    canvas.fill(draw_circle(0, 0, radius), light(normals, color, gloss=gloss))
    return canvas.finish()


def _draw_golf_ball() -> Pixels:
    numbers = np.arange(340) + 0.5  # dimples, evenly over the ball by a Fibonacci spiral
    z = 1 - 2 * numbers / 340
    across, around = np.sqrt(1 - z * z), 2 * math.pi * _GOLDEN * numbers
    dimples = np.stack((across * np.cos(around), across * np.sin(around), z), axis=-1)
    seen = dimples[z > -0.05].astype(np.float32)
    nearest = (_see_globe(0.55).reshape(-1, 3) @ seen.T).max(axis=1).reshape(X.shape)
    within = np.clip(np.arccos(np.clip(nearest, -1, 1)) / 0.082, 0, 1)
    return _lay_ball(
        paint_turf(3), 0.55, (0.93, 0.93, 0.92), bumps=-0.016 * np.sqrt(1.2 - within**2)
    )


def _draw_tennis_ball() -> Pixels:
    globe = _see_globe(0.6, ("y", 40), ("x", 25))
    fuzz = make_noise(8, 110, octaves=2)
    around, z = np.arctan2(globe[..., 1], globe[..., 0]), globe[..., 2]
    seam = np.abs(z - 0.55 * np.sin(2 * around) * np.sqrt(1 - np.minimum(z * z, 1)))
    felt = mix((0.68, 0.78, 0.12), (0.87, 0.95, 0.28), 0.5 + 0.9 * fuzz)
    court = mix((0.16, 0.33, 0.5), (0.24, 0.45, 0.62), 0.5 + make_noise(5, 90, octaves=2))
    court = mix(court, (0.9, 0.92, 0.92), cover(draw_path([(-1.2, 0.9), (1.2, 0.55)], 0.05)))
    return _lay_ball(court, 0.6, mix(felt, (0.93, 0.95, 0.88), cover(seam - 0.06, 0.03)), gloss=0)


def _draw_basketball() -> Pixels:
    globe = _see_globe(0.68, ("y", 25), ("z", 20))
    x, y, z = globe[..., 0], globe[..., 1], globe[..., 2]
    seam = np.minimum(np.abs(x), np.abs(y))
    for side in (-1, 1):
        seam = np.minimum(seam, np.abs(np.hypot(x - side * 1.15, z * 0.9) - 0.72))
    pebbles = 0.5 + 0.6 * make_noise(2, 120, octaves=1)
    skin = mix((0.72, 0.30, 0.10), (0.90, 0.45, 0.17), pebbles)
    skin = mix(skin, (0.07, 0.05, 0.05), cover(seam - 0.022, 0.02))
    return _lay_ball(paint_wood(11, (0.78, 0.58, 0.36)), 0.68, skin)


def _draw_soccer_ball() -> Pixels:
    """A truncated icosahedron, blown up: pentagons at its corners, hexagons at its faces."""
    some = [(0.0, a, b * _GOLDEN) for a in (-1, 1) for b in (-1, 1)]
    corners = np.concatenate([np.roll(some, axis, axis=1) for axis in range(3)])
    corners /= np.linalg.norm(corners[0])
    near = (corners @ corners.T > 0.4) & ~np.eye(12, dtype=bool)
    faces = np.array(
        [
            corners[[i, j, k]].sum(axis=0)
            for i in range(12)
            for j in range(i)
            for k in range(j)
            if near[i, j] and near[i, k] and near[j, k]
        ]
    )
    faces /= np.linalg.norm(faces[0])
    # How far out the planes of pentagons and hexagons lie, of the circumscribed radius.
    planes = np.concatenate((corners / 0.9393, faces / 0.9149)).astype(np.float32)
    globe = _see_globe(0.64, ("x", 22), ("y", 15)).reshape(-1, 3)
    reach = globe @ planes.T
    is_black = (reach.argmax(axis=1) < 12).reshape(X.shape)
    first, second = np.partition(reach, -2, axis=1)[:, -2:].T[::-1]
    seam = (first - second).reshape(X.shape)
    leather = mix((0.92, 0.92, 0.92), (0.08, 0.08, 0.08), is_black.astype(np.float32))
    leather = mix(leather, (0.35, 0.35, 0.36), cover(seam - 0.016, 0.014))
    return _lay_ball(paint_turf(7), 0.64, leather)


def _draw_baseball() -> Pixels:
    globe = _see_globe(0.62, ("z", 25))
    leather = mix((0.86, 0.84, 0.8), (0.95, 0.94, 0.9), 0.5 + make_noise(4, 30))
    for side in (-1, 1):
        x, y = globe[..., 0] - side * 1.28, globe[..., 1]
        off = np.abs(np.hypot(x, y) - 0.9)
        stitch = np.abs((np.arctan2(y, -side * x) * 14 + 6 * off) % 1 - 0.5) - 0.16
        leather = mix(leather, (0.6, 0.58, 0.55), cover(off - 0.012, 0.02))
        red = np.maximum(stitch * 0.12, off - 0.085)
        leather = mix(leather, (0.75, 0.1, 0.12), cover(red, 0.025))
    return _lay_ball(paint_turf(21), 0.62, leather, gloss=0.1)


def _draw_volleyball() -> Pixels:
    """Six faces of a cube, blown up, of three strips each."""
    globe = _see_globe(0.66, ("x", 30), ("y", -35))
    face = np.abs(globe).argmax(axis=-1)[..., None]
    u, v = (np.take_along_axis(globe, (face + step) % 3, axis=-1)[..., 0] for step in (1, 2))
    high = np.abs(globe).max(axis=-1)
    u, v = np.abs(u / high), np.abs(v / high)
    seam = np.minimum(np.minimum(np.abs(u - 1), np.abs(u - 0.34)), np.abs(v - 1))
    leather = mix((0.94, 0.94, 0.9), (0.3, 0.3, 0.32), cover(seam - 0.018, 0.02))
    return _lay_ball(paint_sand(9), 0.66, leather)


def _draw_croquet_ball() -> Pixels:
    canvas = Canvas(paint_turf(41))
    canvas.shade(draw_ellipse(0.1, 0.5, 0.45, 0.12), by=(0, 0), depth=0.75)
    canvas.draw_ball(0, 0.1, 0.45, (0.8, 0.07, 0.08), gloss=0.5, sharp=50)
    hoop = [(-0.75, 0.7), (-0.75, -0.8), (0.72, -0.8), (0.72, 0.7)]
    canvas.draw_bar(hoop, 0.035, (0.9, 0.9, 0.9))
    return canvas.finish()


def _draw_rugby_ball() -> Pixels:
    canvas = Canvas(paint_turf(31))
    canvas.shade(draw_ellipse(0.1, 0.4, 0.75, 0.18), by=(0, 0), depth=0.7)
    tilt = math.radians(-20)
    u, v = turn(-20)
    u, v = u / 0.78, v / 0.46
    leather = mix(
        (0.93, 0.92, 0.9), (0.05, 0.2, 0.55), cover(np.abs(np.abs(u) - 0.64) - 0.09, 0.01)
    )
    middle = np.abs(v / np.sqrt(np.maximum(1 - u * u, 0.01)) + 0.1) - 0.012
    leather = mix(leather, (0.3, 0.3, 0.3), cover(middle, 0.02))
    along, across, toward = find_ball(u, v)
    normals = (
        along * 0.59 * math.cos(tilt) - across * math.sin(tilt),
        along * 0.59 * math.sin(tilt) + across * math.cos(tilt),
        toward,
    )
    canvas.fill((np.hypot(u, v) - 1) * 0.46, light(normals, leather, gloss=0.2))
    return canvas.finish()


def _draw_pool_table() -> Pixels:
    canvas = Canvas(paint_wood(30, (0.4, 0.22, 0.1)))
    cloth = [(-0.62, -0.6), (0.62, -0.6), (1.0, 0.75), (-1.0, 0.75)]
    green = 0.5 + make_noise(4, 90, octaves=1) - Y * 0.3
    canvas.fill(draw_polygon(cloth), mix((0.02, 0.38, 0.2), (0.05, 0.48, 0.27), green))
    for x, y in ((0.64, -0.62), (0.8, 0.05), (0.98, 0.76)):
        for side in (-1, 1):
            canvas.fill(draw_ellipse(side * x, y, 0.09, 0.06), (0.02, 0.02, 0.02))
    rack = [
        ((i - row / 2) * 0.145, -0.05 - row * 0.105) for row in range(4) for i in range(row + 1)
    ]
    colors = np.array(
        [
            (0.95, 0.75, 0.1), (0.1, 0.2, 0.65), (0.85, 0.1, 0.1), (0.35, 0.1, 0.45),
            (0.9, 0.4, 0.1), (0.1, 0.4, 0.2), (0.5, 0.1, 0.1), (0.05, 0.05, 0.05),
            (0.95, 0.8, 0.2), (0.15, 0.3, 0.7), (0.95, 0.95, 0.92),
        ]
    )  # fmt: skip
    u, v, which = find_nearest([*rack, (0.1, 0.45)])
    radius = np.where(which == 10, 0.09, 0.068).astype(np.float32)
    balls = np.hypot(u, v) - radius
    canvas.shade(balls, by=(0.02, 0.04), soft=0.03)
    canvas.fill(balls, light(find_ball(u / radius, v / radius), colors[which], gloss=0.8, sharp=50))
    canvas.draw_bar([(0.18, 0.62), (0.6, 1.2)], 0.025, (0.8, 0.6, 0.35))
    return canvas.finish()


def _draw_balloons() -> Pixels:
    canvas = Canvas(paint_sky(6))
    for x, y, color in (
        (-0.38, -0.1, (0.9, 0.1, 0.12)),
        (0.4, -0.2, (0.98, 0.8, 0.1)),
        (0.02, -0.42, (0.1, 0.45, 0.9)),
    ):
        canvas.fill(draw_path([(x, y + 0.42), (x * 0.6, y + 0.8), (0.02, 1.2)], 0.006), (0.9,) * 3)
        steps = np.linspace(0, 1, 30)
        profile = [
            (y - 0.42 + 0.84 * step, 0.34 * math.sqrt(max(math.sin(math.pi * step**0.85), 0)))
            for step in steps.tolist()
        ]
        body, normals = turn_on_lathe(profile, x=x)
        knot = draw_polygon([(x - 0.04, y + 0.48), (x + 0.04, y + 0.48), (x, y + 0.4)])
        canvas.fill(knot, np.asarray(color) * 0.8)
        canvas.fill(body, light(normals, color, gloss=0.7, sharp=60))
    return canvas.finish()


def _draw_parachute() -> Pixels:
    canvas = Canvas(mix((0.2, 0.45, 0.85), (0.7, 0.85, 0.97), (Y + 1) / 2))
    lines = [((-0.75 + 0.15 * place, -0.1), (0.0, 0.62), 0.004) for place in range(11)]
    canvas.fill(draw_marks(lines), (0.9, 0.9, 0.9))
    edge = 0.8 * np.sqrt(np.maximum(1 - ((Y + 0.1) / 0.62) ** 2, 1e-3))
    gore = np.floor((np.arcsin(np.clip(X / edge, -1, 1)) / math.pi + 0.5) * 12) % 2
    cloth = mix((0.92, 0.2, 0.12), (0.95, 0.95, 0.93), gore)
    canopy = np.maximum(draw_ellipse(0, -0.1, 0.8, 0.62), Y + 0.12 + 0.03 * np.cos(X * 24))
    canvas.fill(canopy, light(find_ball(X / 0.8, (Y + 0.1) / 0.8), cloth, gloss=0.05))
    canvas.fill(draw_circle(0, 0.62, 0.05), (0.2, 0.15, 0.1))
    canvas.fill(draw_path([(0, 0.68), (0, 0.82)], 0.05), (0.2, 0.25, 0.2))
    for side in (-1, 1):
        canvas.fill(draw_path([(0, 0.85), (side * 0.05, 0.97)], 0.025), (0.15, 0.15, 0.15))
    return canvas.finish()


def _draw_bubbles() -> Pixels:
    leaves = blur(0.5 + make_noise(13, 5) * 1.2, 0.1)
    canvas = Canvas(mix((0.08, 0.2, 0.12), (0.35, 0.55, 0.3), leaves))
    for x, y, radius in ((-0.1, -0.05, 0.6), (0.6, 0.6, 0.22), (-0.65, 0.68, 0.16)):
        _, down, toward = find_ball((X - x) / radius, (Y - y) / radius)
        phases = [1.8 * toward + 0.4 * down + third / 3 for third in range(3)]
        film = np.stack([0.725 + 0.275 * np.cos(2 * math.pi * phase) for phase in phases], axis=-1)
        rim = cover(draw_circle(x, y, radius)) * (0.12 + 0.8 * (1 - toward) ** 1.5)
        canvas.blend(rim, film)
        for side, size, strength in ((-0.43, 0.16, 1), (0.5, 0.1, 0.6)):
            glint = draw_ellipse(x + radius * side, y + radius * side, radius * size, radius * 0.1)
            canvas.fill(glint, (1, 1, 1), softness=0.06, opacity=strength)
    return canvas.finish()


def _draw_dumbbell() -> Pixels:
    canvas = Canvas(paint_wood(51, (0.6, 0.6, 0.6)))
    canvas.shade(draw_box(0, 0.05, 0.7, 0.3), by=(0.05, 0.1))
    canvas.draw_bar([(-0.6, 0), (0.6, 0)], 0.07, (0.75, 0.76, 0.78), gloss=0.7)
    for x, half in ((0.42, 0.36), (0.55, 0.42), (0.68, 0.36)):
        down = np.clip(Y / half, -1, 1)
        steel = light((0 * X, down, np.sqrt(1 - down**2)), (0.13, 0.13, 0.14), gloss=0.5, sharp=15)
        for side in (-1, 1):
            canvas.fill(draw_box(side * x, 0, 0.065, half, corner=0.03), steel)
    return canvas.finish()


DRAWINGS = (
    Drawing("golf ball", _draw_golf_ball),
    Drawing("tennis ball", _draw_tennis_ball),
    Drawing("basketball", _draw_basketball),
    Drawing("soccer ball", _draw_soccer_ball),
    Drawing("baseball", _draw_baseball),
    Drawing("volleyball", _draw_volleyball),
    Drawing("croquet ball", _draw_croquet_ball),
    Drawing("rugby ball", _draw_rugby_ball),
    Drawing("pool table", _draw_pool_table),
    Drawing("balloon", _draw_balloons),
    Drawing("parachute", _draw_parachute),
    Drawing("bubble", _draw_bubbles),
    Drawing("dumbbell", _draw_dumbbell),
)
