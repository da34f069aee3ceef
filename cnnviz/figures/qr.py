"""A QR code of a short text, so that a class need not type an address.

Only what that takes: byte mode, error correction level L, versions 1 to 5, which hold up to 106
bytes in a single block.

Source: ISO/IEC 18004:2015; the section of each step is named beside it.
"""

import numpy as np
import numpy.typing as npt

Modules = npt.NDArray[np.bool_]

# Data and error correction codewords of versions 1 to 5 at level L (table 9).
_CODEWORDS = ((19, 7), (34, 10), (55, 15), (80, 20), (108, 26))
_LEVEL_L = 0b01
# Any of the eight masks can be read; the standard's scoring only makes it easier for bad cameras.
_MASK = 0
_QUIET = 4


def encode_qr(text: str) -> Modules | None:
    """Draw a text as a QR code.

    Args:
        text: At most 106 bytes of UTF-8.

    Returns:
        The modules with their quiet zone, (side, side), True for dark; None for longer texts.
    """
    data = text.encode("utf-8")
    version = next((v for v, (room, _) in enumerate(_CODEWORDS, 1) if len(data) <= room - 2), None)
    if version is None:
        return None
    room, checks = _CODEWORDS[version - 1]
    codewords = _pad_data(data, room=room)
    codewords += correct_errors(codewords, count=checks)
    modules, is_function = _draw_patterns(version)
    _place_data(modules, is_function, codewords)
    return np.pad(modules, _QUIET)


def _pad_data(data: bytes, *, room: int) -> bytes:
    """Mode 0100, length, data, four zero bits, then the pad bytes in turn (section 7.4)."""
    bits = f"0100{len(data):08b}" + "".join(f"{byte:08b}" for byte in data) + "0000"
    words = int(bits, 2).to_bytes(len(bits) // 8, "big")
    padding = bytes((0xEC, 0x11)) * room
    return words + padding[: room - len(words)]


def correct_errors(data: bytes, *, count: int) -> bytes:
    """Compute Reed-Solomon error correction codewords (section 7.5).

    Args:
        data: Data codewords of one block.
        count: How many to compute.
    """
    generator = [1]
    root = 1
    for _ in range(count):
        # Times (x − root); in this field minus is plus.
        product = [*generator, 0]
        for i, factor in enumerate(generator):
            product[i + 1] ^= _multiply(factor, root)
        generator = product
        root = _multiply(root, 2)
    rest = [*data, *[0] * count]
    for i in range(len(data)):
        factor = rest[i]
        for j, coefficient in enumerate(generator):
            rest[i + j] ^= _multiply(factor, coefficient)
    return bytes(rest[len(data) :])


def _multiply(a: int, b: int) -> int:
    """Multiply in GF(256) with the polynomial x⁸ + x⁴ + x³ + x² + 1."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = (a << 1) ^ (0x11D if a & 0x80 else 0)
        b >>= 1
    return product


def encode_format(level: int, mask: int) -> int:
    """Return the 15 bits that tell level and mask (section 7.9)."""
    data = level << 3 | mask
    rest = data << 10
    for bit in range(14, 9, -1):
        if rest >> bit & 1:
            rest ^= 0b10100110111 << (bit - 10)
    return (data << 10 | rest) ^ 0b101010000010010


def _draw_patterns(version: int) -> tuple[Modules, Modules]:
    """Draw finder, timing, alignment and format patterns (section 6.3) and mark their places."""
    side = 17 + 4 * version
    modules = np.zeros((side, side), dtype=np.bool_)
    taken = np.zeros_like(modules)
    modules[6, ::2] = modules[::2, 6] = True
    taken[6] = taken[:, 6] = True
    finder = np.ones((7, 7), dtype=np.bool_)
    finder[1:6, 1:6] = False
    finder[2:5, 2:5] = True
    for top, left in ((0, 0), (0, side - 7), (side - 7, 0)):
        # One light module separates a finder from the data.
        around = np.s_[max(top - 1, 0) : top + 8, max(left - 1, 0) : left + 8]
        modules[around] = False
        taken[around] = True
        modules[top : top + 7, left : left + 7] = finder
    if version > 1:
        corner = side - 9
        modules[corner : corner + 5, corner : corner + 5] = finder[1:6, 1:6] ^ True
        modules[corner + 1 : corner + 4, corner + 1 : corner + 4] = False
        modules[corner + 2, corner + 2] = True
        taken[corner : corner + 5, corner : corner + 5] = True
    _draw_format(modules, taken)
    return modules, taken


def _draw_format(modules: Modules, taken: Modules) -> None:
    side = len(modules)
    word = encode_format(_LEVEL_L, _MASK)
    near = [(8, 0), (8, 1), (8, 2), (8, 3), (8, 4), (8, 5), (8, 7), (8, 8)]
    near += [(7, 8), (5, 8), (4, 8), (3, 8), (2, 8), (1, 8), (0, 8)]
    far = [(side - 1 - i, 8) for i in range(7)] + [(8, side - 8 + i) for i in range(8)]
    for places in (near, far):
        for i, place in enumerate(places):
            modules[place] = word >> (14 - i) & 1
            taken[place] = True
    modules[side - 8, 8] = taken[side - 8, 8] = True


def _place_data(modules: Modules, taken: Modules, codewords: bytes) -> None:
    """Fill the free modules in columns of two, from the right, up and down in turn, masked."""
    bits = (byte >> shift & 1 for byte in codewords for shift in range(7, -1, -1))
    side = len(modules)
    upward = True
    for right in (*range(side - 1, 6, -2), 5, 3, 1):
        for row in range(side - 1, -1, -1) if upward else range(side):
            for column in (right, right - 1):
                if not taken[row, column]:
                    # Mask 000 turns every other module, as on a chessboard (table 10).
                    modules[row, column] = next(bits, 0) ^ ((row + column) % 2 == 0)
        upward = not upward


def draw_qr(modules: Modules) -> str:
    """Draw a code as an SVG picture, dark on white in either theme so that cameras read it."""
    side = len(modules)
    squares = "".join(f"M{column} {row}h1v1h-1z" for row, column in np.argwhere(modules))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
        'shape-rendering="crispEdges">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{squares}"/></svg>'
    )
