"""Drawings of animals, flowers and views."""

import math
from itertools import pairwise

import numpy as np

from cnnviz.images.drawn.canvas import (
    Canvas,
    Color,
    Point,
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
    find_column,
    find_nearest,
    find_tube,
    light,
    make_noise,
    mix,
    paint_sand,
    paint_sky,
    paint_turf,
    point_at,
    roughen,
    turn_on_lathe,
)
from cnnviz.images.drawn.drawing import Drawing
from cnnviz.images.image import Pixels

_BLACK = (0.05, 0.04, 0.04)


def _draw_jellyfish() -> Pixels:
    canvas = Canvas(mix((0.02, 0.12, 0.4), (0.01, 0.03, 0.15), (Y + 1) / 2))
    down = np.linspace(0, 0.95, 14)
    for number in range(13):
        across = (-0.42 + 0.07 * number) * (1 + 0.3 * down)
        across += 0.05 * np.sin(7 * down + number * 1.7)
        arm = draw_path(list(zip(across.tolist(), down.tolist(), strict=True)), 0.008)
        canvas.fill(arm, (0.75, 0.7, 0.95), opacity=0.55, softness=0.02)
    for number in range(4):
        across = -0.2 + 0.13 * number + 0.05 * np.sin(10 * down + number)
        arm = draw_path(list(zip(across.tolist(), (0.9 * down - 0.1).tolist(), strict=True)), 0.045)
        canvas.fill(arm, (0.95, 0.75, 0.85), opacity=0.45, softness=0.06)
    bell = np.maximum(draw_ellipse(0, -0.1, 0.58, 0.62), Y - 0.02 - 0.03 * np.cos(X * 40))
    rim = 1 - find_ball(X / 0.6, (Y + 0.1) / 0.6)[2]
    canvas.glow(bell, (0.5, 0.5, 0.9), soft=0.1, strength=0.4)
    canvas.blend(cover(bell) * (0.35 + 0.6 * rim), mix((0.85, 0.75, 0.95), (0.98, 0.92, 1), rim))
    for x, y in ((-0.17, -0.24), (0.17, -0.24), (0, -0.3)):
        ring = np.abs(draw_ellipse(x, y, 0.13, 0.12)) - 0.02
        canvas.fill(ring, (0.95, 0.6, 0.8), opacity=0.6, softness=0.03)
    canvas.fill(draw_ellipse(-0.2, -0.5, 0.16, 0.07), (1, 1, 1), softness=0.1, opacity=0.6)
    return canvas.finish()


def _draw_starfish() -> Pixels:
    canvas = Canvas(paint_sand(9))
    away = [step / 11 for step in range(12)]
    widths = [0.2 * (1 - share) + 0.05 for share in away]
    star = np.ones_like(X)
    for arm in range(5):
        points = [point_at(72 * arm + 9 + 12 * share**2, 0.78 * share) for share in away]
        star = np.minimum(star, draw_path(points, widths))
    canvas.shade(star, by=(0.04, 0.06), soft=0.05)
    warts = make_noise(4, 60, octaves=1)
    skin = mix((0.8, 0.3, 0.1), (0.98, 0.6, 0.25), 0.4 + 0.9 * warts)
    canvas.fill(star, light(roughen(find_tube(star, 0.2), 0.03 * warts), skin, gloss=0.1))
    return canvas.finish()


def _draw_sea_urchin() -> Pixels:
    canvas = Canvas(mix((0.05, 0.2, 0.25), (0.35, 0.5, 0.45), 0.5 + make_noise(9, 14)))
    canvas.shade(draw_circle(0, 0.05, 0.7), by=(0.05, 0.1), soft=0.15)
    dice = np.random.default_rng(3)
    for layer in range(6):  # the spines that point at the viewer come last
        out = np.sqrt(1 - ((layer + dice.random(26)) / 6) ** 2).tolist()
        angles = dice.uniform(0, 360, 26).tolist()
        spines = [
            (point_at(angle, 0.25 * reach), point_at(angle, 0.85 * reach), 0.014)
            for angle, reach in zip(angles, out, strict=True)
        ]
        tone = 0.14 + 0.045 * layer
        canvas.fill(draw_marks(spines), (tone * 1.1, tone * 0.6, tone * 1.3))
    return canvas.finish()


