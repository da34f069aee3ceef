"""Drawings of things of a household."""

import math

import numpy as np

from cnnviz.images.drawn.canvas import (
    Canvas,
    Point,
    X,
    Y,
    cover,
    draw_box,
    draw_circle,
    draw_ellipse,
    draw_letters,
    draw_marks,
    draw_path,
    draw_polygon,
    find_column,
    find_relief,
    find_tube,
    light,
    list_arc,
    make_noise,
    mix,
    paint_sand,
    paint_sky,
    paint_wall,
    paint_wood,
    point_at,
    turn_on_lathe,
)
from cnnviz.images.drawn.drawing import Drawing
from cnnviz.images.image import Pixels

_INK = (0.05, 0.05, 0.06)
_STEEL = (0.8, 0.8, 0.82)


def _draw_wall_clock() -> Pixels:
    canvas = Canvas(paint_wall((0.72, 0.68, 0.58), (0.82, 0.78, 0.68)))
    clock = draw_circle(0, 0, 0.78)
    canvas.shade(clock, by=(0.06, 0.08), soft=0.08)
    rim = np.abs(np.hypot(X, Y) - 0.73) - 0.055
    canvas.fill(clock, light(find_tube(rim, 0.055), (0.15, 0.15, 0.17), gloss=0.8, sharp=20))
    canvas.fill(draw_circle(0, 0, 0.68), (0.97, 0.96, 0.92))
    ticks = [
        (point_at(6 * minute, 0.6 - 0.03 * (minute % 5 == 0)), point_at(6 * minute, 0.65), width)
        for minute in range(60)
        for width in [0.012 if minute % 5 == 0 else 0.004]
    ]
    canvas.fill(draw_marks(ticks), _INK)
    numbers = [(str(hour), point_at(30 * hour, 0.47)) for hour in range(1, 13)]
    canvas.fill(draw_letters(numbers, 26), _INK)
    for angle, length, width in ((304.5, 0.33, 0.03), (54, 0.51, 0.02)):
        hand = draw_path([point_at(angle, -0.08), point_at(angle, length)], width)
        canvas.shade(hand, by=(0.015, 0.02), soft=0.015, depth=0.3)
        canvas.fill(hand, _INK)
    return canvas.finish()


def _draw_flame(canvas: Canvas, y: float, across: float, down: float) -> None:
    flame = draw_ellipse(0, y, across, down) + np.abs(X) * np.clip((y - Y) * 3, 0, 0.5)
    canvas.glow(flame, (1, 0.6, 0.15), soft=0.1, strength=0.7)
    heat = np.hypot(X * 3, Y - y - 0.1) * 1.5
    canvas.fill(flame, mix((1, 0.95, 0.7), (1, 0.65, 0.15), heat), softness=0.05)


def _draw_candle() -> Pixels:
    canvas = Canvas(mix((0.03, 0.02, 0.02), (0.12, 0.07, 0.05), (Y + 1) / 2))
    halo = np.clip(1 - np.hypot(X, (Y + 0.4) * 0.8), 0, 1) ** 2
    canvas.blend(halo * 0.8, (0.7, 0.35, 0.1))
    wax = draw_box(0, 0.5, 0.2, 0.6)
    lit = light(find_column(X / 0.2), (0.95, 0.85, 0.7), gloss=0.1)
    through = np.clip(0.6 - Y * 1.5, 0, 1)[..., None] * np.array((0.25, 0.1, 0.02))
    canvas.fill(wax, lit * np.clip(1.1 - Y * 1.1, 0.15, 1)[..., None] + through)
    canvas.fill(draw_ellipse(0, -0.1, 0.2, 0.05), (1, 0.9, 0.65))
    canvas.fill(draw_path([(0, -0.1), (0.01, -0.24)], 0.012), (0.1, 0.05, 0.03))
    _draw_flame(canvas, -0.38, 0.09, 0.24)
    return canvas.finish()


def _draw_matchstick() -> Pixels:
    canvas = Canvas((0.02, 0.02, 0.03))
    canvas.blend(np.clip(1 - np.hypot(X, Y + 0.35) / 0.9, 0, 1) ** 2 * 0.6, (0.6, 0.25, 0.05))
    stick = draw_path([(0, -0.2), (0.1, 1.2)], 0.04)
    wood = light(find_tube(stick, 0.04), (0.8, 0.6, 0.35))
    canvas.fill(stick, wood * np.clip(1.2 - Y, 0.2, 1)[..., None])
    canvas.fill(draw_ellipse(0, -0.22, 0.07, 0.1), (0.2, 0.05, 0.03))
    _draw_flame(canvas, -0.42, 0.16, 0.36)
    return canvas.finish()


