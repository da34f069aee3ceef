"""Drawings of food and drink."""

import math

import numpy as np

from cnnviz.images.drawn.canvas import (
    Canvas,
    Point,
    X,
    Y,
    blur,
    cover,
    draw_box,
    draw_circle,
    draw_ellipse,
    draw_letters,
    draw_marks,
    draw_path,
    draw_polygon,
    find_ball,
    find_column,
    find_nearest,
    find_relief,
    find_tube,
    light,
    list_arc,
    make_noise,
    mix,
    paint_wall,
    paint_wood,
    roughen,
    turn,
    turn_on_lathe,
)
from cnnviz.images.drawn.drawing import Drawing
from cnnviz.images.image import Pixels


def _draw_oranges() -> Pixels:
    canvas = Canvas(paint_wood(61, (0.75, 0.72, 0.68)))
    pores = 0.006 * make_noise(4, 80, octaves=2)
    peel = mix((0.9, 0.45, 0.02), (1, 0.6, 0.08), 0.5 + 0.8 * make_noise(5, 5))
    for x, y, radius in ((-0.4, -0.2, 0.4), (0.42, -0.15, 0.42), (0.0, 0.35, 0.45)):
        orange = draw_circle(x, y, radius)
        canvas.shade(orange, by=(0.1, 0.13), soft=0.08)
        normals = roughen(find_ball((X - x) / radius, (Y - y) / radius), pores)
        canvas.fill(orange, light(normals, peel, gloss=0.4, sharp=25))
        stalk = draw_circle(x - 0.08, y - radius * 0.6, 0.03)
        canvas.fill(stalk, (0.35, 0.4, 0.12), softness=0.02)
    return canvas.finish()


def _draw_apple() -> Pixels:
    canvas = Canvas(paint_wood(62, (0.8, 0.78, 0.75)))
    halves = [draw_ellipse(side * 0.22, 0, 0.42, 0.55) for side in (-1, 1)]
    apple = np.minimum(np.minimum(*halves), draw_ellipse(0, 0.05, 0.55, 0.52))
    canvas.shade(apple, by=(0.12, 0.16), soft=0.1)
    peel = mix((0.45, 0.68, 0.1), (0.68, 0.85, 0.25), 0.5 + make_noise(4, 6))
    spots = np.clip((make_noise(5, 60, octaves=1) - 0.55) * 6, 0, 0.6)
    normals = find_ball(X / 0.68, (Y - 0.05) / 0.68)
    canvas.fill(apple, light(normals, mix(peel, (0.85, 0.92, 0.6), spots), gloss=0.55, sharp=40))
    canvas.fill(draw_ellipse(0, -0.42, 0.22, 0.09), (0.25, 0.4, 0.05), softness=0.12, opacity=0.8)
    canvas.fill(
        draw_path(list_arc(0.18, -0.42, 0.18, 180, 250, down=0.35), 0.022), (0.35, 0.22, 0.1)
    )
    return canvas.finish()


def _draw_bananas() -> Pixels:
    canvas = Canvas(paint_wood(64, (0.82, 0.8, 0.78)))
    at = np.linspace(0, 1, 25)
    widths = np.interp(
        at, [0, 0.08, 0.2, 0.5, 0.85, 1], [0.035, 0.05, 0.12, 0.15, 0.1, 0.04]
    ).tolist()
    for x, y, start, end in ((0.1, -0.75, 35, 150), (0.05, -0.6, 30, 148), (-0.02, -0.45, 25, 140)):
        banana = draw_path(list_arc(x, y, 0.82, start, end), widths)
        canvas.shade(banana, by=(0.06, 0.1), depth=0.4)
        peel = mix((0.93, 0.75, 0.1), (1, 0.88, 0.3), 0.5 + make_noise(start, 10))
        angle = np.degrees(np.arctan2(Y - y, X - x))
        ends = np.clip((angle - end + 5) / 4, 0, 1) + np.clip((start + 4 - angle) / 4, 0, 1)
        peel = mix(peel, (0.3, 0.22, 0.08), ends)
        canvas.fill(banana, light(find_tube(banana, 0.14), peel, gloss=0.15))
    return canvas.finish()


