"""Classes in a ZIP file, read in memory: a folder of images for each class.

Nothing is unpacked to a disk and nothing in it is run. What a member is called decides its class
and nothing else.
"""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from cnnviz.errors import DataError, ImageError
from cnnviz.evaluation.image_sets import SUFFIXES, EvaluationImage, SkippedFile
from cnnviz.evaluation.summary import describe_skipped
from cnnviz.images.image import (
    MAX_BYTES,
    CheckedImage,
    clean_name,
    from_array,
    read_image,
    resize_for_view,
    to_png,
)
from cnnviz.labs.transfer.sets import MAX_CLASSES, MAX_IMAGES

MAX_MEMBERS = 2000
MAX_UNPACKED = 200 * 2**20
_SIDE = 384  # of a kept image: no network here reads more
_ENCRYPTED = 1  # a flag of a member
_DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class ClassFile:
    """A file that may be an image of a class.

    Attributes:
        path: Where it lies; the folder is the class.
        data: Its bytes; empty where they could not be read.
        reason: Why they could not.
    """

    path: str
    data: bytes
    reason: str = ""


def unpack_archive(data: bytes) -> list[ClassFile]:
    """Read the image files of a ZIP file.

    Args:
        data: The whole file.

    Raises:
        DataError: It is no ZIP file, has more than 2,000 members or more than 200 MB unpacked.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGED as error:
        raise DataError(
            "The file is no ZIP file; pack a folder for each class into one."
        ) from error
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > MAX_MEMBERS:
            raise DataError(
                f"The ZIP file has {len(members):,} files; pack at most {MAX_MEMBERS:,}."
            )
        found, left = [], MAX_UNPACKED
        for member in members:
            if not _is_hidden(member.filename):
                found.append(_unpack(archive, member))
                left -= len(found[-1].data)
            if left < 0:
                raise DataError(
                    f"The ZIP file unpacks to more than {MAX_UNPACKED >> 20} MB; pack fewer or "
                    "smaller images."
                )
    return found


def _is_hidden(path: str) -> bool:
    """Whether it is what systems add to archives."""
    return any(part.startswith((".", "__")) and part != ".." for part in _split(path))


def _split(path: str) -> tuple[str, ...]:
    return PurePosixPath(path.replace("\\", "/")).parts


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> ClassFile:
    path = member.filename
    reason = _find_reason(member)
    if reason:
        return ClassFile(path, b"", reason)
    try:
        with archive.open(member) as file:
            data = file.read(MAX_BYTES + 1)  # whatever the archive says of its size
    except _DAMAGED:
        return ClassFile(path, b"", "damaged")
    return ClassFile(path, data)


def _find_reason(member: zipfile.ZipInfo) -> str:
    parts = _split(member.filename)
    if ".." in parts or parts[:1] == ("/",):
        return "a path that leads out of the archive"
    if member.flag_bits & _ENCRYPTED:
        return "encrypted"
    return "" if member.file_size <= MAX_BYTES else f"larger than {MAX_BYTES >> 20} MB"


def sort_files(
    files: Sequence[ClassFile], kept: Mapping[str, Sequence[CheckedImage]] | None = None
) -> tuple[dict[str, list[CheckedImage]], list[SkippedFile]]:
    """Read images and sort them by the folder in which each lies.

    Args:
        files: Of an archive or of a folder that was uploaded.
        kept: Classes that there are already.

    Returns:
        These and the new ones, at most eight of at most 60 images, and what is left out.

    Raises:
        DataError: None of the files is an image of a class.
    """
    classes = {label: list(images) for label, images in (kept or {}).items()}
    homes = {image.digest: label for label, images in classes.items() for image in images}
    count, skipped = len(homes), []
    for file in sorted(files, key=lambda one: one.path):
        parts = _split(file.path)
        shown = "/".join(clean_name(part) for part in parts[-2:])
        label = clean_name(parts[-2]) if len(parts) > 1 else ""
        reason = file.reason or _find_misfit(label, parts[-1] if parts else "", classes)
        if not reason:
            try:
                image = keep_small(read_image(file.data, name=parts[-1]))
            except ImageError as error:
                told = str(error).partition(";")[0].rstrip(".")
                reason = told.removeprefix(f"{clean_name(parts[-1])} ")
            else:
                reason = _find_twin(image, homes)
        if reason:
            skipped.append(SkippedFile(shown, reason))
        else:
            classes.setdefault(label, []).append(image)
            homes[image.digest] = label
    if len(homes) == count:
        left = describe_skipped(skipped) or "put a folder of images for each class into it."
        raise DataError(f"No image was added; {left}")
    return classes, skipped


def _find_twin(image: CheckedImage, homes: Mapping[str, str]) -> str:
    """An image twice would be learned from and held out at once, or be of two classes."""
    home = homes.get(image.digest)
    return "" if home is None else f"the same image as another of “{home}”"


def _find_misfit(label: str, name: str, classes: Mapping[str, Sequence[CheckedImage]]) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".zip":
        return "a ZIP file inside; unpack it first"
    if not label:
        return "in no folder of a class"
    if suffix not in SUFFIXES:
        return "no image file"
    if label not in classes and len(classes) >= MAX_CLASSES:
        return f"of a class beyond the first {MAX_CLASSES}"
    if len(classes.get(label, ())) >= MAX_IMAGES:
        return f"beyond the first {MAX_IMAGES} of its class"
    return ""


def keep_small(image: CheckedImage) -> CheckedImage:
    """Reduce an image to what networks read of it."""
    return from_array(resize_for_view(image.pixels, max_side=_SIDE), name=image.name)


def list_images(classes: Mapping[str, Sequence[CheckedImage]]) -> list[EvaluationImage]:
    """Return the images of classes with their labels."""
    return [
        EvaluationImage(image.name, label, partial(_give, image))
        for label, images in classes.items()
        for image in images
    ]


def _give(image: CheckedImage) -> CheckedImage:
    return image


def pack_archive(classes: Mapping[str, Sequence[CheckedImage]]) -> bytes:
    """Pack classes as a ZIP file that `unpack_archive` reads again."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for label, images in classes.items():
            for number, image in enumerate(images, start=1):
                archive.writestr(f"{label}/{number:03}.png", to_png(image.pixels))
    return file.getvalue()