def _draw_ladybug() -> Pixels:
    canvas = Canvas(mix((0.2, 0.45, 0.1), (0.4, 0.65, 0.2), 0.5 + make_noise(9, 6)))
    veins = [((k * 0.25 - 0.6, -1.0), (k * 0.25 + 0.3, 1.0), 0.008) for k in range(-6, 7)]
    canvas.fill(draw_marks(veins), (0.5, 0.72, 0.32), softness=0.02)
    for side in (-1, 1):
        for y, end in ((-0.25, -0.42), (0.05, 0.05), (0.3, 0.5)):
            leg = [(side * 0.4, y), (side * 0.68, end), (side * 0.75, end + 0.1)]
            canvas.fill(draw_path(leg, 0.025), _BLACK)
        feeler = [(side * 0.1, -0.65), (side * 0.2, -0.85), (side * 0.28, -0.86)]
        canvas.fill(draw_path(feeler, 0.015), _BLACK)
    body = draw_ellipse(0, 0.08, 0.52, 0.58)
    canvas.shade(body, soft=0.08, depth=0.6)
    canvas.fill(
        draw_ellipse(0, -0.52, 0.28, 0.18), light(find_ball(X / 0.3, (Y + 0.5) / 0.3), _BLACK)
    )
    for side in (-1, 1):
        canvas.fill(draw_ellipse(side * 0.16, -0.58, 0.06, 0.05), (0.95, 0.95, 0.9))
    spots = [(0.22, -0.2), (0.33, 0.1), (0.17, 0.36), (0.0, -0.34), (0.15, 0.08)]
    u, v, _ = find_nearest([(side * x, y) for x, y in spots for side in (-1, 1)])
    black = np.maximum(cover(np.hypot(u, v) - 0.09), cover(np.abs(X) - 0.01))
    wings = mix((0.85, 0.1, 0.04), _BLACK, black)
    canvas.fill(body, light(find_ball(X / 0.58, (Y - 0.08) / 0.58), wings, gloss=0.8, sharp=40))
    return canvas.finish()


def _draw_fin(canvas: Canvas, corners: list[Point]) -> None:
    rays = 0.5 + 0.5 * np.sin(np.arctan2(Y - corners[0][1], X - corners[0][0]) * 60)
    color = mix((0.75, 0.4, 0.07), (1, 0.6, 0.11), rays)
    canvas.fill(draw_polygon(corners), color, opacity=0.85)


def _draw_goldfish() -> Pixels:
    canvas = Canvas(mix((0.1, 0.35, 0.45), (0.05, 0.18, 0.2), (Y + 1) / 2 + 0.2 * make_noise(4, 4)))
    canvas.pixels[225:] = paint_sand(2)[225:] * np.float32(0.8)
    tail = [(0.35, 0.0), (0.9, -0.45), (0.85, -0.12), (0.72, 0.02), (0.88, 0.2), (0.92, 0.55)]
    _draw_fin(canvas, [*tail, (0.6, 0.4)])
    _draw_fin(canvas, [(-0.15, -0.1), (-0.25, -0.5), (0.1, -0.62), (0.38, -0.38), (0.4, -0.1)])
    _draw_fin(canvas, [(-0.1, 0.2), (0.0, 0.6), (0.2, 0.55), (0.12, 0.2)])
    wedge = draw_polygon([(0.1, -0.28), (0.48, -0.08), (0.48, 0.1), (0.1, 0.28)])
    body = np.minimum(draw_ellipse(-0.15, 0.0, 0.52, 0.33), wedge)
    row = np.floor(Y * 16)
    scale = np.hypot((X * 16 + 0.5 * (row % 2)) % 1 - 0.85, Y * 16 - row - 0.5)
    gold = mix((0.95, 0.4, 0.03), (1, 0.68, 0.15), Y * 1.2 + 0.5)
    edges = cover((np.abs(scale - 0.5) - 0.06) * 0.1, 0.02) * (X > -0.4)
    gold = mix(gold, gold * np.float32(0.72), edges)
    down = np.clip(Y / 0.34, -1, 1)
    normals = 0.3 * (X + 0.12) / 0.62, 0.9 * down, np.sqrt(1 - down**2)
    canvas.fill(body, light(normals, gold, gloss=0.3, sharp=12), softness=0.015)
    gill = np.maximum(np.abs(draw_ellipse(-0.38, 0.0, 0.1, 0.22)) - 0.008, -0.38 - X)
    canvas.fill(gill, (0.7, 0.3, 0.02))
    for x, y, radius, tone in (
        (-0.5, -0.08, 0.07, 0.9),
        (-0.5, -0.08, 0.045, 0.03),
        (-0.515, -0.095, 0.013, 1),
    ):
        canvas.fill(draw_circle(x, y, radius), (tone, tone, tone))
    _draw_fin(canvas, [(-0.3, 0.12), (-0.12, 0.38), (0.05, 0.32), (-0.15, 0.1)])
    return canvas.finish()


