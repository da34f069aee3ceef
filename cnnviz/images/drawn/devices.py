"""Drawings of devices, instruments and signs."""

import numpy as np

from cnnviz.images.drawn.canvas import (
    Canvas,
    Point,
    X,
    Y,
    draw_box,
    draw_circle,
    draw_ellipse,
    draw_letters,
    draw_marks,
    draw_path,
    draw_polygon,
    find_ball,
    find_nearest,
    find_relief,
    find_tube,
    light,
    make_noise,
    mix,
    paint_sky,
    paint_wall,
    paint_wood,
    point_at,
)
from cnnviz.images.drawn.drawing import Drawing
from cnnviz.images.image import Pixels

# The seven segments of a digit, of half width and half height 1, and which ones are lit.
_SEGMENTS: dict[str, tuple[Point, Point]] = {
    "a": ((-1, -1), (1, -1)),
    "b": ((1, -1), (1, 0)),
    "c": ((1, 0), (1, 1)),
    "d": ((-1, 1), (1, 1)),
    "e": ((-1, 0), (-1, 1)),
    "f": ((-1, -1), (-1, 0)),
    "g": ((-1, 0), (1, 0)),
}
_LIT = {"1": "bc", "0": "abcdef", "2": "abged", "8": "abcdefg"}


def _draw_digital_clock() -> Pixels:
    canvas = Canvas(paint_wood(8, (0.4, 0.27, 0.17)))
    canvas.pixels[:100] = (0.55, 0.52, 0.48)
    case = draw_box(0, 0.05, 0.82, 0.4, corner=0.08)
    canvas.shade(case, by=(0.03, 0.12))
    edge = find_relief(-np.maximum(case + 0.12, 0))
    canvas.fill(case, light(edge, (0.1, 0.1, 0.11), gloss=0.4))
    canvas.fill(draw_box(0, 0.05, 0.7, 0.28, corner=0.03), (0.04, 0.01, 0.01))
    lit = np.minimum(*(draw_circle(0, y, 0.025) for y in (-0.03, 0.13)))
    for digit, middle in zip("1028", (-0.5, -0.2, 0.2, 0.5), strict=True):
        for segment in _LIT[digit]:
            ends = [(middle + 0.08 * x, 0.05 + 0.165 * y) for x, y in _SEGMENTS[segment]]
            lit = np.minimum(lit, draw_path(ends, 0.022))
    canvas.glow(lit, (0.9, 0.1, 0.05), soft=0.06, strength=0.6)
    canvas.fill(lit, (1, 0.25, 0.15))
    return canvas.finish()


def _draw_traffic_light() -> Pixels:
    canvas = Canvas(paint_sky(4))
    canvas.draw_bar([(0, 0.6), (0, 1.2)], 0.07, (0.3, 0.32, 0.3))
    case = draw_box(0, -0.05, 0.32, 0.82, corner=0.1)
    canvas.fill(case, light(find_relief(-np.maximum(case + 0.08, 0)), (0.12, 0.13, 0.12)))
    for y, color in (
        (-0.57, (1, 0.37, 0.33)),
        (-0.05, (0.35, 0.27, 0.05)),
        (0.47, (0.05, 0.25, 0.12)),
    ):
        canvas.fill(draw_circle(0, y, 0.235), (0.05, 0.05, 0.05))
        lamp = draw_circle(0, y, 0.2)
        if y == -0.57:
            canvas.glow(lamp, (1, 0.25, 0.15), soft=0.12)
        canvas.fill(lamp, light(find_ball(X / 0.24, (Y - y) / 0.24), color, gloss=0.35))
        hood = np.maximum(np.abs(draw_circle(0, y, 0.235)) - 0.03, Y - y + 0.02)
        canvas.fill(hood, (0.08, 0.08, 0.08))
    return canvas.finish()


def _draw_street_sign() -> Pixels:
    canvas = Canvas(paint_sky(5))
    leaves = mix((0.1, 0.25, 0.07), (0.3, 0.5, 0.18), 0.5 + make_noise(6, 40))
    canvas.fill(0.67 - 0.3 * make_noise(5, 12) - Y, leaves)
    canvas.draw_bar([(0, -0.9), (0, 1.2)], 0.045, (0.6, 0.62, 0.63))
    for x, y, name in ((0.06, -0.45, "MAPLE ST"), (-0.06, -0.1, "FIRST AVE")):
        board = draw_box(x, y, 0.72, 0.15, corner=0.03)
        canvas.shade(board, by=(0.02, 0.03), soft=0.02, depth=0.3)
        canvas.fill(board, (0.95, 0.95, 0.95))
        canvas.fill(board + 0.02, (0.05, 0.4, 0.22))
        canvas.fill(draw_letters([(name, (x, y))], 27), (1, 1, 1))
    return canvas.finish()


