"""The sample gallery: what is installed is listed, and nothing else can be reached."""

import hashlib
import importlib.machinery
import importlib.util
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz.errors import GalleryError, ImageError
from cnnviz.images import samples
from cnnviz.images.names import make_thumbnail
from cnnviz.images.samples import (
    SampleKind,
    list_samples,
    load_image,
    load_sample,
)

PHOTOGRAPHS = {"cat", "coffee", "rocket", "astronaut", "motorcycle", "grace-hopper"}
PHOTOGRAPHS |= {"palace", "flower"}
DETAILS = {"tripod", "disk-brake", "tie"}
TEXTURES = {"brick", "grass", "gravel"}
PATTERNS = {"checkerboard", "vertical-stripes", "horizontal-stripes", "edge", "dot"}


@pytest.fixture(autouse=True)
def _no_own_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CNNVIZ_PHOTOS", raising=False)


def save(path: Path, colour: str) -> None:
    Image.new("RGB", (8, 6), colour).save(path)


def keys(kind: SampleKind | None = None) -> list[str]:
    return [sample.key for sample in list_samples() if kind in (None, sample.kind)]


class TestPackaged:
    def test_the_promised_samples_are_there(self) -> None:
        assert set(keys(SampleKind.PHOTOGRAPH)) >= PHOTOGRAPHS
        assert set(keys(SampleKind.DETAIL)) == DETAILS
        assert set(keys(SampleKind.TEXTURE)) == TEXTURES
        assert set(keys(SampleKind.PATTERN)) == PATTERNS
        assert len(set(keys())) == len(keys())

    def test_each_is_named_and_credited(self) -> None:
        for sample in list_samples():
            assert sample.title
            assert sample.title[0].isupper()
            assert sample.credit

    @pytest.mark.parametrize(
        ("key", "size"),
        [  # width and height as the docstrings of skimage.data state them
            ("cat", (451, 300)),
            ("coffee", (600, 400)),
            ("rocket", (640, 427)),
            ("astronaut", (512, 512)),
            ("motorcycle", (741, 500)),
            # scikit-learn's load_sample_image: 427×640 pixels.
            ("palace", (640, 427)),
            ("flower", (640, 427)),
            ("camera", (512, 512)),
            ("coins", (384, 303)),
            ("clock", (400, 300)),
            ("brick", (512, 512)),
            ("grass", (512, 512)),
            ("gravel", (512, 512)),
        ],
    )
    def test_each_loads_in_its_documented_size(self, key: str, size: tuple[int, int]) -> None:
        image = load_sample(key)

        assert image.original_size == size
        assert image.pixels.shape == (size[1], size[0], 3)
        # Only the rocket's file has a profile that is not sRGB.
        profile = "Its colors were brought from the profile “Adobe RGB (1998)” to sRGB."
        assert image.notes == ((profile,) if key == "rocket" else ())

    def test_cat_is_the_one_that_scikit_image_loads(self) -> None:
        data = pytest.importorskip("skimage.data")

        assert np.array_equal(load_sample("cat").pixels, data.cat())

    def test_finding_samples_imports_neither_package(self) -> None:
        script = (
            "import sys; from cnnviz.images.samples import list_samples, load_sample\n"
            "assert 'cat' in {sample.key for sample in list_samples()}; load_sample('cat')\n"
            "print(sorted({'skimage', 'matplotlib', 'scipy', 'torch'} & set(sys.modules)))\n"
        )

        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )

        assert done.stdout == "[]\n"

    def test_a_missing_package_takes_only_its_samples_away(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        find = importlib.util.find_spec

        def find_all_but_skimage(name: str) -> importlib.machinery.ModuleSpec | None:
            return None if name == "skimage" else find(name)

        monkeypatch.setattr(importlib.util, "find_spec", find_all_but_skimage)

        assert keys(SampleKind.PHOTOGRAPH) == ["grace-hopper", "palace", "flower"]
        assert keys(SampleKind.DETAIL) == ["tie"]
        assert set(keys(SampleKind.PATTERN)) == PATTERNS
        with pytest.raises(GalleryError, match=r"no sample image cat; choose one of grace-hop"):
            load_sample("cat")

    def test_a_missing_file_takes_only_its_sample_away(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        spec = importlib.machinery.ModuleSpec("skimage", None, is_package=True)
        spec.submodule_search_locations = [str(tmp_path)]
        (tmp_path / "data").mkdir()
        save(tmp_path / "data" / "coffee.png", "brown")
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)

        assert keys(SampleKind.PHOTOGRAPH) == ["coffee"]
        assert load_sample("coffee").pixels.shape == (6, 8, 3)

    @pytest.mark.parametrize("key", ["dog", "", "../../etc/passwd", "<script>"])
    def test_unknown_keys_get_a_sentence_with_the_known_ones(self, key: str) -> None:
        with pytest.raises(GalleryError, match=r"^There is no sample .*; choose one of cat, .*\.$"):
            load_sample(key)

    def test_thumbnail(self) -> None:
        with Image.open(io.BytesIO(make_thumbnail("coffee"))) as image:
            assert (image.format, image.size) == ("PNG", (96, 64))


class TestPairs:
    def test_each_half_is_the_middle_of_its_sample(self) -> None:
        pair = load_sample("cat-and-coffee").pixels
        cat, coffee = load_sample("cat").pixels, load_sample("coffee").pixels

        assert pair.shape == (448, 448, 3)
        # The middle 150 of 451 columns of the cat, the middle 200 of 600 of the cup.
        for half, middle in ((pair[:, :224], cat[:, 150:300]), (pair[:, 224:], coffee[:, 200:400])):
            difference = half.mean(axis=(0, 1)) - middle.mean(axis=(0, 1))
            assert np.abs(difference).max() < 1

    def test_both_authors_are_credited(self) -> None:
        (pair,) = (sample for sample in list_samples() if sample.key == "cat-and-coffee")

        assert pair.kind is SampleKind.PAIR
        assert "Stéfan van der Walt" in pair.credit
        assert "Rachel Michetti" in pair.credit

    def test_a_pair_leaves_with_either_half(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(samples, "_PAIRS", (("cat", "dog"), ("cat", "coffee")))

        assert keys(SampleKind.PAIR) == ["cat-and-coffee"]


class TestPatterns:
    def test_checkerboard(self) -> None:
        pixels = load_sample("checkerboard").pixels

        assert pixels.shape == (64, 64, 3)
        assert (pixels[:8, :8] == 0).all()
        assert (pixels[:8, 8:16] == 255).all()
        assert (pixels[8:16, :8] == 255).all()
        assert pixels.mean() == 127.5

    def test_stripes_are_each_others_transposes(self) -> None:
        vertical = load_sample("vertical-stripes").pixels[..., 0]

        assert vertical[0, :12].tolist() == [0] * 4 + [255] * 4 + [0] * 4
        assert (vertical == vertical[0]).all()
        assert np.array_equal(load_sample("horizontal-stripes").pixels[..., 0], vertical.T)

    def test_edge(self) -> None:
        pixels = load_sample("edge").pixels

        assert (pixels[:, :32] == 0).all()
        assert (pixels[:, 32:] == 255).all()

    def test_dot_is_one_square_of_four_by_four(self) -> None:
        rows, columns = np.nonzero(load_sample("dot").pixels[..., 0])

        assert len(rows) == 16
        assert (rows.min(), rows.max(), columns.min(), columns.max()) == (32, 35, 32, 35)


class TestOwnPhotos:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = tmp_path / "photos"
        folder.mkdir()
        monkeypatch.setenv("CNNVIZ_PHOTOS", str(folder))
        return folder

    def test_pictures_of_the_folder_join_the_gallery(self, folder: Path) -> None:
        save(folder / "my_dog.PNG", "red")
        save(folder / "a cat.jpg", "blue")
        (folder / "notes.txt").write_text("no picture")
        (folder / "deeper.png").mkdir()
        save(folder / "deeper.png" / "inside.png", "green")

        own = [sample for sample in list_samples() if sample.kind is SampleKind.YOURS]

        assert [(sample.key, sample.title) for sample in own] == [
            ("photo:a cat.jpg", "a cat"),
            ("photo:my_dog.PNG", "my dog"),
        ]
        image = load_sample("photo:my_dog.PNG")
        assert (image.pixels == (255, 0, 0)).all()
        assert image.digest == hashlib.sha256(b"6 8 " + bytes((255, 0, 0)) * 48).hexdigest()

    @pytest.mark.parametrize(
        "key", ["photo:../secret.png", "photo:/etc/passwd", "photo:./in.png", "photo:", "in.png"]
    )
    def test_no_key_leads_out_of_the_folder(self, folder: Path, key: str) -> None:
        save(folder / "in.png", "red")
        save(folder.parent / "secret.png", "blue")

        with pytest.raises(GalleryError, match="There is no sample image"):
            load_sample(key)

    def test_two_hundred_are_enough(self, folder: Path) -> None:
        for number in range(205):
            (folder / f"{number:03}.jpg").touch()

        assert len(keys(SampleKind.YOURS)) == 200

    def test_what_is_no_picture_gets_a_sentence(self, folder: Path) -> None:
        (folder / "fake.png").write_text("<svg/>")

        with pytest.raises(ImageError, match="fake is an SVG drawing"):
            load_sample("photo:fake.png")

    def test_a_huge_file(self, folder: Path) -> None:
        with (folder / "huge.png").open("wb") as file:
            file.truncate(2**26)

        with pytest.raises(ImageError, match="huge is larger than 20 MB"):
            load_sample("photo:huge.png")

    def test_a_file_that_cannot_be_read(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        save(folder / "gone.png", "red")

        def refuse(self: Path, *_: object) -> None:
            raise PermissionError(13, "denied", str(self))

        monkeypatch.setattr(Path, "open", refuse)

        with pytest.raises(GalleryError, match="gone cannot be read any more; choose another"):
            load_sample("photo:gone.png")

    def test_a_folder_that_is_not_there(self, folder: Path) -> None:
        folder.rmdir()

        assert keys(SampleKind.YOURS) == []


def test_an_image_is_loaded_by_key_digit_path_or_strokes(tmp_path: Path) -> None:
    save(tmp_path / "blue.png", "#0000ff")
    from_file = load_image(str(tmp_path / "blue.png"))
    assert (from_file.name, from_file.pixels[0, 0].tolist()) == ("blue.png", [0, 0, 255])
    assert load_image("dot").digest == load_sample("dot").digest
    assert load_image("digit-3").name == load_sample("digit-3").name == "Written 3"
    # A stroke down the middle: ink there, paper at the border.
    drawn = load_image("dot", strokes=[[(0.5, 0.1), (0.5, 0.9)]]).pixels
    side = drawn.shape[0]
    assert drawn[side // 2, side // 2].tolist() == [0, 0, 0]
    assert drawn[side // 2, 0].tolist() == [255, 255, 255]
    for key in ("digit-10", "digit-", "photo:gone.png"):
        with pytest.raises(GalleryError, match="There is no sample"):
            load_image(key)
    with pytest.raises(GalleryError, match=r"There is no file “gone\.png”"):
        load_image(str(tmp_path / "gone.png"))