def _draw_hourglass() -> Pixels:
    canvas = Canvas(paint_wall((0.25, 0.3, 0.36), (0.45, 0.5, 0.55)))
    for side in (-1, 1):
        canvas.draw_bar([(side * 0.46, -0.66), (side * 0.46, 0.66)], 0.035, (0.45, 0.25, 0.12))
    levels = np.linspace(-0.62, 0.62, 41).tolist()
    radii = [0.035 + 0.33 * (abs(y) / 0.62) ** 0.8 - max(abs(y) - 0.45, 0) * 0.3 for y in levels]
    glass, normals = turn_on_lathe(list(zip(levels, radii, strict=True)))
    canvas.fill(glass, (0.85, 0.92, 0.95), opacity=0.35)
    grains = 0.5 + make_noise(4, 100, octaves=1)
    sand = light(normals, mix((0.75, 0.55, 0.3), (0.95, 0.78, 0.5), grains), gloss=0)
    above = np.maximum(glass + 0.03, np.maximum(-0.35 - Y, Y))
    heap = np.maximum(glass + 0.03, 0.35 + 0.45 * np.abs(X) - Y)
    canvas.fill(np.minimum(np.minimum(above, heap), draw_box(0, 0.2, 0.008, 0.25)), sand)
    canvas.blend(cover(glass) * 0.5 * (1 - normals[2]) ** 2, (0.95, 0.98, 1))
    wood = mix((0.38, 0.2, 0.09), (0.55, 0.32, 0.16), 0.5 + make_noise(3, 10, stretch=8))
    for y in (-0.72, 0.72):
        board = draw_box(0, y, 0.56, 0.07, corner=0.05)
        canvas.fill(board, light(find_tube(board, 0.07), wood))
    return canvas.finish()


def _draw_coffee_mug() -> Pixels:
    canvas = Canvas(paint_wood(9, (0.55, 0.4, 0.26)))
    canvas.pixels[:110] = (0.78, 0.76, 0.72)
    canvas.shade(draw_ellipse(0.15, 0.66, 0.6, 0.12), by=(0, 0), depth=0.6)
    red = (0.8, 0.12, 0.12)
    canvas.draw_bar(list_arc(0.42, 0.05, 0.3, -100, 100, down=0.36), 0.075, red, gloss=0.5)
    body = np.minimum(draw_box(-0.08, 0.02, 0.5, 0.57), draw_ellipse(-0.08, 0.58, 0.5, 0.12))
    canvas.fill(body, light(find_column((X + 0.08) / 0.5), red, gloss=0.5, sharp=20))
    canvas.fill(draw_ellipse(-0.08, -0.55, 0.5, 0.15), (0.9, 0.3, 0.28))
    mouth = draw_ellipse(-0.08, -0.54, 0.45, 0.12)
    canvas.fill(mouth, (0.35, 0.05, 0.05))
    canvas.fill(np.maximum(mouth, draw_ellipse(-0.08, -0.48, 0.45, 0.12)), (0.2, 0.1, 0.05))
    return canvas.finish()


def _draw_envelope() -> Pixels:
    canvas = Canvas(paint_wood(12, (0.5, 0.36, 0.25)))
    paper = mix((0.86, 0.8, 0.68), (0.94, 0.9, 0.8), 0.5 + make_noise(3, 60))
    back = draw_box(0, 0, 0.82, 0.55, corner=0.01)
    canvas.shade(back)
    canvas.fill(back, paper)
    sides = [[(s * 0.82, -0.55), (s * 0.82, 0.55), (s * 0.05, 0.05)] for s in (-1, 1)]
    canvas.fill(draw_polygon(*sides), paper * np.float32(0.95))
    flaps: list[tuple[list[Point], float, float]] = [
        ([(-0.82, 0.55), (0.82, 0.55), (0, -0.02)], -0.01, 0.97),
        ([(-0.82, -0.55), (0.82, -0.55), (0.04, 0.13), (-0.04, 0.13)], 0.025, 1),
    ]
    for corners, down, tone in flaps:
        flap = draw_polygon(corners)
        canvas.shade(flap, by=(0, down), soft=0.025)
        canvas.fill(flap, paper * np.float32(tone))
    return canvas.finish()