def _draw_loudspeaker() -> Pixels:
    canvas = Canvas(paint_wall((0.6, 0.58, 0.55), (0.4, 0.38, 0.36)))
    case = draw_box(0, 0, 0.55, 0.92, corner=0.03)
    canvas.shade(case, by=(0.08, 0.06))
    veneer = mix((0.16, 0.1, 0.07), (0.28, 0.18, 0.12), 0.5 + make_noise(3, 8, stretch=0.1))
    canvas.fill(case, veneer)
    for y, radius in ((0.32, 0.44), (-0.5, 0.24)):
        away = np.hypot(X, Y - y)
        canvas.fill(away - radius, (0.35, 0.35, 0.36))
        canvas.fill(away - radius * 0.93, (0.06, 0.06, 0.06))
        rim = np.abs(away - radius * 0.78) - radius * 0.11
        canvas.fill(rim, light(find_tube(rim, radius * 0.11), (0.13, 0.13, 0.14), gloss=0.4))
        cone = find_relief(0.9 * np.clip(away, radius * 0.2, radius * 0.68))
        canvas.fill(away - radius * 0.67, light(cone, (0.2, 0.2, 0.21)))
        canvas.draw_ball(0, y, radius * 0.25, (0.16, 0.16, 0.17), gloss=0.5)
        u, v, _ = find_nearest([point_at(45 * k + 20, radius * 0.96, y=y) for k in range(8)])
        canvas.fill(np.hypot(u, v) - 0.018, (0.7, 0.7, 0.7))
    return canvas.finish()


def _draw_dial_telephone() -> Pixels:
    canvas = Canvas(paint_wood(17, (0.5, 0.35, 0.22)))
    canvas.pixels[:90] = (0.75, 0.72, 0.66)
    half = [(0.42, -0.28), (0.75, 0.6), (0.7, 0.72)]
    body = draw_polygon([*half, *((-x, y) for x, y in half[::-1])])
    canvas.shade(body, by=(0.05, 0.08))
    front = find_relief(0.2 * Y - 0.9 * np.maximum(np.abs(X) - 0.35, 0))
    canvas.fill(body, light(front, (0.08, 0.08, 0.09), gloss=0.5, sharp=12))
    receiver = draw_path([(-0.66, -0.35), (-0.5, -0.5), (0.5, -0.5), (0.66, -0.35)], 0.1)
    for x in (-0.7, 0.7):
        receiver = np.minimum(receiver, draw_ellipse(x, -0.3, 0.18, 0.17))
    canvas.shade(receiver, by=(0.0, 0.06), soft=0.05)
    black = light(find_tube(receiver, 0.12), (0.1, 0.1, 0.11), gloss=0.7, sharp=12)
    canvas.fill(receiver, black)
    canvas.fill(draw_circle(0, 0.22, 0.37), (0.75, 0.75, 0.77))
    canvas.fill(draw_circle(0, 0.22, 0.345), (0.15, 0.15, 0.16))
    holes = [point_at(30 - 30 * place, 0.26, y=0.22) for place in range(10)]
    u, v, _ = find_nearest(holes)
    canvas.fill(np.hypot(u, v) - 0.058, (0.93, 0.92, 0.88))
    numbers = [(str((place + 1) % 10), hole) for place, hole in enumerate(holes)]
    canvas.fill(draw_letters(numbers, 10), (0.1, 0.1, 0.1))
    canvas.fill(draw_circle(0, 0.22, 0.14), (0.9, 0.88, 0.8))
    return canvas.finish()