def _draw_strawberry(canvas: Canvas, x: float, y: float, tilt: float, size: float) -> None:
    u, v = turn(tilt, x=x, y=y)
    u, v = u / size, v / size
    half = 0.46 * np.sqrt(np.clip(1 - ((v + 0.1) / 0.62) ** 2, 0, 1))
    half = half * (1 - 0.35 * np.clip(v / 0.5, 0, 1))
    fruit = np.maximum(np.abs(u) - half, np.abs(v) - 0.53) * size * 0.8
    canvas.shade(fruit, by=(0.08, 0.12), soft=0.07)
    row = np.floor(v / 0.12)  # seeds in rows, every other row half a seed aside
    across = (u / 0.105 + 0.5 * (row % 2)) % 1 - 0.5
    seed = np.hypot(across * 1.6, v / 0.12 - row - 0.5)
    flesh = mix((0.85, 0.06, 0.08), (0.95, 0.25, 0.15), 0.4 * make_noise(4, 5) - v)
    flesh = mix(flesh, (0.95, 0.8, 0.35), cover((seed - 0.2) * 0.1, 0.02))
    x_normal = np.clip(u / np.maximum(half, 0.02) * 0.95, -1, 1)
    y_normal = np.clip(v / 0.8, -0.8, 0.8)
    toward = np.sqrt(np.maximum(1 - x_normal**2 - y_normal**2, 0.05))
    normals = roughen((x_normal, y_normal, toward), 0.05 * np.clip(seed, 0, 0.4))
    canvas.fill(fruit, light(normals, flesh, gloss=0.45), softness=0.02)
    top = (
        x + 0.5 * size * math.sin(math.radians(tilt)),
        y - 0.5 * size * math.cos(math.radians(tilt)),
    )
    for leaf in range(7):
        cos, sin = (part(math.radians(leaf * 30 + tilt)) for part in (math.cos, math.sin))
        tip = top[0] + 0.3 * size * cos, top[1] + 0.2 * size * abs(sin) + 0.03
        base = [(top[0] - 0.05 * sin, top[1] - 0.05), (top[0] + 0.07 * sin + 0.03, top[1] + 0.06)]
        canvas.fill(draw_polygon([base[0], tip, base[1]]), (0.2 + 0.04 * (leaf % 2), 0.5, 0.15))
    stalk = draw_path([top, (top[0] + 0.05, top[1] - 0.17)], 0.018)
    canvas.fill(stalk, (0.4, 0.6, 0.2))


def _draw_strawberries() -> Pixels:
    canvas = Canvas(paint_wood(65, (0.85, 0.85, 0.86)))
    _draw_strawberry(canvas, -0.3, -0.1, 10, 0.9)
    _draw_strawberry(canvas, 0.38, 0.2, -20, 0.75)
    return canvas.finish()


def _list_pretzel(side: int) -> list[Point]:
    """Return the points of one half of a pretzel, from the middle below around to the cross."""
    turns = [math.radians(20 + 180 * step / 23) for step in range(24)]
    bow = [(0.38 + 0.38 * math.sin(turn), -0.02 + 0.52 * math.cos(turn)) for turn in turns]
    ends = [(0.1, -0.3), (-0.02, -0.1), (-0.12, 0.08), (-0.3, 0.36), (-0.36, 0.5)]
    points = [(-0.02, 0.55), (0.25, 0.54), *bow, *ends]
    return [(side * x, y) for x, y in points]


def _draw_pretzel() -> Pixels:
    canvas = Canvas(paint_wood(67, (0.85, 0.82, 0.78)))
    crust = mix((0.5, 0.24, 0.08), (0.72, 0.4, 0.15), 0.5 + make_noise(4, 9))
    dice = np.random.default_rng(3)
    for side in (1, -1):
        points = _list_pretzel(side)
        strand = draw_path(points, 0.105)
        canvas.shade(strand, by=(0.03, 0.06), soft=0.05)
        canvas.fill(strand, light(find_tube(strand, 0.105), crust, gloss=0.6, sharp=15))
        places = np.array(points)[dice.integers(2, 28, 30)] + dice.normal(0, 0.03, (30, 2))
        salt = [((x - 0.015, y), (x + 0.015, y), 0.013) for x, y in places.tolist()]
        canvas.fill(draw_marks(salt), (0.98, 0.97, 0.95))
    return canvas.finish()