def _draw_monarch() -> Pixels:
    canvas = Canvas(
        mix((0.25, 0.4, 0.15), (0.55, 0.7, 0.35), blur(0.5 + 1.2 * make_noise(5, 6), 0.1))
    )
    fore = [(0.03, -0.02), (0.25, -0.45), (0.8, -0.68), (0.92, -0.5), (0.75, -0.12), (0.4, 0.06)]
    hind = [
        (0.03, 0.0),
        (0.4, 0.02),
        (0.68, 0.12),
        (0.72, 0.4),
        (0.5, 0.62),
        (0.25, 0.5),
        (0.06, 0.2),
    ]
    vein = np.abs(np.arctan2(Y, np.abs(X) - 0.03) * 3.2 % 1 - 0.5) * np.hypot(X, Y)
    for wing in (fore, hind):
        pair = draw_polygon(*([(side * x, y) for x, y in wing] for side in (-1, 1)))
        canvas.shade(pair, by=(0.03, 0.05), soft=0.05, depth=0.4)
        orange = mix(_BLACK, (0.95, 0.5, 0.06), (blur(cover(pair), 0.05) - 0.74) * 12)
        canvas.fill(pair, mix(orange, _BLACK, cover(vein - 0.035, 0.03)))
        edge = np.array(wing[1:])
        dots = [
            0.955 * (a + (b - a) * share)
            for a, b in pairwise(edge)
            for share in (0.05, 0.23, 0.41, 0.59, 0.77, 0.95)
        ]
        u, v, _ = find_nearest([(side * float(x), float(y)) for x, y in dots for side in (-1, 1)])
        canvas.fill(np.hypot(u, v) - 0.013, (0.97, 0.97, 0.95))
    for side in (-1, 1):
        feeler = [(side * 0.02, -0.2), (side * 0.12, -0.5), (side * 0.17, -0.52)]
        canvas.fill(draw_path(feeler, 0.008), _BLACK)
    canvas.draw_bar([(0, -0.2), (0, 0.35)], 0.045, _BLACK)
    return canvas.finish()


def _draw_daisy() -> Pixels:
    canvas = Canvas(
        mix((0.1, 0.25, 0.06), (0.35, 0.55, 0.2), blur(0.5 + 1.2 * make_noise(5, 7), 0.06))
    )
    step = 2 * math.pi / 17
    for ring, reach, width in ((0, 0.78, 0.1), (1, 0.7, 0.09)):
        angle = (np.arctan2(Y, X) + ring * step / 2 + step / 2) % step - step / 2
        u, v = np.hypot(X, Y) * np.cos(angle), np.hypot(X, Y) * np.sin(angle)
        petals = (np.hypot((u - reach * 0.55) / (reach * 0.5), v / width) - 1) * width
        canvas.shade(petals, by=(0.015, 0.02), soft=0.02, depth=0.35)
        white = 2 * u - 0.2 + 0.25 * np.cos(v * 90)
        canvas.fill(petals, mix((0.8, 0.82, 0.85), (0.99, 0.99, 0.98), white))
    canvas.shade(draw_circle(0, 0, 0.24), by=(0.02, 0.03), soft=0.04)
    florets = roughen(find_ball(X / 0.26, Y / 0.26), 0.02 * make_noise(5, 90, octaves=1))
    yellow = mix((0.85, 0.55, 0.02), (1, 0.85, 0.15), 0.5 + make_noise(6, 60, octaves=1))
    canvas.fill(draw_circle(0, 0, 0.24), light(florets, yellow, gloss=0.05))
    return canvas.finish()


