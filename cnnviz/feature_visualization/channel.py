"""One channel: where given images excite it most, then the image that is made for it."""

from collections.abc import Iterator, Sequence

import numpy as np

from cnnviz.activations.top_patches import ExcitingPatch, Peaks, find_peaks
from cnnviz.attribution.methods.deconvnet import project_activation
from cnnviz.feature_visualization.ascent import ascend
from cnnviz.feature_visualization.pixel_scale import to_pixels
from cnnviz.feature_visualization.regularizers import PRESETS, Preset
from cnnviz.feature_visualization.targets import Target, TargetKind
from cnnviz.images.image import CheckedImage, Pixels
from cnnviz.networks.graph.layers import Layer
from cnnviz.networks.load import LoadedModel

_STEPS, _EVERY = 64, 8

Found = tuple[Peaks, Pixels | None]


def search_images(
    model: LoadedModel, images: Sequence[CheckedImage], *, layer: str, channel: int
) -> Iterator[tuple[float, str, Found]]:
    """Look for a channel's peaks in images, eight at a time, then make its own image.

    Yields:
        Share done, what was done, and the peaks so far with the image once it is begun.

    Raises:
        NetworkError: There is no image, or the layer has no channels.
    """
    peaks = find_peaks(model, images[:_EVERY], layer=layer)
    for end in range(_EVERY, len(images) + _EVERY, _EVERY):
        share = 0.5 * min(1.0, end / len(images))
        yield share, f"image {min(end, len(images))} of {len(images)}", (peaks, None)
        if images[end : end + _EVERY]:
            later = find_peaks(model, images[end : end + _EVERY], layer=layer)
            peaks = peaks.join(later)
    kind = TargetKind.NEURON if model.graph.find(layer).is_spatial else TargetKind.CHANNEL
    target = Target(kind=kind, layer=layer, channel=channel)
    for moment in ascend(model, target, settings=PRESETS[Preset.OLAH], steps=_STEPS):
        if moment.step % _EVERY == 0:
            share = 0.5 + 0.5 * moment.step / _STEPS
            yield share, f"its own image, step {moment.step}", (peaks, to_pixels(moment.images)[0])


def project_patch(
    model: LoadedModel, image: CheckedImage, patch: ExcitingPatch, *, layer: Layer, channel: int
) -> Pixels:
    """Project a patch's activation down to its pixels (deconvnet), uint8 (h, w, 3).

    Mid-gray is zero; the largest magnitude is black or white.

    Raises:
        CNNVizError: There is a layer below that is not projected.
    """
    x = model.spec.preprocessing.prepare(image.pixels)
    result = project_activation(model, x, layer=layer.name, channel=channel, place=patch.place)
    values = (result.values[None] if result.pixels is None else result.pixels).numpy()
    limit = float(np.abs(values).max()) or 1.0
    gray: Pixels = np.rint(127.5 + 127.5 * values / limit).astype(np.uint8)  # (C, H, W)
    shown = np.ascontiguousarray(gray.transpose(1, 2, 0))  # (C, H, W) -> (H, W, C)
    shown = shown if shown.shape[2] == 3 else shown.repeat(3, axis=2)
    if patch.field is None:
        return shown
    field = patch.field
    return shown[field.top : field.bottom + 1, field.left : field.right + 1]
