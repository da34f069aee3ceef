"""TIFF samples of any width, brought to eight bits.

Pillow unpacks the file into bytes, whatever their meaning; what the bytes mean is worked out here,
strip by strip.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from cnnviz.images.tiff_layout import Alpha, SampleKind, SampleLayout, rewrite_as_bytes

_STRIP_SAMPLES = 2_000_000
_WIDTHS = (8, 16, 32, 64)
# Samples of 16 bits that a camera or scanner filled with fewer, the first that holds them all.
_SMALL_BITS = (8, 10, 12)

Bytes = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True, eq=False)
class EightBits:
    """An image of eight-bit samples.

    Attributes:
        image: Of mode "L", "RGB" or "CMYK", as stored, on white where it was transparent.
        notes: One plain sentence for each thing that was done to it.
    """

    image: Image.Image
    notes: tuple[str, ...]


def read_samples(data: bytes, layout: SampleLayout) -> EightBits:
    """Read the image that a layout describes.

    Args:
        data: The whole file.
        layout: How the samples lie in it.

    Raises:
        Exception: Any of the dozen kinds that Pillow raises on damaged files.
    """
    planes = [_unpack(file) for file in rewrite_as_bytes(data, layout)]
    scale = _choose_scale(planes, layout)
    width, height = layout.size
    pixels = np.empty((height, width, layout.colours), dtype=np.uint8)
    is_clear = False
    for rows, samples in _list_strips(planes, layout):
        eight = _to_bytes(samples[..., : layout.colours], scale)
        if layout.from_white:
            eight = 255 - eight
        if layout.alpha is not Alpha.NONE:
            alpha = _to_bytes(samples[..., layout.colours :][..., :1], _full_scale(layout))
            is_clear |= bool((alpha < 255).any())
            eight = _put_on_white(eight, alpha, layout.alpha)
        pixels[rows] = eight
    clear_note = "Its transparent parts were put on white." if is_clear else ""
    notes = tuple(note for note in (scale.note, clear_note) if note)
    mode = {1: "L", 3: "RGB", 4: "CMYK"}[layout.colours]
    flat = pixels[:, :, 0] if layout.colours == 1 else pixels
    return EightBits(Image.frombytes(mode, layout.size, flat.tobytes()), notes)


def _unpack(file: bytes) -> Bytes:
    with Image.open(io.BytesIO(file), formats=("TIFF",)) as image:
        return np.asarray(image)


def _list_strips(planes: list[Bytes], layout: SampleLayout) -> Iterator[tuple[slice, Samples]]:
    """Go through an image in strips of rows, each (rows, width, samples)."""
    width, height = layout.size
    step = max(1, _STRIP_SAMPLES // (width * layout.samples))
    for top in range(0, height, step):
        rows = slice(top, min(top + step, height))
        together = [_read_values(plane[rows], layout) for plane in planes]
        yield rows, together[0] if len(together) == 1 else np.concatenate(together, axis=-1)


def _read_values(rows: Bytes, layout: SampleLayout) -> Samples:
    """Turn the bytes of some rows into samples, (rows, width, samples together)."""
    blocks = rows.reshape(len(rows), layout.blocks_across, layout.row_bytes)
    if layout.predictor == 3:
        values = _undo_byte_differences(blocks, layout)
    elif layout.bits in _WIDTHS:
        whole = blocks.view(np.dtype(f"{layout.image.order}u{layout.bits // 8}"))
        values = whole.reshape(*blocks.shape[:2], layout.columns, layout.samples_together)
        if layout.predictor == 2:
            values = np.cumsum(values, axis=2, dtype=values.dtype.newbyteorder("="))
    else:
        values = _unpack_bits(blocks, layout)
    values = values.reshape(len(rows), -1, layout.samples_together)[:, : layout.size[0]]
    return (
        values if layout.kind is SampleKind.UNSIGNED else values.view(_signed_type(layout, values))
    )


def _signed_type(layout: SampleLayout, values: Samples) -> np.dtype[np.generic]:
    letter = "f" if layout.kind is SampleKind.REAL else "i"
    return np.dtype(f"{letter}{layout.bits // 8}").newbyteorder(values.dtype.byteorder)


def _undo_byte_differences(blocks: Bytes, layout: SampleLayout) -> Samples:
    """Add up bytes and put those of a number together: they lie in planes, the highest first."""
    together, size = layout.samples_together, layout.bits // 8
    steps = blocks.reshape(*blocks.shape[:2], -1, together)
    bytes_ = np.cumsum(steps, axis=2, dtype=np.uint8)
    planes = bytes_.reshape(*blocks.shape[:2], size, layout.columns * together)
    numbers = np.ascontiguousarray(np.moveaxis(planes, 2, -1)).view(f">u{size}")
    return numbers.reshape(*blocks.shape[:2], layout.columns, together)


def _unpack_bits(blocks: Bytes, layout: SampleLayout) -> Samples:
    """Cut rows into samples of so many bits; of 24, each byte order has its own."""
    count = layout.columns * layout.samples_together
    if layout.bits == 24:
        parts = blocks.reshape(*blocks.shape[:2], count, 3).astype(np.uint32)
        low, high = (0, 2) if layout.image.order == "<" else (2, 0)
        return parts[..., low] | parts[..., 1] << 8 | parts[..., high] << 16
    bits = np.unpackbits(blocks, axis=-1)[..., : count * layout.bits]
    weights = 1 << np.arange(layout.bits - 1, -1, -1, dtype=np.uint32)
    numbers = bits.reshape(*blocks.shape[:2], count, layout.bits) @ weights
    return np.asarray(numbers, dtype=np.uint16)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From which value to which an image runs, and the sentence that tells of it."""

    low: float
    high: float
    note: str = ""