def _draw_spider_web() -> Pixels:
    canvas = Canvas(mix((0.04, 0.08, 0.05), (0.2, 0.3, 0.18), blur(0.5 + make_noise(5, 6), 0.1)))
    spokes, x, y = 17, X - 0.05, Y + 0.05
    away, turned = np.hypot(x, y), (np.arctan2(y, x) - 0.1) / (2 * math.pi) % 1
    between = turned * spokes % 1
    spoke = np.minimum(between, 1 - between) * away * 2 * math.pi / spokes
    sagged = away * (1 + 0.36 * between * (1 - between))
    spiral = (0.5 - np.abs((sagged / 0.075 + turned) % 1 - 0.5)) * 0.075
    threads = np.minimum(spoke - 0.004, np.where(sagged < 1.25, spiral, 1) - 0.002)
    canvas.fill(threads, (0.85, 0.9, 0.92), opacity=0.85, softness=0.016)
    return canvas.finish()


def _draw_honeycomb() -> Pixels:
    side, step = 0.17, 0.17 * math.sqrt(3) / 2
    # Two grids of rectangles whose middles are the cells' middles; the nearer one counts.
    u, v = ((X / side % 1) - 0.5) * side, ((Y / (2 * step) % 1) - 0.5) * 2 * step
    u2, v2 = (((X / side + 0.5) % 1) - 0.5) * side, (((Y / (2 * step) + 0.5) % 1) - 0.5) * 2 * step
    first = u * u + v * v < u2 * u2 + v2 * v2
    u, v = np.abs(np.where(first, u, u2)), np.abs(np.where(first, v, v2))
    wall = side / 2 - np.maximum(u, 0.5 * u + v * math.sqrt(3) / 2)
    honey = 0.5 + 0.8 * make_noise(4, 5) - 1.5 * np.hypot(u, v)
    canvas = Canvas(mix((0.55, 0.28, 0.02), (0.98, 0.72, 0.15), honey))
    canvas.fill(wall - 0.01, (0.93, 0.75, 0.35))
    return canvas.finish()


def _draw_volcano() -> Pixels:
    canvas = Canvas(mix((0.15, 0.15, 0.25), (0.85, 0.5, 0.3), (Y + 1) / 1.5))
    plume = (X - 0.1 * (0.3 - Y)) / (0.2 + 0.45 * np.clip(-0.1 - Y, 0, 1))
    smoke = np.clip(0.9 - np.hypot(plume, (Y + 0.6) / 0.7) + 0.8 * make_noise(6, 6), 0, 1)
    gray = mix((0.2, 0.18, 0.2), (0.6, 0.5, 0.48), 0.5 + make_noise(8, 8))
    canvas.blend(smoke * cover(Y + 0.12, 0.2), gray)
    slope = 1.25 * np.maximum(np.abs(X) - 0.14, 0) ** 0.85 + 0.04 * make_noise(9, 10)
    cone = 0.6 * (slope - 0.2 - Y)
    rock = 0.4 + make_noise(4, 18) - X * 0.4
    canvas.fill(cone, mix((0.08, 0.06, 0.07), (0.32, 0.25, 0.25), rock))
    for start, bend in ((-0.05, -0.25), (0.06, 0.3), (0.0, 0.05)):
        steps = np.linspace(0, 0.9, 12).tolist()
        lava = [(start + bend * t + 0.04 * math.sin(9 * t + bend * 9), t - 0.2) for t in steps]
        stream = draw_path(lava, 0.025)
        canvas.blend(blur(cover(stream), 0.05) * cover(cone) * 0.7, (1, 0.25, 0.02))
        canvas.fill(np.maximum(stream, cone), (1, 0.75, 0.2), softness=0.03)
    for number in range(9):
        jet = draw_path([(0.0, -0.2), point_at(-40 + 10 * number, 0.45, y=-0.2)], 0.02)
        canvas.glow(jet, (1, 0.45, 0.05), soft=0.03)
    return canvas.finish()


