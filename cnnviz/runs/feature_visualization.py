"""Feature visualizations, as pages ask for them."""

from collections.abc import Iterator, Sequence
from typing import Any

from cnnviz.cached import get_input
from cnnviz.feature_visualization.across import AcrossCell, grow_across
from cnnviz.feature_visualization.depth import DepthRow, grow_depths
from cnnviz.feature_visualization.dream import Dream, DreamSettings, dream
from cnnviz.feature_visualization.growth import Growth, grow
from cnnviz.feature_visualization.regularizers import PRESETS, Preset
from cnnviz.feature_visualization.targets import Target
from cnnviz.images.image import Pixels
from cnnviz.images.names import list_gallery
from cnnviz.jobs.heavy import report_progress
from cnnviz.networks.load import LoadedModel

DEPTH_CHANNELS = 6
_OLAH = PRESETS[Preset.OLAH]
_DEPTH_STEPS, _ACROSS_STEPS = 64, 128
_DEPTH_IMAGES = 8  # on which channels stand out; of all, the first image would come seconds later

Cells = tuple[AcrossCell, ...]
Rows = tuple[DepthRow, ...]


def follow_growth(
    model: LoadedModel, target: Target, how: dict[str, Any]
) -> Iterator[tuple[float, str, Growth]]:
    """Maximize a target, step by step."""
    steps: int = how["steps"]

    def write(step: int) -> tuple[float, str]:
        return step / steps, f"step {step} of {steps}"

    for growth in grow(model, target, **how, report=lambda step: report_progress(*write(step))):
        yield *write(growth.last.step), growth


def grow_rows(model: LoadedModel) -> Iterator[tuple[float, str, Rows]]:
    """Maximize channels of early, middle and late layers."""
    gallery = list_gallery()
    images = gallery[:: -(-len(gallery) // _DEPTH_IMAGES)]
    inputs = [get_input(model.spec.name, image) for image in images]
    for share, rows in grow_depths(
        model, inputs, settings=_OLAH, steps=_DEPTH_STEPS, count=DEPTH_CHANNELS
    ):
        yield share, f"image {sum(len(row.channels) for row in rows)}", rows


def grow_cells(names: Sequence[str], label: str) -> Iterator[tuple[float, str, Cells]]:
    """Maximize one class in each network."""
    for share, cells in grow_across(names, label, settings=_OLAH, steps=_ACROSS_STEPS):
        yield share, cells[-1].title if cells else "no network", cells


def follow_dream(
    model: LoadedModel, pixels: Pixels, layer: str, settings: DreamSettings
) -> Iterator[tuple[float, str, Dream]]:
    """Run DeepDream on an image."""
    for one in dream(model, pixels, layer=layer, settings=settings):
        yield one.progress, f"octave {one.octave} of {settings.octaves}, step {one.step}", one
