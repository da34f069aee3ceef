"""Colour profiles made byte by byte, for the tests of the image reader.

Source: ICC.1:2001-04, the tags of input and display profiles.
"""

import struct
from itertools import product

# Primaries brought to the profile's white, D50 (Bruce Lindbloom's tables of RGB spaces).
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
DISPLAY_P3 = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.7141))
WHITE = (0.9642, 1.0, 0.8249)


def rgb_profile(
    primaries: tuple[tuple[float, ...], ...], *, gamma: float, name: str = "test"
) -> bytes:
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    points = {f"{c}XYZ".encode(): _xyz(xyz) for c, xyz in zip("rgb", primaries, strict=True)}
    curves = {f"{c}TRC".encode(): curve for c in "rgb"}
    return _profile(b"mntr", b"RGB ", b"XYZ ", {**points, **curves}, name)


def grey_profile(*, gamma: float) -> bytes:
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": curve}, "grey")


def black_only_profile() -> bytes:
    """A profile of CMYK in which only K prints: the lightness is 100 − K, there are no hues."""
    straight = bytes(range(256))
    # Corners of the table, C slowest and K fastest, each L, a, b: 128 is no hue.
    corners = b"".join(bytes((0 if k else 255, 128, 128)) for *_, k in product((0, 1), repeat=4))
    unit = struct.pack(">9i", *(65536 if n in (0, 4, 8) else 0 for n in range(9)))
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + unit
    table += straight * 4 + corners + straight * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": table}, "black only")


def _xyz(xyz: tuple[float, ...]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in xyz))


def _profile(kind: bytes, space: bytes, pcs: bytes, tags: dict[bytes, bytes], name: str) -> bytes:
    text = name.encode() + b"\0"
    description = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)
    tags = {b"desc": description, b"wtpt": _xyz(WHITE), **tags}
    table, values = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for tag, value in tags.items():
        table += tag + struct.pack(">II", start + len(values), len(value))
        values += value.ljust(-(-len(value) // 4) * 4, b"\0")
    head = struct.pack(">I4sI4s4s4s", start + len(values), b"", 0x02400000, kind, space, pcs)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp"
    return head.ljust(68, b"\0") + _xyz(WHITE)[8:] + bytes(48) + table + values
