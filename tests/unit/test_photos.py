"""The lineage's training data: layouts, the split, the cache, and random parts of pictures."""

import hashlib
import shutil
import zipfile
from pathlib import Path

import pytest
import torch

from cnnviz.errors import DataError
from cnnviz.training import photos
from cnnviz.training.cropping import crop_photos
from cnnviz.training.photo_files import PhotoFile, choose_held_out, list_photos, read_photos
from cnnviz.training.photos import load_for_measuring, load_photos
from cnnviz.training.recipes import PHOTO_RECIPES, Cropping
from tests.small_photos import WNIDS, photo_bytes, put_archive, put_photos

# Layouts


def lay_out(folder: Path, layout: str, *, count: int) -> Path:
    """Put the same pictures into a folder in one of the layouts that are read."""
    folder.mkdir()
    if layout == "zip":
        put_archive(folder / "a.zip", count=count // 2)
        put_archive(folder / "b.zip", count=count - count // 2, first=count // 2)
    else:
        inside = folder / "train" if layout.startswith("train") else folder
        put_photos(inside, count=count, images=layout.endswith("images"))
    return folder


LAYOUTS = ["train", "train/images", "plain", "plain/images", "zip"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_pictures(tmp_path: Path, layout: str) -> None:
    folder = lay_out(tmp_path / "data", layout, count=12)
    listed = list_photos(folder)
    assert [(photo.wnid, photo.name) for photo in listed] == sorted(
        (wnid, f"{wnid}_{number}.JPEG") for wnid in WNIDS for number in range(12)
    )
    for photo, data in zip(listed, read_photos(listed), strict=True):
        number = int(photo.name.partition("_")[2].removesuffix(".JPEG"))
        assert data == photo_bytes(photo.wnid, number)
    assert {photo.for_training for photo in listed} == {not layout.startswith("plain")}


def test_other_folders_and_files_are_left_alone(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "data", "train", count=10)
    (folder / "train" / WNIDS[0] / "boxes.txt").write_text("n", encoding="utf-8")
    (folder / "val" / "images").mkdir(parents=True)
    (folder / "val" / "images" / "val_0.JPEG").write_bytes(b"")
    shutil.copytree(folder / "train" / WNIDS[0], folder / "train" / "n00000009")
    assert len(list_photos(folder)) == 40
    found = load_photos(folder, wnids=WNIDS, cache=tmp_path)
    assert len(found.train.labels) + len(found.held_out.labels) == 30


@pytest.mark.parametrize("trouble", ["missing", "empty", "no zip"])
def test_a_folder_without_pictures_is_one_sentence(tmp_path: Path, trouble: str) -> None:
    folder = tmp_path / "data"
    if trouble != "missing":
        folder.mkdir()
    if trouble == "no zip":
        (folder / "a.zip").write_bytes(b"no zip file")
    expected = {
        "missing": "is no folder",
        "empty": "There are no images in",
        "no zip": r"a\.zip cannot be read as a zip file",
    }
    with pytest.raises(DataError, match=expected[trouble]):
        list_photos(folder)


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "data", "train", count=10)
    (folder / "train" / WNIDS[1] / f"{WNIDS[1]}_4.JPEG").write_bytes(b"no picture")
    with pytest.raises(DataError, match=f"{WNIDS[1]}_4.JPEG"):
        load_photos(folder, wnids=WNIDS, cache=tmp_path)


def test_a_broken_zip_file_is_named(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "data", "zip", count=20)
    with zipfile.ZipFile(folder / "a.zip") as archive:
        place = archive.infolist()[3].header_offset
    data = bytearray((folder / "a.zip").read_bytes())
    data[place + 200] ^= 255
    (folder / "a.zip").write_bytes(data)
    with pytest.raises(DataError, match=r"_3\.JPEG of a\.zip cannot be read"):
        load_photos(folder, wnids=WNIDS, cache=tmp_path)


def test_a_class_with_too_few_pictures_is_named(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "data", "train", count=10)
    (folder / "train" / WNIDS[2] / f"{WNIDS[2]}_0.JPEG").unlink()
    with pytest.raises(DataError, match=f"fewer than ten images of {WNIDS[2]}"):
        load_photos(folder, wnids=WNIDS, cache=tmp_path)


# The split


def make_files(names: list[str], *, source: str = "a") -> list[PhotoFile]:
    return [
        PhotoFile(
            wnid="n01443537",
            name=name,
            source=Path(source),
            path=name,
            stamp="",
            zipped=False,
            for_training=True,
        )
        for name in names
    ]


def test_fifty_of_five_hundred_are_held_out_by_their_names_alone() -> None:
    names = [f"n01443537_{number}.JPEG" for number in range(500)]
    held_out = choose_held_out(make_files(names))
    assert len(held_out) == 50
    assert held_out == choose_held_out(make_files(names[::-1], source="b"))
    # The rule, written another way: no name that is kept has a lower digest than one held out.
    digests = {name: int(hashlib.sha256(name.encode()).hexdigest(), 16) for name in names}
    highest = max(digests[name] for _, name in held_out)
    assert sum(digest <= highest for digest in digests.values()) == 50
    # The three lowest, worked out with sha256sum.
    lowest = {f"n01443537_{number}.JPEG" for number in (98, 488, 3)}
    assert lowest <= {name for _, name in held_out}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_picture_is_both_learnt_from_and_measured_on(tmp_path: Path, layout: str) -> None:
    folder = lay_out(tmp_path / "data", layout, count=20)
    found = load_photos(folder, wnids=WNIDS, cache=tmp_path)
    train, held_out = (
        {image.numpy().tobytes() for image in part.images} for part in (found.train, found.held_out)
    )
    assert (len(train), len(held_out)) == (54, 6)
    assert not train & held_out
    assert found.held_out.labels.bincount().tolist() == [2, 2, 2]
    again = load_photos(folder, wnids=WNIDS, cache=tmp_path / "other")
    assert again.train.digest() == found.train.digest()
    assert again.held_out.digest() == found.held_out.digest()


def test_labels_follow_the_order_given(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "data", "train", count=10)
    found = load_photos(folder, wnids=WNIDS, cache=tmp_path)
    # The classes are red, green and blue, in the order of WNIDS.
    brightest = found.train.images.float().mean(dim=(2, 3)).argmax(dim=1)
    assert torch.equal(brightest, found.train.labels)


def test_only_held_out_pictures_of_a_training_folder_are_measured(tmp_path: Path) -> None:
    training = lay_out(tmp_path / "training", "train/images", count=20)
    held_out = load_photos(training, wnids=WNIDS, cache=tmp_path).held_out
    assert load_for_measuring(training, wnids=WNIDS).digest() == held_out.digest()
    other = lay_out(tmp_path / "other", "plain", count=3)
    assert len(load_for_measuring(other, wnids=WNIDS).labels) == 9
    with pytest.raises(DataError, match="no images to measure on"):
        load_for_measuring(other, wnids=("n00000007",))


def test_pictures_are_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lay_out(tmp_path / "data", "zip", count=10)
    cache = tmp_path / "cache"
    first = load_photos(folder, wnids=WNIDS, cache=cache)
    (file,) = cache.iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(photos, "read_image", None)
        second = load_photos(folder, wnids=WNIDS, cache=cache)
    assert second.train.digest() == first.train.digest()
    file.write_bytes(file.read_bytes()[:-1])
    mended = load_photos(folder, wnids=WNIDS, cache=cache)
    assert mended.train.digest() == first.train.digest()
    put_archive(folder / "c.zip", count=10, first=10)
    assert len(load_photos(folder, wnids=WNIDS, cache=cache).train.labels) == 54


# Random parts


def random_photos(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randint(0, 256, (count, 3, 64, 64), dtype=torch.uint8, generator=generator)


def test_the_whole_picture_or_its_mirror_comes_back_unchanged() -> None:
    images = random_photos(40)
    whole = Cropping(area=1.0, stretch=0.0)
    out = crop_photos(images, whole, side=64, generator=torch.Generator().manual_seed(0))
    mirrored = 0
    for before, after in zip(images.float(), out, strict=True):
        turned = float((before.flip(2) - after).abs().max()) < 0.05
        assert turned or float((before - after).abs().max()) < 0.05
        mirrored += turned
    assert 8 < mirrored < 32


def test_parts_lie_within_the_picture_and_have_the_area_asked_for() -> None:
    """A picture whose red is its column and whose green is its row tells where a part lies."""
    place = torch.arange(64, dtype=torch.uint8)
    image = torch.zeros(3, 64, 64, dtype=torch.uint8)
    image[0], image[1] = place, place[:, None]
    cropping = Cropping(area=0.25, stretch=0.3)
    out = crop_photos(
        image.expand(500, 3, 64, 64), cropping, side=64, generator=torch.Generator().manual_seed(0)
    )
    assert float(out.min()) >= 0
    assert float(out.max()) <= 63
    # From the first to the last sample there are 63 of 64 steps; the edge holds the outermost back.
    width = (out[:, 0, 0, -2] - out[:, 0, 0, 1]).abs() / 61
    height = (out[:, 1, -2, 0] - out[:, 1, 1, 0]) / 61
    area, ratio = width * height, width / height
    assert float(area.min()) > 0.2
    assert float(area.max()) < 1.03
    assert 0.5 < float(area.mean()) < 0.7
    assert float(ratio.min()) > 0.7
    assert float(ratio.max()) < 1.43
    assert float(ratio.std()) > 0.05
    # Parts come from everywhere: some touch each edge, and centres differ.
    center = out[:, 0].mean(dim=(1, 2))
    assert float(center.std()) > 2


def test_parts_depend_on_the_seed_alone_and_may_be_smaller() -> None:
    images = random_photos(6)
    cropping = PHOTO_RECIPES["alexnet64"].cropping

    def crop(seed: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        return crop_photos(images, cropping, side=48, generator=generator)

    assert crop(1).shape == (6, 3, 48, 48)
    assert torch.equal(crop(1), crop(1))
    assert not torch.equal(crop(1), crop(2))