def _draw_pizza() -> Pixels:
    canvas = Canvas(paint_wood(68, (0.5, 0.35, 0.22)))
    edge = draw_circle(0, 0, 0.85) + 0.03 * make_noise(2, 6)
    canvas.shade(edge, by=(0.03, 0.05))
    crust = mix((0.72, 0.45, 0.2), (0.9, 0.7, 0.4), 0.5 + make_noise(7, 12))
    rim = np.abs(np.hypot(X, Y) - 0.78) - 0.1
    canvas.fill(edge, light(find_tube(rim, 0.1), crust, gloss=0.1))
    cheese = mix((0.9, 0.55, 0.15), (0.99, 0.87, 0.5), 0.5 + 1.2 * make_noise(11, 9))
    sauce = np.clip((make_noise(12, 7) - 0.15) * 3, 0, 0.7)
    cheese = light(find_relief(0.03 * make_noise(11, 20)), mix(cheese, (0.75, 0.15, 0.05), sauce))
    canvas.fill(draw_circle(0, 0, 0.72) + 0.08 * make_noise(3, 9), cheese, softness=0.03)
    turns = [(place * 2.4, 0.12 + 0.5 * math.sqrt(place / 11)) for place in range(11)]
    u, v, _ = find_nearest([(r * math.cos(angle), r * math.sin(angle)) for angle, r in turns])
    slices = np.hypot(u, v) - 0.12
    canvas.shade(slices, by=(0.01, 0.02), soft=0.02, depth=0.4)
    meat = mix((0.6, 0.1, 0.05), (0.85, 0.25, 0.15), 0.5 + make_noise(6, 30))
    canvas.fill(slices, light(find_relief(0.02 * make_noise(6, 40)), meat))
    dice = np.random.default_rng(4)
    ends = np.cumsum((dice.uniform(-0.55, 0.55, (14, 2)), dice.normal(0, 0.05, (14, 2))), axis=0)
    basil = [((x, y), (x2, y2), 0.025) for (x, y), (x2, y2) in ends.swapaxes(0, 1).tolist()]
    canvas.fill(draw_marks(basil), (0.15, 0.4, 0.1))
    return canvas.finish()


def _draw_ice_lolly() -> Pixels:
    canvas = Canvas(paint_wall((0.5, 0.75, 0.9), (0.85, 0.93, 0.97)))
    canvas.fill(draw_box(0, 0.72, 0.07, 0.28, corner=0.06), (0.85, 0.7, 0.48))
    top = draw_box(0, -0.2, 0.34, 0.65, corner=0.3)
    ice = np.minimum(top, draw_box(0, 0.15, 0.34, 0.3, corner=0.06))
    canvas.shade(ice, by=(0.06, 0.06), depth=0.3)
    grooves = np.maximum(0.05 - np.abs(np.abs(X) - 0.13), 0) * (np.abs(Y + 0.15) < 0.45)
    x, y, z = find_column(X / 0.36)
    normals = roughen((0.7 * x, y, z), -0.05 * blur(grooves * 10, 0.02))
    color = mix((0.95, 0.2, 0.1), (0.99, 0.65, 0.1), (Y + 0.5) * 0.9)
    canvas.fill(ice, light(normals, color, gloss=0.6, sharp=20), softness=0.015)
    return canvas.finish()


def _draw_mushroom() -> Pixels:
    moss = mix((0.12, 0.16, 0.05), (0.4, 0.4, 0.18), 0.5 + make_noise(8, 30))
    canvas = Canvas(mix(moss, (0.22, 0.24, 0.09), (Y < 0.35).astype(np.float32)))
    stem, normals = turn_on_lathe([(0.0, 0.14), (0.5, 0.16), (0.72, 0.22), (0.8, 0.24)])
    canvas.shade(draw_ellipse(0.1, 0.75, 0.4, 0.12), by=(0, 0), depth=0.6)
    flesh = mix((0.8, 0.74, 0.62), (0.95, 0.92, 0.83), 0.5 + make_noise(3, 12, stretch=0.2))
    canvas.fill(stem, light(normals, flesh, gloss=0.05))
    gills = 0.5 + 0.5 * np.sin(np.arctan2(Y - 0.03, X) * 90)
    canvas.fill(
        draw_ellipse(0, 0.03, 0.6, 0.15), mix((0.55, 0.45, 0.35), (0.85, 0.78, 0.66), gills)
    )
    cap = np.maximum(draw_ellipse(0, 0.05, 0.64, 0.62), Y - 0.05 - 0.05 * np.cos(X * 2))
    skin = mix((0.5, 0.28, 0.12), (0.75, 0.5, 0.28), 0.4 + 0.6 * make_noise(6, 8) - Y)
    canvas.fill(cap, light(find_ball(X / 0.66, (Y - 0.05) / 0.66), skin, sharp=15), softness=0.015)
    return canvas.finish()