def _full_scale(layout: SampleLayout) -> _Scale:
    if layout.kind is SampleKind.REAL:
        return _Scale(0.0, 1.0)
    bits = layout.bits - (layout.kind is SampleKind.SIGNED)
    return _Scale(0.0, float(2**bits - 1))


def _choose_scale(planes: list[Bytes], layout: SampleLayout) -> _Scale:
    """Choose what becomes black and white.

    Unsigned samples of at most 16 bits run over all of their bits, or over as few as hold them
    all. Real colours run from 0 to 1. All else runs from the least value to the greatest.
    """
    unsigned = layout.kind is SampleKind.UNSIGNED
    if unsigned and layout.bits < 16:
        note = f"Its {layout.bits}-bit values were rescaled to 8 bits."
        return _Scale(0.0, 2.0**layout.bits - 1, note if layout.bits > 8 else "")
    low, high = _find_range(planes, layout)
    if unsigned and layout.bits == 16:
        bits = next((bits for bits in _SMALL_BITS if high < 2**bits), 16) if high else 16
        return _Scale(0.0, 2.0**bits - 1, f"Its {bits}-bit values were rescaled to 8 bits.")
    if layout.kind is SampleKind.REAL and layout.colours > 1 and 0 <= low <= high <= 1:
        return _Scale(0.0, 1.0, "Its numbers from 0 to 1 were rescaled to 0 to 255.")
    if low == high:
        low, high = 0.0, 255.0
    return _Scale(low, high, f"Its numbers from {low:g} to {high:g} were rescaled to 0 to 255.")


def _find_range(planes: list[Bytes], layout: SampleLayout) -> tuple[float, float]:
    """Find the least and greatest finite colour; 0 and 255 where there is none."""
    lows, highs = [], []
    for _, samples in _list_strips(planes, layout):
        colours = samples[..., : layout.colours]
        if layout.kind is SampleKind.REAL:
            colours = colours[np.isfinite(colours)]
        if colours.size:
            lows.append(float(colours.min()))
            highs.append(float(colours.max()))
    return (min(lows), max(highs)) if lows else (0.0, 255.0)


def _to_bytes(samples: Samples, scale: _Scale) -> Bytes:
    if samples.dtype.kind == "u" and samples.dtype.itemsize <= 2:
        table = _rescale(np.arange(2 ** (8 * samples.dtype.itemsize)), scale)
        looked_up: Bytes = table[samples]
        return looked_up
    return _rescale(samples, scale)


def _rescale(samples: Samples, scale: _Scale) -> Bytes:
    with np.errstate(invalid="ignore"):  # a signalling NaN, which is only a NaN afterwards
        values = samples.astype(np.float64)
    values = np.nan_to_num(values, nan=scale.low, posinf=scale.high, neginf=scale.low)
    fractions = (values.clip(scale.low, scale.high) - scale.low) / (scale.high - scale.low)
    return np.rint(fractions * 255).astype(np.uint8)


def _put_on_white(colours: Bytes, alpha: Bytes, kind: Alpha) -> Bytes:
    cover = alpha.astype(np.float32) / 255
    inked = colours * cover if kind is Alpha.STRAIGHT else colours.astype(np.float32)
    on_white: Bytes = np.rint((inked + 255 * (1 - cover)).clip(0, 255)).astype(np.uint8)
    return on_white