def _draw_bow_tie() -> Pixels:
    canvas = Canvas(paint_wall((0.85, 0.84, 0.82), (0.93, 0.92, 0.9)))
    silk = mix((0.5, 0.02, 0.06), (0.75, 0.06, 0.12), 0.5 + 0.8 * make_noise(4, 8, stretch=3))
    upper = [(0.06, -0.08), (0.4, -0.3), (0.78, -0.34), (0.82, 0)]
    outline = [*upper, *((x, -y) for x, y in upper[::-1])]
    wings = draw_polygon(*([(side * x, y) for x, y in outline] for side in (-1, 1)))
    canvas.shade(wings)
    folds = np.sin(np.arctan2(Y, np.abs(X)) * 16) * np.clip(1 - 1.4 * np.abs(X), 0, 1)
    canvas.fill(wings, light(find_relief(0.02 * folds), silk, gloss=0.25, sharp=12))
    knot = draw_box(0, 0, 0.12, 0.16, corner=0.06)
    canvas.shade(knot, by=(0.02, 0.03), soft=0.03)
    canvas.fill(knot, light(find_tube(knot, 0.12), silk))
    return canvas.finish()


def _draw_safety_pin() -> Pixels:
    canvas = Canvas(paint_wood(15, (0.25, 0.3, 0.4)))
    bend = list_arc(-0.58, 0, 0.14, -90, -270, down=0.16)
    wire = draw_path([(0.6, -0.12), (-0.5, -0.18), *bend, (-0.5, 0.17), (0.62, 0.1)], 0.03)
    coil = np.abs(draw_circle(-0.56, 0, 0.1)) - 0.03
    cap = draw_box(0.66, -0.01, 0.14, 0.2, corner=0.1)
    for part, width in ((wire, 0.03), (coil, 0.03), (cap, 0.2)):
        canvas.shade(part, by=(0.03, 0.06), soft=0.03)
        canvas.fill(part, light(find_tube(part, width), _STEEL, gloss=0.9))
    return canvas.finish()


def _draw_screw() -> Pixels:
    canvas = Canvas(paint_wood(16, (0.45, 0.33, 0.22)))
    shaft, _ = turn_on_lathe([(-0.45, 0.13), (0.5, 0.12), (0.85, 0.01)])
    thread = 2 * np.abs((Y * 9 + X * 1.6) % 1 - 0.5)
    shaft = shaft - 0.06 * thread * np.clip((0.95 - Y) * 2, 0, 1)
    canvas.shade(shaft, by=(0.08, 0.06))
    x, _, z = find_column(X / 0.19)
    canvas.fill(shaft, light((x, 1.1 * (thread - 0.5), z), (0.72, 0.68, 0.55), gloss=0.6, sharp=15))
    head = draw_polygon([(-0.36, -0.66), (0.36, -0.66), (0.14, -0.42), (-0.14, -0.42)])
    x, y, z = find_column(X / 0.36)
    canvas.fill(head, light((x, y + 0.3, z), (0.75, 0.7, 0.56), gloss=0.6))
    canvas.fill(draw_ellipse(0, -0.66, 0.36, 0.1), (0.82, 0.78, 0.62))
    for across, down in ((0.25, 0.025), (0.05, 0.07)):
        canvas.fill(draw_box(0, -0.67, across, down), (0.2, 0.18, 0.15))
    return canvas.finish()


def _draw_pinwheel() -> Pixels:
    canvas = Canvas(paint_sky(17))
    canvas.fill(draw_path([(0, 0), (0.05, 1.2)], 0.025), (0.85, 0.7, 0.45))
    colors = ((0.9, 0.15, 0.2), (0.98, 0.8, 0.1), (0.1, 0.55, 0.85), (0.2, 0.7, 0.3))
    back = [(0, 0), (0.62, 0), (0.62, -0.5), (0.5, -0.35)]
    front = [(0, 0), (0.1, -0.66), (0.35, -0.62), (0.62, -0.48), (0.3, -0.2)]
    for number, color in enumerate(colors):
        cos, sin = (f(math.radians(90 * number - 20)) for f in (math.cos, math.sin))
        under, sail = (
            draw_polygon([(x * cos - y * sin, x * sin + y * cos - 0.15) for x, y in corners])
            for corners in (back, front)
        )
        canvas.fill(under, [0.55 * part for part in color])
        canvas.shade(sail, by=(0.01, 0.02), soft=0.03, depth=0.3)
        bent = np.hypot(X, Y + 0.15)
        canvas.fill(
            sail, mix([0.8 * part for part in color], [1.15 * part for part in color], bent)
        )
    canvas.draw_ball(0, -0.15, 0.06, (0.9, 0.9, 0.9))
    return canvas.finish()