def _draw_broccoli() -> Pixels:
    canvas = Canvas(paint_wood(72, (0.85, 0.84, 0.82)))
    for side in (-1, 1):
        canvas.draw_bar([(0, 0.45), (side * 0.4, 0.05)], 0.09, (0.62, 0.74, 0.42), gloss=0.1)
    stem = draw_polygon([(-0.16, 0.0), (0.16, 0.0), (0.12, 0.8), (-0.12, 0.8)])
    canvas.fill(stem, light(find_column(X / 0.16), (0.66, 0.78, 0.46), gloss=0.1))
    buds = make_noise(34, 36, octaves=2)
    green = mix((0.1, 0.28, 0.08), (0.35, 0.58, 0.2), 0.5 + buds)
    sides = [
        (side * x, y, r) for x, y, r in ((0.45, 0, 0.27), (0.28, -0.25, 0.3)) for side in (-1, 1)
    ]
    for x, y, radius in (*sides, (0, -0.4, 0.32), (0, -0.08, 0.3)):
        head = draw_circle(x, y, radius) + 0.05 * buds
        canvas.shade(head, by=(0.02, 0.05), soft=0.05, depth=0.6)
        normals = roughen(find_ball((X - x) / radius, (Y - y) / radius), 0.06 * buds)
        canvas.fill(head, light(normals, green, gloss=0.05), softness=0.02)
    return canvas.finish()


def _draw_red_wine() -> Pixels:
    canvas = Canvas(paint_wall((0.3, 0.26, 0.24), (0.5, 0.42, 0.36)))
    canvas.pixels[200:] = paint_wood(3, (0.45, 0.3, 0.18))[200:]
    bowl = [(-0.7, 0.27), (-0.5, 0.33), (-0.25, 0.34), (0.0, 0.22), (0.1, 0.05)]
    glass, normals = turn_on_lathe([*bowl, (0.55, 0.03), (0.65, 0.08), (0.72, 0.3), (0.74, 0.31)])
    canvas.fill(glass, (0.85, 0.9, 0.95), opacity=0.25)
    wine = np.maximum(glass + 0.03, np.maximum(-0.4 - Y, Y - 0.08))
    canvas.fill(wine, light(normals, (0.4, 0.01, 0.06)))
    canvas.fill(draw_ellipse(0, -0.4, 0.31, 0.05), (0.55, 0.05, 0.1))
    canvas.blend(cover(glass) * 0.7 * (1 - normals[2]) ** 2, (0.95, 0.97, 1))
    rim = np.abs(draw_ellipse(0, -0.7, 0.27, 0.05)) - 0.008
    canvas.fill(rim, (0.9, 0.93, 0.95), opacity=0.8)
    glint = draw_path([(-0.2, -0.6), (-0.25, -0.35), (-0.2, -0.1)], 0.018)
    canvas.fill(glint, (1, 1, 1), opacity=0.6, softness=0.03)
    return canvas.finish()


def _draw_wine_bottle() -> Pixels:
    canvas = Canvas(paint_wall((0.62, 0.58, 0.52), (0.45, 0.4, 0.35)))
    canvas.pixels[215:] = paint_wood(3, (0.45, 0.3, 0.18))[215:]
    neck = [(-0.95, 0.085), (-0.9, 0.085), (-0.89, 0.07), (-0.4, 0.08), (-0.3, 0.12)]
    bottle, normals = turn_on_lathe(
        [*neck, (-0.15, 0.24), (-0.05, 0.26), (0.85, 0.26), (0.9, 0.24)]
    )
    canvas.shade(bottle, by=(0.1, 0.02), soft=0.08)
    canvas.fill(bottle, light(normals, (0.05, 0.13, 0.06), gloss=0.8, sharp=25))
    canvas.fill(np.maximum(bottle, Y + 0.55), light(normals, (0.45, 0.04, 0.08)))
    label = np.maximum(bottle + 0.004, np.abs(Y - 0.35) - 0.28)
    canvas.fill(label, light(normals, (0.93, 0.9, 0.8), gloss=0.05))
    canvas.fill(draw_letters([("ROUGE", (0, 0.25)), ("1998", (0, 0.42))], 15), (0.3, 0.1, 0.1))
    return canvas.finish()


DRAWINGS = (
    Drawing("orange", _draw_oranges),
    Drawing("Granny Smith", _draw_apple),
    Drawing("banana", _draw_bananas),
    Drawing("strawberry", _draw_strawberries),
    Drawing("pretzel", _draw_pretzel),
    Drawing("pizza", _draw_pizza),
    Drawing("ice lolly", _draw_ice_lolly),
    Drawing("mushroom", _draw_mushroom),
    Drawing("broccoli", _draw_broccoli),
    Drawing("red wine", _draw_red_wine),
    Drawing("wine bottle", _draw_wine_bottle),
)
