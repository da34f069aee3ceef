"""Style transfer and robustness, as pages ask for them."""

from collections.abc import Iterator, Sequence

from cnnviz.images.corruptions import Corruption
from cnnviz.images.image import Pixels
from cnnviz.networks.load import LoadedModel
from cnnviz.shape_texture.bias import Naming
from cnnviz.shape_texture.images import LabelledImage
from cnnviz.shape_texture.style import StyleOptions, StyleTransfer, transfer_style
from cnnviz.shape_texture.trials import RobustnessCurve, follow_distortion

Models = Sequence[LoadedModel]
Curves = tuple[RobustnessCurve, ...]


def follow_transfer(
    maker: LoadedModel, contents: Pixels, styles: Pixels, options: StyleOptions
) -> Iterator[tuple[float, str, StyleTransfer]]:
    """Give an image another one's texture."""
    if not options.from_noise:  # shown at once: the image that it begins with
        begun = StyleTransfer(0, options.steps, content=(), style=(), pixels=contents)
        yield 0.0, "first step", begun
    for one in transfer_style(maker, contents, styles, options=options):
        yield one.step / one.steps, f"step {one.step} of {one.steps}", one


def follow_curves(
    models: Sequence[LoadedModel],
    images: Sequence[LabelledImage],
    corruption: Corruption,
    naming: Naming,
) -> Iterator[tuple[float, str, Curves]]:
    """Measure robustness against the strength of a corruption."""
    for share, curves in follow_distortion(models, images, corruption, naming=naming):
        yield share, f"{corruption.lower()}, {len(curves[0].kept)} strengths done", curves