def _draw_computer_keyboard() -> Pixels:
    canvas = Canvas(0.2 * np.ones(3) * (1 + 0.1 * make_noise(3, 4))[..., None])
    row = np.clip(np.floor((Y + 0.76) / 0.28), 0, 3)
    u = (X + 1.06 - 0.06 * row) % 0.22 - 0.11
    v = Y + 0.62 - 0.28 * row
    corner = 0.03
    away = np.abs(u) - 0.1 + corner, np.abs(v) - 0.125 + corner
    keys = np.hypot(np.maximum(away[0], 0), np.maximum(away[1], 0)) - corner
    keys = keys + np.minimum(np.maximum(*away), 0)
    keys = np.minimum(keys, draw_box(0, 0.52, 0.6, 0.12, corner=corner))
    canvas.shade(keys, by=(0.015, 0.025), soft=0.02, depth=0.6)
    top = find_relief(-1.2 * np.maximum(keys + 0.035, 0))
    canvas.fill(keys, light(top, (0.1, 0.1, 0.105), gloss=0.25))
    letters = [
        (letter, (-0.97 + 0.22 * column + 0.06 * line, -0.64 + 0.28 * line))
        for line, text in enumerate(("1234567890", "QWERTYUIOP", "ASDFGHJKL;", "ZXCVBNM,./"))
        for column, letter in enumerate(text)
    ]
    canvas.fill(draw_letters(letters, 14), (0.9, 0.9, 0.9))
    return canvas.finish()


def _draw_abacus() -> Pixels:
    canvas = Canvas(paint_wall((0.85, 0.82, 0.75), (0.78, 0.74, 0.68)))
    frame = np.abs(draw_box(0, 0, 0.84, 0.7)) - 0.07
    canvas.shade(frame, by=(0.03, 0.05))
    levels = [-0.52 + 0.21 * row for row in range(6)]
    canvas.fill(draw_marks([((-0.84, y), (0.84, y), 0.01) for y in levels]), (0.5, 0.5, 0.5))
    row = np.clip(np.floor((Y + 0.625) / 0.21), 0, 5).astype(int)
    slot = np.clip(np.floor((X + 0.78) / 0.12), 0, 12).astype(int)
    gap = np.array([6, 3, 2, 4, 7, 1])[row]  # beads on the left; three slots stay empty
    u, v = X + 0.72 - 0.12 * slot, Y + 0.52 - 0.21 * row
    away = np.hypot(u / 0.057, v / 0.088)
    beads = np.where((slot >= gap) & (slot < gap + 3), 1.0, (away - 1) * 0.057)
    canvas.shade(beads, by=(0.02, 0.03), soft=0.02, depth=0.4)
    colors = np.array([(0.85, 0.12, 0.12), (0.95, 0.7, 0.1), (0.15, 0.5, 0.2), (0.12, 0.35, 0.75)])[
        row % 4
    ]
    canvas.fill(beads, light(find_ball(u / 0.1, v / 0.1), colors, gloss=0.6))
    wood = mix((0.5, 0.3, 0.14), (0.7, 0.45, 0.24), 0.5 + make_noise(4, 8, stretch=6))
    canvas.fill(frame, light(find_tube(frame, 0.07), wood))
    return canvas.finish()


def _draw_acoustic_guitar() -> Pixels:
    canvas = Canvas(paint_wall((0.7, 0.66, 0.6), (0.5, 0.46, 0.42)))
    body = np.minimum(draw_ellipse(0, 0.5, 0.43, 0.38), draw_ellipse(0, 0.02, 0.33, 0.28))
    body = np.minimum(body, draw_box(0, 0.22, 0.3, 0.2))
    canvas.shade(body, by=(0.05, 0.04))
    spruce = mix((0.72, 0.42, 0.16), (0.9, 0.62, 0.3), 0.5 + make_noise(3, 30, stretch=0.05))
    canvas.fill(body, spruce)
    canvas.fill(np.abs(body + 0.015) - 0.012, (0.25, 0.12, 0.05))
    canvas.fill(draw_box(0, -0.5, 0.065, 0.55), (0.22, 0.12, 0.07))
    canvas.fill(draw_circle(0, 0.16, 0.14), (0.2, 0.1, 0.04))
    canvas.fill(draw_circle(0, 0.16, 0.115), (0.05, 0.03, 0.02))
    canvas.fill(draw_box(0, 0.55, 0.2, 0.035, corner=0.02), (0.2, 0.1, 0.05))
    canvas.fill(draw_box(0, -0.88, 0.11, 0.14, corner=0.03), (0.35, 0.18, 0.08))
    frets = [((-0.065, y), (0.065, y), 0.005) for y in np.arange(-0.68, -0.05, 0.075).tolist()]
    places = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]
    strings = [((0.018 * at, -0.8), (0.022 * at, 0.55), 0.004) for at in places]
    canvas.fill(draw_marks([*frets, *strings]), (0.88, 0.85, 0.75))
    u, v, _ = find_nearest([(s * 0.14, -0.96 + 0.08 * k) for s in (-1, 1) for k in range(3)])
    canvas.fill(np.hypot(u, v) - 0.025, (0.85, 0.85, 0.85))
    return canvas.finish()