def _draw_sunglasses() -> Pixels:
    canvas = Canvas(paint_sand(9))
    for side in (-1, 1):
        arm = draw_path([(side * 0.75, -0.18), (side * 0.9, -0.45), (side * 0.6, -0.62)], 0.03)
        canvas.shade(arm, by=(0.02, 0.04), soft=0.03)
        canvas.fill(arm, _INK)
    canvas.fill(draw_path(list_arc(0, 0.02, 0.09, 180, 360, down=0.1), 0.03), _INK)
    frame = np.minimum(*(draw_box(side * 0.4, 0.05, 0.36, 0.28, corner=0.2) for side in (-1, 1)))
    canvas.shade(frame, by=(0.03, 0.08))
    edge = np.abs(frame + 0.03) - 0.03
    canvas.fill(frame, light(find_tube(edge, 0.03), (0.04, 0.04, 0.04), gloss=0.9))
    mirrored = (Y + 0.1) * 2.2 + 0.3 * (np.abs(X) - 0.4)
    canvas.fill(frame + 0.05, mix((0.05, 0.05, 0.08), (0.35, 0.3, 0.35), mirrored))
    for x in (-0.4, 0.4):
        streak = np.maximum(frame + 0.06, np.abs(X - x + Y * 0.6 + 0.12) - 0.05)
        canvas.fill(streak, (0.9, 0.92, 0.95), opacity=0.35)
    return canvas.finish()


def _draw_window_shade() -> Pixels:
    canvas = Canvas((0.9, 0.88, 0.84))
    canvas.fill(draw_box(0, 0, 0.85, 1.2), (0.97, 0.98, 1))
    bent = ((Y + 1) * 9 % 1 - 0.5) * 1.2
    slats = light((0 * X, bent, np.sqrt(1 - bent**2)), (0.86, 0.82, 0.74), gloss=0.1)
    area = draw_box(0, -0.1, 0.82, 1.0)
    canvas.fill(area, mix(slats, (0.98, 0.98, 0.95), cover(0.52 - bent, 0.03)))
    for x in (-0.5, 0.5):
        canvas.fill(draw_box(x, -0.1, 0.008, 1.0), (0.7, 0.66, 0.6))
    return canvas.finish()


def _draw_theater_curtain() -> Pixels:
    folds = np.sin(X * 22 + 0.8 * np.sin(X * 5) + 0.15 * Y)
    velvet = light(find_relief(0.025 * folds), (0.7, 0.04, 0.06), gloss=0.15, sharp=10)
    canvas = Canvas(velvet * (0.8 + 0.2 * folds[..., None]))
    swag = Y + 0.72 - 0.13 * np.abs(np.sin(X * 4.7))
    canvas.shade(swag, by=(0, 0.03))
    pleats = 0.006 * np.sin((Y + 0.4 * np.cos(X * 9.4)) * 40)
    canvas.fill(swag, light(find_relief(pleats), (0.62, 0.03, 0.05), gloss=0.1))
    canvas.fill(np.abs(swag) - 0.018, (0.85, 0.65, 0.2))
    canvas.pixels[235:] = paint_wood(3, (0.4, 0.25, 0.14))[235:]
    return canvas.finish()


def _draw_crossword() -> Pixels:
    canvas = Canvas((0.95, 0.94, 0.9))
    side, dice = 11, np.random.default_rng(11)
    black = dice.random((side, side)) < 0.2
    black |= black[::-1, ::-1]  # as the same from below, as puzzles are
    step = 1.9 / side
    begin = black | (np.pad(black, 1, constant_values=True)[:-2, 1:-1])
    begin |= np.pad(black, 1, constant_values=True)[1:-1, :-2]
    squares: list[list[Point]] = []
    numbers: list[tuple[str, Point]] = []
    for (row, column), is_black in np.ndenumerate(black):
        x, y = -0.95 + step * column, -0.95 + step * row
        if is_black:
            squares.append([(x, y), (x + step, y), (x + step, y + step), (x, y + step)])
        elif begin[row, column]:
            numbers.append((str(len(numbers) + 1), (x + 0.25 * step, y + 0.25 * step)))
    rules = [-0.95 + step * place for place in range(side + 1)]
    marks = [((-0.95, at), (0.95, at), 0.006) for at in rules]
    marks += [((at, -0.95), (at, 0.95), 0.006) for at in rules]
    canvas.fill(draw_polygon(*squares), _INK)
    canvas.fill(draw_marks(marks), _INK)
    canvas.fill(draw_letters(numbers, 8), _INK)
    return canvas.finish()


