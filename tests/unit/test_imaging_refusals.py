"""The image reader on files that are no pictures, on costly ones, and on broken ones by the dozen.

Expected values are worked by hand from the format's definition, in a comment beside each.
"""

import io
import pickle
import re
import struct
import subprocess
import sys
import threading
import tracemalloc
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from cnnviz.errors import ImageError
from cnnviz.images.image import MAX_BYTES, read_image
from tests.made_pictures import SIGNATURE, chunk, four_corners, noise, png, saved

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
NO_PICTURES = {
    "svg": (SVG, "an SVG drawing"),
    "html": (b"\n<!DOCTYPE html><html><body>hello</body></html>", "a web page"),
    "pdf": (b"%PDF-1.7\n", "a PDF document"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", "a PostScript"),
    "text": (b"just a text", "no PNG, JPEG,"),
    "pickle": (pickle.dumps({"pixels": [1, 2, 3]}), "no PNG, JPEG,"),
    "ppm": (b"P6 1 1 255\nabc", "no PNG, JPEG,"),
    "noughts": (bytes(1000), "no PNG, JPEG,"),
}


class TestRefusals:
    @pytest.mark.parametrize("kind", NO_PICTURES)
    def test_no_picture_renamed_to_png(self, kind: str) -> None:
        data, what = NO_PICTURES[kind]

        with pytest.raises(ImageError, match=rf"^cat\.png is {what}.*save it as PNG or JPEG"):
            read_image(data, name="cat.png")

    def test_zip(self) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("cat.png", saved(four_corners(), "PNG"))

        with pytest.raises(ImageError, match="no PNG, JPEG"):
            read_image(file.getvalue())

    def test_a_pickle_is_not_opened(self, tmp_path: Path) -> None:
        victim = tmp_path / "touched"

        class Trap:
            def __reduce__(self) -> tuple[object, tuple[object, ...]]:
                return Path.touch, (victim,)

        for data in (pickle.dumps(Trap()), SIGNATURE + pickle.dumps(Trap())):
            with pytest.raises(ImageError):
                read_image(data)
        assert not victim.exists()

    def test_nothing(self) -> None:
        with pytest.raises(ImageError, match=r"^empty\.png is empty; choose another image\.$"):
            read_image(b"", name="empty.png")

    def test_twenty_megabytes_and_one_byte(self) -> None:
        file = saved(four_corners(), "PNG")

        with pytest.raises(ImageError, match="larger than 20 MB"):
            read_image(file.ljust(MAX_BYTES + 1, b"\0"))
        assert read_image(file.ljust(MAX_BYTES, b"\0")).original_size == (6, 4)

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
    @pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
    def test_truncated(self, kind: str, share: float) -> None:
        file = saved(Image.fromarray(noise(48, 64, 3)), kind)

        with pytest.raises(ImageError, match=r"damaged|no PNG, JPEG"):
            read_image(file[: int(len(file) * share)], name="half")

    def test_truncated_between_the_scans_of_a_jpeg(self) -> None:
        file = saved(Image.fromarray(noise(64, 64, 3)), "JPEG", progressive=True)

        with pytest.raises(ImageError, match="cut short or damaged"):
            read_image(file[: file.rindex(b"\xff\xda")])

    def test_a_png_whose_pixels_do_not_unpack(self) -> None:
        rows = zlib.compress(bytes(50 * 51))
        broken = rows[:10] + bytes((rows[10] ^ 0xFF,)) + rows[11:]
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50, 50, 8, 0, 0, 0, 0))
        file = SIGNATURE + header + chunk(b"IDAT", broken) + chunk(b"IEND", b"")

        with pytest.raises(ImageError, match="cut short or damaged"):
            read_image(file)

    @pytest.mark.parametrize(("width", "height"), [(7072, 7072), (60_000, 60_000), (2**31 - 1, 9)])
    def test_too_many_pixels(self, width: int, height: int) -> None:
        file = png(width, height, depth=8, colour=0, rows=b"\0")

        with pytest.raises(ImageError, match="more than the 50 megapixels"):
            read_image(file)

    @pytest.mark.parametrize("size", [(1, 50_000_000), (50_000_000, 1), (1, 1_000_001)])
    def test_too_long_a_side(self, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
        file = png(*size, depth=8, colour=0, rows=b"\0")
        monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("it was decoded"))

        with pytest.raises(ImageError, match=r"pixels, more than 1,000,000 a side; crop it"):
            read_image(file)

    def test_just_enough_pixels(self) -> None:
        # 50,000 × 1,000 is 50 megapixels to the dot; at one bit each they fit in 6.25 MB.
        rows = (b"\0" + b"\xaa" * 6250) * 1000

        image = read_image(png(50_000, 1_000, depth=1, colour=0, rows=rows))

        assert image.original_size == (50_000, 1_000)

    def test_messages_name_the_file_plainly(self) -> None:
        with pytest.raises(ImageError, match=r"^_b_cat_\.png is no PNG, JPEG.*\.$"):
            read_image(b"x", name="C:\\fake\\<b>cat\n.png")


