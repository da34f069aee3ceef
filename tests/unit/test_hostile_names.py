"""Folders that the environment names, full of names that no one would give: none takes a page."""

import os
import sys
from pathlib import Path

import pytest

from cnnviz.adversarial.linear.data import list_photograph_classes, load_photographs
from cnnviz.evaluation.image_sets import open_image, read_folder
from cnnviz.images.image import CheckedImage
from cnnviz.images.samples import list_samples, load_sample
from cnnviz.networks import user_networks
from cnnviz.networks.weights.files import list_weights
from cnnviz.quizzes.own import read_own_file
from cnnviz.shape_texture import images as shape_images
from tests.made_pictures import four_corners, saved

pytestmark = pytest.mark.skipif(
    sys.platform in ("win32", "darwin"), reason="file systems that take such names only on Linux"
)
NAMES = (
    b"\xff\xfe.jpg",  # no UTF-8
    b"line\nbreak.jpg",
    b"<img src=x onerror=alert(1)>.jpg",
    b"`code` **bold** $x$.jpg",
    b"\xe2\x80\xae\xe2\x80\x8fgpj.jpg",  # turns the direction of what follows
    b"..jpg",
    b"%2e%2e%2f.jpg",
    b" .jpg",
    b"a" * 251 + b".jpg",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten images of each hostile name and kind, in two folders of hostile names, and traps."""
    image = saved(four_corners(40, 40), "JPEG")
    for place in (b"\xfd<b>", b"class\n2"):
        root = os.fsencode(tmp_path) + b"/" + place
        Path(os.fsdecode(root)).mkdir()
        fill(root, image)
    fill(os.fsencode(tmp_path), image)
    return tmp_path


def fill(root: bytes, image: bytes) -> None:
    for name in (*NAMES, b"plain.jpg"):
        Path(os.fsdecode(root + b"/" + name)).write_bytes(image)
    place = Path(os.fsdecode(root))
    os.mkfifo(place / "pipe.jpg")
    (place / "folder.jpg").mkdir()
    (place / "loop.jpg").symlink_to("loop.jpg")
    (place / "gone.jpg").symlink_to("nowhere.jpg")
    (place / "password.jpg").symlink_to("/etc/passwd")
    (place / "empty.jpg").touch()


def test_photographs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNVIZ_PHOTOS", str(folder))
    own = [one for one in list_samples() if one.key.startswith("photo:")]
    keys = [one.key for one in own]
    assert len(set(keys)) == len(keys) >= len(NAMES)
    for one in own:
        (one.key + one.title).encode()
        assert "<" not in one.title
        assert "\n" not in one.title
    read = [one.key for one in own if "empty" not in one.key and "password" not in one.key]
    assert all(load_sample(key).original_size == (40, 40) for key in read)


def test_a_folder_to_evaluate(folder: Path) -> None:
    found = read_folder(folder)
    for one in found.images:
        (one.name + one.label).encode()
    opened = [open_image(one) for one in found.images]
    assert sum(isinstance(one, CheckedImage) for one in opened) == 3 * (len(NAMES) - 1 + 1)
    reasons = {one.reason for one in found.skipped}
    assert {"a link that leaves the folder", "no regular file"} <= reasons


def test_classes_of_photographs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNVIZ_CLASSES", str(folder))
    names = list_photograph_classes(folder)
    assert len(names) == 2
    for name in names:
        name.encode()
    assert len(load_photographs(folder).classes) == 2
    for one in shape_images._read_folders():
        (one.name + one.truth).encode()


@pytest.mark.parametrize("variable", ["CNNVIZ_WEIGHTS_DIR", "CNNVIZ_PHOTOS", "CNNVIZ_CLASSES"])
@pytest.mark.parametrize("name", ["a\n<b>", "\udcff", "x" * 300, "~nobody-here/x"])
def test_folders_of_hostile_names_that_are_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, name: str
) -> None:
    monkeypatch.setenv(variable, f"{tmp_path}/{name}" if not name.startswith("~") else name)
    assert "lenet5" in list_weights()
    assert list_samples()


@pytest.mark.parametrize("name", ["a\n<b>", "\udcff", "x" * 300, "~nobody-here/x"])
def test_files_of_hostile_names_that_are_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    for variable in ("CNNVIZ_MODELS", "CNNVIZ_QUESTIONS"):
        monkeypatch.setenv(variable, f"{tmp_path}/{name}" if not name.startswith("~") else name)
    monkeypatch.setattr(user_networks, "_problems", [])
    user_networks.load_own_networks()
    problems = (*user_networks.list_own_problems(), *read_own_file().problems)
    assert ["CNNVIZ_MODELS" in problems[0], "CNNVIZ_QUESTIONS" in problems[1]] == [True, True]