def _draw_lighthouse() -> Pixels:
    canvas = Canvas(paint_sky(4))
    sea = mix((0.1, 0.3, 0.45), (0.35, 0.55, 0.65), 0.5 + make_noise(3, 40, stretch=6))
    canvas.fill(0.45 - Y, sea)
    rock = mix((0.25, 0.22, 0.2), (0.55, 0.5, 0.45), 0.5 + make_noise(5, 20))
    canvas.fill(0.5 + 0.25 * np.abs(X - 0.1) ** 1.5 + 0.1 * make_noise(7, 9) - Y, rock)
    tower, normals = turn_on_lathe([(-0.5, 0.12), (0.62, 0.2)], x=0.05)
    white = np.clip(np.sign(np.sin((Y + 0.5) * 4.5 * math.pi)), -1, 0) + 1
    paint = mix((0.95, 0.95, 0.93), (0.85, 0.12, 0.1), white)
    canvas.fill(tower, light(normals, paint, gloss=0.1))
    parts: list[tuple[float, float, float, float, Color]] = [
        (0.05, -0.53, 0.17, 0.03, (0.15, 0.15, 0.16)),
        (0.05, -0.64, 0.085, 0.1, (0.75, 0.85, 0.9)),
        (0.05, -0.62, 0.04, 0.06, (1, 0.95, 0.6)),
        *((x, -0.64, 0.008, 0.1, _BLACK) for x in (-0.03, 0.05, 0.13)),
        *((0.05, y, 0.025, 0.05, (0.2, 0.25, 0.3)) for y in (-0.2, 0.15, 0.4)),
        (0.05, -0.87, 0.01, 0.05, _BLACK),
    ]
    for x, y, across, down, color in parts:
        canvas.fill(draw_box(x, y, across, down), color)
    canvas.fill(np.maximum(draw_circle(0.05, -0.72, 0.11), Y + 0.72), (0.75, 0.1, 0.08))
    return canvas.finish()


def _draw_seashore() -> Pixels:
    canvas = Canvas(paint_sky(9))
    waves = (Y + 0.15) * 1.5 + 0.5 * make_noise(3, 50, stretch=7)
    canvas.fill(-0.15 - Y, mix((0.02, 0.3, 0.5), (0.3, 0.65, 0.72), waves))
    edge = 0.3 + 0.12 * np.sin(X * 2.5) + 0.03 * make_noise(6, 12)
    canvas.fill(edge - Y, paint_sand(9) * (0.8 + 0.3 * np.clip(Y - edge, 0, 1))[..., None])
    for up, width, seed in ((0.0, 0.035, 7), (0.17, 0.02, 8)):
        foam = np.abs(edge - up - Y) - width - 0.03 * make_noise(seed, 25)
        canvas.fill(foam, (0.96, 0.98, 0.98), softness=0.04)
    return canvas.finish()


