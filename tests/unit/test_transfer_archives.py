"""Classes from a ZIP file: what is taken, what is left out, and what is refused."""

import io
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from cnnviz.errors import DataError
from cnnviz.images.image import MAX_BYTES, to_png
from cnnviz.labs.transfer import archive
from cnnviz.labs.transfer.archive import (
    ClassFile,
    list_images,
    pack_archive,
    sort_files,
    unpack_archive,
)


def pack(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return file.getvalue()


def picture(value: int) -> bytes:
    return to_png(np.full((9, 9, 3), value, np.uint8))


def make_pixel_bomb() -> bytes:
    """A small file of 144 megapixels."""
    file = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(file, "PNG")
    return file.getvalue()


def test_a_zip_file_gives_a_class_for_each_folder_and_says_what_is_left_out() -> None:
    data = pack(
        {
            "train/cat/1.png": picture(1),
            "train/cat/2.png": picture(2),
            "dog/images.txt": b"no image",
            "dog/1.png": picture(3),
            "../out/1.png": picture(4),
            "/etc/1.png": picture(4),
            "..\\up\\1.png": picture(4),
            "loose.png": picture(5),
            "dog/bad.png": b"broken",
            "__MACOSX/dog/._1.png": b"",
            "dog/.hidden.png": picture(6),
        }
    )
    classes, skipped = sort_files(unpack_archive(data))
    assert {label: len(images) for label, images in classes.items()} == {"cat": 2, "dog": 1}
    reasons = sorted(one.reason for one in skipped)
    assert reasons.count("a path that leads out of the archive") == 3
    assert "in no folder of a class" in reasons
    assert "no image file" in reasons
    assert len(skipped) == 6


def test_a_zip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 2**20)
    bomb = pack({f"a/{number}.png": bytes(2**18) for number in range(6)})
    assert len(bomb) < 10_000
    with pytest.raises(DataError, match="unpacks to more than 1 MB"):
        unpack_archive(bomb)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 5)
    with pytest.raises(DataError, match="has 6 files"):
        unpack_archive(bomb)
    large = pack({"a/1.png": bytes(MAX_BYTES + 1)})
    (file,) = unpack_archive(large)
    assert file.reason == "larger than 20 MB"


@pytest.mark.parametrize("damage", [lambda data: data[:2], lambda data: data[: len(data) // 2]])
def test_what_is_no_zip_file_is_told(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(DataError, match="is no ZIP file"):
        unpack_archive(damage(pack({"a/1.png": picture(1)})))


def test_damaged_and_encrypted_members_are_left_out() -> None:
    data = bytearray(pack({"a/1.png": picture(1)}))
    place = data.index(b"a/1.png") + len(b"a/1.png")
    data[place + 4 : place + 12] = bytes(8)
    assert unpack_archive(bytes(data))[0].reason == "damaged"
    data = bytearray(pack({"a/1.png": picture(1)}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert unpack_archive(bytes(data))[0].reason == "encrypted"


def test_classes_beyond_the_limits_are_left_out_and_what_is_packed_is_read_again() -> None:
    files = [ClassFile(f"{label}/1.png", picture(label)) for label in range(1, 10)]
    classes, skipped = sort_files(files)
    assert len(classes) == 8
    assert [one.reason for one in skipped] == ["of a class beyond the first 8"]
    again, _ = sort_files(unpack_archive(pack_archive(classes)))
    assert [one.digest for one in again["3"]] == [one.digest for one in classes["3"]]
    assert [one.label for one in list_images(again)] == sorted(again)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, "put a folder of images for each class into it"),
        ({"a/": b""}, "put a folder of images for each class into it"),
        ({"__MACOSX/a/._1.png": b""}, "put a folder of images for each class into it"),
        ({"inner.zip": pack({"a/1.png": picture(1)})}, "inner.zip (a ZIP file inside"),
        ({"a/inner.zip": pack({"a/1.png": picture(1)})}, "a/inner.zip (a ZIP file inside"),
        (
            {"1.png": picture(1), "2.png": picture(2)},
            "2 files are left out: 1.png, 2.png (in no folder",
        ),
        ({"a/1.txt": b"1"}, "1 file is left out: a/1.txt (no image file)"),
        ({"a/1.png": b"text"}, "a/1.png (is no PNG"),
        ({"../a/1.png": picture(1)}, "leads out of the archive"),
        ({"/a/1.png": picture(1)}, "leads out of the archive"),
        ({"a/1.png": make_pixel_bomb()}, "megapixels that can be opened)."),
    ],
)
def test_a_zip_file_without_an_image_of_a_class_is_told_in_one_sentence(
    members: dict[str, bytes], reason: str
) -> None:
    with pytest.raises(DataError, match=r"^No image was added; ") as caught:
        sort_files(unpack_archive(pack(members)))
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 200


def test_an_image_twice_is_taken_once_also_across_classes_and_uploads() -> None:
    files = [
        ClassFile("cat/1.png", picture(1)),
        ClassFile("cat/2.png", picture(1)),
        ClassFile("dog/1.png", picture(1)),
        ClassFile("dog/2.png", picture(2)),
    ]
    classes, skipped = sort_files(files)
    assert {label: len(images) for label, images in classes.items()} == {"cat": 1, "dog": 1}
    assert {(one.name, one.reason) for one in skipped} == {
        ("cat/2.png", "the same image as another of “cat”"),
        ("dog/1.png", "the same image as another of “cat”"),
    }
    with pytest.raises(DataError, match="No image was added; 4 files are left out"):
        sort_files(files, classes)
    more, skipped = sort_files([ClassFile("cat/9.png", picture(9))], classes)
    assert {label: len(images) for label, images in more.items()} == {"cat": 2, "dog": 1}
    assert not skipped
