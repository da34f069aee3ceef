"""QR codes against the standard's worked examples and another encoder's picture."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from cnnviz.figures.qr import correct_errors, draw_qr, encode_format, encode_qr

# "http://192.168.178.23:8501" in byte mode, level L, mask 000, made with qrcode 8.2 (Lincoln Loop).
ADDRESS = """
#######...#..#.##.#######
#.....#..#...#.##.#.....#
#.###.#.#..#..##..#.###.#
#.###.#..#..#..##.#.###.#
#.###.#..#..#####.#.###.#
#.....#...###.###.#.....#
#######.#.#.#.#.#.#######
........#..#.#.#.........
###.#####...###..##...#..
.##..#...#.####...##....#
#.....#...#####.#.###.###
.#.##..####.##..#####..#.
##.#.####.#######.##.#.##
.#.##....###.##..###.#..#
#...#######..##.##.##.###
.#..##...###.###.###.#.#.
#.###.##.....#########...
........#.#...#.#...#####
#######.#...#####.#.#..##
#.....#.####.#.##...##.##
#.###.#.#.#..##.#####....
#.###.#...#...####..#.#..
#.###.#.###...####..##..#
#.....#.######..##..##.#.
#######.#....##.####...##
"""


def read_picture(text: str) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    return np.array([[sign == "#" for sign in line] for line in text.split()])


def test_an_address_looks_as_another_encoder_draws_it() -> None:
    code = encode_qr("http://192.168.178.23:8501")
    assert code is not None
    assert np.array_equal(code[4:-4, 4:-4], read_picture(ADDRESS))


def test_error_correction_of_the_standards_example() -> None:
    # ISO/IEC 18004:2015, annex I: "01234567" in version 1-M.
    data = bytes.fromhex("10 20 0C 56 61 80 EC 11 EC 11 EC 11 EC 11 EC 11")
    assert correct_errors(data, count=10) == bytes.fromhex("A5 24 D4 C1 ED 36 C7 87 2C 55")


def test_format_bits_of_the_standards_table() -> None:
    # ISO/IEC 18004:2015, annex C: level M (00) with mask 101, and level L (01) with mask 000.
    assert encode_format(0b00, 0b101) == 0b100000011001110
    assert encode_format(0b01, 0b000) == 0b111011111000100


@pytest.mark.parametrize(
    ("length", "side"), [(1, 21), (17, 21), (18, 25), (32, 25), (53, 29), (78, 33), (106, 37)]
)
def test_the_smallest_version_that_holds_a_text(length: int, side: int) -> None:
    # Capacities of level L in byte mode, ISO/IEC 18004:2015 table 7.
    code = encode_qr("x" * length)
    assert code is not None
    assert code.shape == (side + 8, side + 8)


def test_a_text_that_is_too_long_has_no_code() -> None:
    assert encode_qr("x" * 107) is None
    assert encode_qr("é" * 54) is None


def test_the_quiet_zone_is_light() -> None:
    code = encode_qr("x")
    assert code is not None
    assert not code[:4].any()
    assert not code[:, -4:].any()


def test_the_picture_has_a_square_for_each_dark_module() -> None:
    picture = ET.fromstring(draw_qr(np.array([[True, False], [False, True]])))  # noqa: S314
    path = picture.find("{http://www.w3.org/2000/svg}path")
    assert path is not None
    assert path.get("d") == "M0 0h1v1h-1zM1 1h1v1h-1z"