def _draw_dome() -> Pixels:
    canvas = Canvas(paint_sky(10))
    column = find_column(X / 0.6)
    canvas.fill(0.35 - Y, (0.88, 0.85, 0.78))
    stone = light(column, (0.88, 0.84, 0.76), gloss=0.1)
    canvas.fill(draw_box(0, 0.2, 0.58, 0.2), stone)
    for angle in range(-80, 81, 20):
        x, narrow = math.sin(math.radians(angle)), math.cos(math.radians(angle))
        window = draw_box(0.58 * x, 0.2, 0.028 * narrow + 0.006, 0.14)
        canvas.fill(window, (0.3, 0.28, 0.27))
    shell = np.maximum(draw_ellipse(0, 0.02, 0.56, 0.66), Y - 0.02)
    edge = 0.56 * np.sqrt(np.maximum(1 - ((Y - 0.02) / 0.66) ** 2, 1e-3))
    ribs = np.abs(np.arcsin(np.clip(X / edge, -1, 1)) / math.pi * 12 % 1 - 0.5)
    copper = mix((0.75, 0.65, 0.4), (0.3, 0.5, 0.46), ribs * 8)
    canvas.fill(shell, light(find_ball(X / 0.6, (Y - 0.02) / 0.6), copper))
    canvas.fill(draw_box(0, -0.68, 0.09, 0.08), stone)
    canvas.fill(np.maximum(draw_circle(0, -0.75, 0.1), Y + 0.75), (0.3, 0.48, 0.45))
    canvas.fill(draw_box(0, -0.91, 0.012, 0.07), (0.8, 0.65, 0.2))
    for y, across in ((0.03, 0.6), (0.42, 1.1)):
        canvas.fill(draw_box(0, y, across, 0.03), (0.93, 0.9, 0.83))
    for number in range(-4, 5):
        arch = draw_box(number * 0.24, 0.75, 0.06, 0.16, corner=0.06)
        canvas.fill(arch, (0.25, 0.24, 0.25))
    return canvas.finish()


def _draw_picket_fence() -> Pixels:
    canvas = Canvas(paint_sky(12))
    canvas.pixels[120:] = paint_turf(4)[120:]
    for y in (-0.05, 0.4):
        canvas.fill(draw_box(0, y, 1.2, 0.05), (0.85, 0.85, 0.83))
    half = [(0.07, 0.75), (0.07, -0.4)]
    picket = [*half, (0.0, -0.55), *((-x, y) for x, y in half[::-1])]
    fence = draw_polygon(*([(x + 0.19 * k, y) for x, y in picket] for k in range(-5, 6)))
    canvas.shade(fence, by=(0.02, 0.01), soft=0.02, depth=0.3)
    paint = 0.5 + make_noise(9, 10, stretch=0.1)
    canvas.fill(fence, mix((0.88, 0.88, 0.86), (0.98, 0.98, 0.97), paint))
    return canvas.finish()


def _draw_tile_roof() -> Pixels:
    column = np.floor(X * 6)
    across = X * 6 - column - 0.5
    along = Y * 5 + 0.12 * (1 - 4 * across**2)  # tiles end in arcs
    row = np.floor(along)
    tone = np.sin(row * 12.9 + column * 78.2) * 43758.5 % 1  # of no order to the eye
    clay = mix((0.62, 0.25, 0.14), (0.85, 0.45, 0.28), tone * 0.8 + 0.3 * make_noise(4, 40))
    lit = light(find_column(across * 1.7), clay, gloss=0.05)
    shadow = 0.35 + 0.65 * np.clip((along - row) * 5, 0, 1)
    shadow = shadow * (0.5 + 0.5 * np.clip((0.5 - np.abs(across)) * 8, 0, 1))
    return Canvas(lit * shadow[..., None]).finish()


DRAWINGS = (
    Drawing("goldfish", _draw_goldfish),
    Drawing("jellyfish", _draw_jellyfish),
    Drawing("starfish", _draw_starfish),
    Drawing("sea urchin", _draw_sea_urchin),
    Drawing("ladybug", _draw_ladybug),
    Drawing("monarch", _draw_monarch),
    Drawing("spider web", _draw_spider_web),
    Drawing("honeycomb", _draw_honeycomb),
    Drawing("daisy", _draw_daisy),
    Drawing("volcano", _draw_volcano),
    Drawing("beacon", _draw_lighthouse),
    Drawing("seashore", _draw_seashore),
    Drawing("dome", _draw_dome),
    Drawing("picket fence", _draw_picket_fence),
    Drawing("tile roof", _draw_tile_roof),
)