def tiff(*entries: tuple[int, int, int, int]) -> bytes:
    """A TIFF directory without pixels; an entry is (tag, type, count, value)."""
    body = b"".join(
        struct.pack("<HHI", tag, kind, count)
        + struct.pack("<HH" if kind == 3 else "<I", *((value, 0) if kind == 3 else (value,)))
        for tag, kind, count, value in entries
    )
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + body + bytes(4)


def costly_files() -> dict[str, bytes]:
    grey = saved(Image.new("L", (64, 64), 128), "JPEG", progressive=True)
    scan = grey[grey.rindex(b"\xff\xda") : -2]
    small = png(1, 1, depth=8, colour=0, rows=b"\0\0")
    gif = saved(Image.new("L", (1, 1)), "GIF")
    frame = gif.index(b",")
    basic = ((256, 4, 1, 16), (257, 4, 1, 16), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1))
    run_lengths = bytearray(saved(Image.new("L", (4, 4)), "BMP"))
    run_lengths[30] = 1
    return {
        "a JPEG of many scans": grey[:-2] + scan * 20 + grey[-2:],
        "a JPEG of many segments": grey[:2] + b"\xff\xe5\0\2" * 20_000 + grey[2:],
        "a JPEG of much padding": grey[:2] + b"\xff" * 100_000 + grey[2:],
        "a JPEG with a part that readers skip differently": grey[:2] + b"\xff\xf0\0\2" + grey[2:],
        "a PNG of many chunks": small[:33] + chunk(b"prVt", b"") * 250_000 + small[33:],
        "a GIF of many blocks": gif[:frame] + b"!\xfe" + b"\1A" * 250_000 + b"\0" + gif[frame:],
        "a TIFF of many strips": tiff(*basic, (273, 4, 5_000_000, 8)),
        "a TIFF of one huge tile": tiff(*basic, (322, 4, 1, 40_000), (323, 4, 1, 40_000)),
        "a TIFF of strange tiles": tiff(*basic, (322, 16, 1, 8), (323, 4, 1, 16)),
        "a BMP in run lengths": bytes(run_lengths),
    }