def _draw_manhole_cover() -> Pixels:
    canvas = Canvas(mix((0.25, 0.25, 0.26), (0.5, 0.5, 0.5), 0.5 + make_noise(3, 100, octaves=3)))
    away = np.hypot(X, Y)
    canvas.fill(away - 0.83, (0.12, 0.11, 0.1))
    tiles = np.minimum(np.abs(X * 8 % 1 - 0.5), np.abs(Y * 8 % 1 - 0.5))
    groove = np.clip((np.abs(away - 0.7) - 0.045) * 60, 0, 1)
    height = np.where(away < 0.6, np.clip((tiles - 0.12) * 8, 0, 1), groove)
    iron = mix((0.22, 0.2, 0.18), (0.42, 0.38, 0.34), 0.5 + make_noise(4, 30))
    canvas.fill(away - 0.79, light(find_relief(0.02 * height), iron, gloss=0.35, sharp=10))
    for x in (-0.7, 0.7):
        canvas.fill(draw_circle(x, 0, 0.03), (0.02, 0.02, 0.02))
    return canvas.finish()


def _draw_maze() -> Pixels:
    """A labyrinth of hedges, grown by a walk that turns back where it is shut in."""
    side, dice = 13, np.random.default_rng(5)
    walls = np.ones((2 * side + 1, 2 * side + 1), np.float32)
    way, walls[1, 1] = [(1, 1)], 0
    while way:
        row, column = way[-1]
        steps = ((0, 1), (1, 0), (0, -1), (-1, 0))
        free = [
            (down, across)
            for down, across in steps
            if 0 < row + 2 * down < 2 * side
            and 0 < column + 2 * across < 2 * side
            and walls[row + 2 * down, column + 2 * across]
        ]
        if not free:
            way.pop()
            continue
        down, across = free[int(dice.integers(len(free)))]
        walls[row + down, column + across] = walls[row + 2 * down, column + 2 * across] = 0
        way.append((row + 2 * down, column + 2 * across))
    hedges = np.pad(np.kron(walls, np.ones((9, 9), np.float32)), ((6, 7), (6, 7)))
    canvas = Canvas(mix((0.8, 0.72, 0.55), (0.9, 0.84, 0.7), 0.5 + make_noise(2, 60)))
    canvas.shade((0.5 - hedges) * 0.03, by=(0.03, 0.03), soft=0.02, depth=0.6)
    leaves = mix((0.06, 0.2, 0.05), (0.3, 0.5, 0.16), 0.5 + make_noise(7, 70, octaves=2))
    canvas.fill((0.5 - hedges) * 0.03, leaves)
    return canvas.finish()


def _draw_flagpole() -> Pixels:
    canvas = Canvas(paint_sky(11))
    canvas.draw_bar([(-0.5, -0.85), (-0.5, 1.2)], 0.025, (0.85, 0.85, 0.86))
    canvas.draw_ball(-0.5, -0.9, 0.05, (0.85, 0.7, 0.2))
    wave = np.sin(X * 8 + 1)
    down = Y + 0.78 - 0.06 * wave * (X + 0.5)
    cloth = np.maximum(np.abs(down - 0.34) - 0.34, np.abs(X - 0.07) - 0.55)
    blue, white, red = (0.1, 0.3, 0.65), (0.97, 0.97, 0.95), (0.85, 0.15, 0.15)
    stripes = np.array([blue, white, red])[np.clip(down / 0.227, 0, 2).astype(int)]
    canvas.fill(cloth, light(find_relief(0.04 * wave), stripes, gloss=0))
    return canvas.finish()


DRAWINGS = (
    Drawing("digital clock", _draw_digital_clock),
    Drawing("traffic light", _draw_traffic_light),
    Drawing("street sign", _draw_street_sign),
    Drawing("loudspeaker", _draw_loudspeaker),
    Drawing("dial telephone", _draw_dial_telephone),
    Drawing("computer keyboard", _draw_computer_keyboard),
    Drawing("abacus", _draw_abacus),
    Drawing("acoustic guitar", _draw_acoustic_guitar),
    Drawing("manhole cover", _draw_manhole_cover),
    Drawing("maze", _draw_maze),
    Drawing("flagpole", _draw_flagpole),
)