def _draw_chain() -> Pixels:
    canvas = Canvas(paint_wood(20, (0.4, 0.28, 0.2)))
    iron = mix((0.5, 0.5, 0.52), (0.75, 0.75, 0.77), 0.5 + make_noise(9, 20))
    cos, sin = math.cos(math.radians(-30)), math.sin(math.radians(-30))
    for place in range(-4, 5):
        u = (X * cos + Y * sin) - 0.26 * place
        v = Y * cos - X * sin
        if place % 2:
            link = np.hypot(np.maximum(np.abs(u) - 0.17, 0), v) - 0.045
        else:
            link = np.abs(np.hypot(np.maximum(np.abs(u) - 0.11, 0), v) - 0.12) - 0.045
        canvas.shade(link, by=(0.03, 0.05), soft=0.03, depth=0.6)
        canvas.fill(link, light(find_tube(link, 0.045), iron, gloss=0.7, sharp=15))
    return canvas.finish()


def _draw_jack_o_lantern() -> Pixels:
    canvas = Canvas(mix((0.03, 0.03, 0.06), (0.14, 0.09, 0.07), (Y + 1) / 2))
    for x, across in ((-0.42, 0.34), (0.42, 0.34), (-0.22, 0.36), (0.22, 0.36), (0, 0.3)):
        rib = draw_ellipse(x, 0.08, across, 0.58)
        u, v = 0.72 * (X - x) / across, 0.8 * (Y - 0.08) / 0.62
        canvas.shade(rib, by=(0, 0), soft=0.05, depth=0.4)
        normals = u, v, np.sqrt(np.maximum(1 - u * u - v * v, 0.05))
        canvas.fill(rib, light(normals, (0.92, 0.45, 0.06), gloss=0.25))
    canvas.fill(draw_path([(0, -0.45), (0.03, -0.62), (0.12, -0.7)], 0.06), (0.35, 0.4, 0.15))
    upper = [(-0.5, 0.2), (-0.35, 0.32), (-0.28, 0.25), (-0.18, 0.36), (0.0, 0.38), (0.05, 0.3)]
    upper += [(0.12, 0.37), (0.3, 0.32), (0.5, 0.2)]
    lower = [(0.38, 0.45), (0.2, 0.54), (0.12, 0.46), (0.02, 0.56), (-0.2, 0.53), (-0.4, 0.42)]
    eyes = [[(s * 0.42, 0), (s * 0.14, 0), (s * 0.28, -0.25)] for s in (-1, 1)]
    nose = [(-0.07, 0.15), (0.07, 0.15), (0, 0.03)]
    face = draw_polygon(*eyes, nose, [*upper, *lower])
    canvas.glow(face, (1, 0.6, 0.1), soft=0.08, strength=0.6)
    canvas.fill(face, mix((1, 0.95, 0.5), (1, 0.6, 0.08), np.hypot(X, Y - 0.3) * 1.6))
    return canvas.finish()


DRAWINGS = (
    Drawing("wall clock", _draw_wall_clock),
    Drawing("candle", _draw_candle),
    Drawing("matchstick", _draw_matchstick),
    Drawing("hourglass", _draw_hourglass),
    Drawing("coffee mug", _draw_coffee_mug),
    Drawing("envelope", _draw_envelope),
    Drawing("bow tie", _draw_bow_tie),
    Drawing("safety pin", _draw_safety_pin),
    Drawing("screw", _draw_screw),
    Drawing("pinwheel", _draw_pinwheel),
    Drawing("sunglasses", _draw_sunglasses),
    Drawing("window shade", _draw_window_shade),
    Drawing("theater curtain", _draw_theater_curtain),
    Drawing("crossword puzzle", _draw_crossword),
    Drawing("chain", _draw_chain),
    Drawing("jack-o'-lantern", _draw_jack_o_lantern),
)