class TestCostlyFiles:
    @pytest.mark.parametrize("kind", costly_files())
    def test_is_refused_before_it_is_decoded(
        self, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            pytest.fail("Pillow was given the file.")

        file = costly_files()[kind]
        monkeypatch.setattr(Image, "open", fail)

        with pytest.raises(ImageError, match="takes too long to decode; open it in an image"):
            read_image(file)

    def test_as_many_scans_as_any_program_writes_are_fine(self) -> None:
        file = saved(Image.fromarray(noise(64, 64, 3)), "JPEG", progressive=True)

        assert 5 < file.count(b"\xff\xda") < 20
        assert read_image(file).original_size == (64, 64)

    def test_a_progressive_cmyk_jpeg_has_the_most_scans(self) -> None:
        """libjpeg's own script: 2 + 4 for each of four components."""
        image = Image.fromarray(noise(64, 64, 3)).convert("CMYK")
        file = saved(image, "JPEG", progressive=True)

        assert file.count(b"\xff\xda") == 18
        assert read_image(file).original_size == (64, 64)

    @pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
    def test_packed_text_in_a_png_is_never_unpacked(self, kind: bytes) -> None:
        packed = zlib.compress(bytes(20_000_000), 9)  # 19 KB
        start = {b"zTXt": b"k\0\0", b"iTXt": b"k\0\1\0\0\0", b"iCCP": b"k\0\0"}[kind]
        bomb = chunk(kind, start + packed) * 20
        file = png(1, 1, depth=8, colour=0, rows=b"\0\x2a", extra=bomb)

        tracemalloc.start()
        try:
            image = read_image(file)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

        assert image.pixels.tolist() == [[[42, 42, 42]]]
        assert peak < 1_000_000

    def test_a_small_file_of_144_megapixels_takes_no_memory(self, tmp_path: Path) -> None:
        pytest.importorskip("resource", reason="needs a Unix system, to ask for the peak memory")
        packer = zlib.compressobj(1)
        row = bytes(12_001)
        rows = b"".join(packer.compress(row * 1000) for _ in range(12)) + packer.flush()
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", 12_000, 12_000, 8, 0, 0, 0, 0))
        file = tmp_path / "bomb.png"
        file.write_bytes(SIGNATURE + header + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
        script = (
            "import resource, sys; from pathlib import Path\n"
            "from cnnviz.errors import ImageError; from cnnviz.images.image import read_image\n"
            "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
            "data = Path(sys.argv[1]).read_bytes(); before = peak()\n"
            "try: read_image(data)\n"
            "except ImageError as error: print(peak() - before); print(error)\n"
        )

        done = subprocess.run(
            [sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=True
        )

        growth, message = done.stdout.splitlines()
        assert file.stat().st_size < 1_000_000
        unit = 1 if sys.platform == "darwin" else 1024
        assert int(growth) * unit < 16_000_000  # the plugins' code; the pixels would be 144 MB
        assert message.startswith("image has 12000 × 12000 pixels, more than the 50 megapixels")


class TestGoodManners:
    def test_pillow_settings_stay_as_they_were(self) -> None:
        before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)

        read_image(saved(four_corners(), "PNG"))

        assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)

    def test_warning_filters_stay_as_they_were(self) -> None:
        before = list(warnings.filters)

        read_image(saved(four_corners(), "PNG"))
        with pytest.raises(ImageError):
            read_image(png(10_000, 10_000, depth=8, colour=0, rows=b"\0"))

        assert list(warnings.filters) == before

    @pytest.mark.parametrize("action", ["error", "always"])
    def test_no_warning_leaks(self, action: str) -> None:
        # 100 megapixels is where Pillow warns of a decompression bomb; broken tags warn too.
        exif = b"Exif\0\0II*\0\x08\0\0\0\x05\0" + b"\x12\x01\x03\0\xff\0\0\0\x03\0\0\0" * 5
        file = saved(four_corners(32, 32), "JPEG", exif=exif)

        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter(action)  # type: ignore[arg-type]
            read_image(file)
            with pytest.raises(ImageError):
                read_image(png(10_000, 10_000, depth=8, colour=0, rows=b"\0"))

        assert seen == []

    def test_several_threads(self) -> None:
        files = [saved(Image.new("RGB", (40, 30), (v, v, v)), "PNG") for v in range(8)]
        seen: dict[int, set[int]] = {}

        def read(value: int) -> None:
            seen[value] = {int(read_image(files[value]).pixels[0, 0, 0]) for _ in range(20)}

        threads = [threading.Thread(target=read, args=(value,)) for value in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert seen == {value: {value} for value in range(8)}


def small_files() -> list[bytes]:
    colour = Image.fromarray(noise(12, 16, 3))
    grey, clear = colour.convert("L"), colour.copy()
    clear.putalpha(grey)
    deep = Image.fromarray(noise(12, 16).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112] = 6
    more = {"save_all": True, "append_images": [colour.rotate(90)]}
    return [
        saved(colour, "PNG", exif=exif),
        saved(clear, "PNG"),
        saved(grey.convert("P"), "PNG", transparency=3),
        saved(deep, "PNG"),
        saved(colour, "PNG", **more),
        saved(colour, "JPEG", exif=exif),
        saved(colour, "JPEG", progressive=True),
        saved(colour.convert("CMYK"), "JPEG"),
        saved(colour, "GIF", transparency=0, **more),
        saved(colour, "WEBP", exif=exif),
        saved(clear, "WEBP", lossless=True),
        saved(colour, "WEBP", **more),
        saved(colour, "BMP"),
        saved(grey.convert("1"), "BMP"),
        saved(colour, "TIFF", exif=exif),
        saved(deep, "TIFF"),
        saved(grey.convert("F"), "TIFF"),
        saved(colour, "TIFF", compression="tiff_adobe_deflate", **more),
        saved(colour, "TIFF", compression="jpeg"),
        saved(clear, "AVIF", exif=exif),
    ]


SMALL_FILES = small_files()


def check(data: bytes) -> None:
    """What holds for any bytes: a sound picture, or one sentence."""
    try:
        image = read_image(data, name="fuzz")
    except ImageError as error:
        sentence = str(error)
    else:
        sentence = "fuzz is a picture."
        height, width, channels = image.pixels.shape
        assert image.pixels.dtype == np.uint8
        assert channels == 3
        assert 1 <= min(height, width) <= max(height, width) <= 2048
        assert not image.pixels.flags.writeable
    assert re.fullmatch(r"fuzz (is|has|begins) .*\.", sentence)


class TestFuzz:
    @settings(max_examples=100, deadline=None)
    @given(
        data=st.binary(max_size=300), start=st.sampled_from([b"", *(f[:24] for f in SMALL_FILES)])
    )
    def test_any_bytes(self, data: bytes, start: bytes) -> None:
        check(start + data)

    @settings(max_examples=400, deadline=None)
    @given(
        file=st.sampled_from(SMALL_FILES),
        changes=st.lists(
            st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8
        ),
        near_the_start=st.booleans(),
        kept=st.one_of(st.just(1.0), st.floats(0, 1)),
    )
    def test_damaged_files(
        self,
        file: bytes,
        changes: list[tuple[float, int]],
        near_the_start: bool,
        kept: float,
    ) -> None:
        damaged = bytearray(file)
        reach = 120 if near_the_start else len(file)
        for place, value in changes:
            damaged[int(place * min(reach, len(file)))] = value
        check(bytes(damaged[: int(kept * len(damaged))]))
