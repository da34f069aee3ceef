"""What is left of an image without its texture: its silhouette, and its edges.

Nothing here knows what an object is. The silhouette is what no smooth path of colours connects
with the image's border, which fails where the object fills the frame or the ground is busy.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

from cnnviz.errors import ImageError
from cnnviz.images.image import Pixels

Mask = npt.NDArray[np.bool_]

_SIDE = 96  # on which the paths are looked for
_FLAT = 30  # percentile of the colour steps that cost nothing: grain and haze
_MIN_AREA = 0.2  # of the largest part's area; smaller ones are specks
_FAINT = 2.0  # a colour step in CIELAB that the eye hardly sees
_LINE = 80  # of which the side of the image is one pen width of the edges


def find_silhouette(pixels: Pixels) -> Mask:
    """Find what stands out from the border of an image.

    Args:
        pixels: uint8 (H, W, 3).

    Returns:
        (H, W), True inside; nothing where the image is too flat to hold an object.

    Raises:
        ImageError: The image is smaller than 8 pixels.

    Source: Wei, Wen, Zhu and Sun 2012, "Geodesic saliency using background priors", ECCV: the cost
    of the cheapest path to the border, here over the steps of colour between neighbouring pixels,
    cut where Otsu's method parts it.
    """
    from scipy.ndimage import binary_fill_holes, label
    from skimage.filters import threshold_otsu
    from skimage.graph import MCP_Geometric

    height, width = pixels.shape[:2]
    if min(height, width) < 8:
        raise ImageError(f"An image of {width}×{height} is too small to have a silhouette.")
    scale = min(1.0, _SIDE / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    steps = _measure_steps(np.array(Image.fromarray(pixels).resize(size, Image.Resampling.BOX)))
    if steps.max() < _FAINT:
        return np.zeros((height, width), dtype=bool)
    border = np.ones(steps.shape, dtype=bool)
    border[1:-1, 1:-1] = False
    paths = MCP_Geometric(np.clip(steps - np.percentile(steps, _FLAT), 0, None) + 1e-3)
    costs = paths.find_costs(np.argwhere(border))[0]
    parts, count = label(costs > threshold_otsu(costs))  # type: ignore[no-untyped-call]
    areas = np.bincount(parts.ravel(), minlength=count + 1)[1:]
    kept = 1 + np.flatnonzero(areas >= _MIN_AREA * areas.max(initial=1))
    inside = binary_fill_holes(np.isin(parts, kept))
    grown = Image.fromarray(inside.astype(np.float32)).resize(
        (width, height), Image.Resampling.BILINEAR
    )
    mask: Mask = np.asarray(grown) > 0.5
    return mask


def _measure_steps(pixels: Pixels) -> npt.NDArray[np.float64]:
    """How far a pixel's colour is from its neighbours', in CIELAB, (h, w)."""
    from skimage.color import rgb2lab
    from skimage.filters import gaussian

    smooth = gaussian(rgb2lab(pixels), 1, channel_axis=2)  # type: ignore[no-untyped-call]
    squares = [np.gradient(smooth[..., channel]) for channel in range(3)]
    steps: npt.NDArray[np.float64] = np.sqrt(
        np.sum([down**2 + across**2 for down, across in squares], axis=0)
    )
    return steps


def find_edges(pixels: Pixels) -> Mask:
    """Find an image's edges, drawn with a pen of an eightieth of its side.

    Args:
        pixels: uint8 (H, W, 3).

    Returns:
        (H, W), True on a line.

    Source: Canny 1986, "A computational approach to edge detection", as in Geirhos et al. 2019.
    """
    from scipy.ndimage import binary_dilation
    from skimage.color import rgb2gray
    from skimage.feature import canny

    side = min(pixels.shape[:2])
    thin = canny(rgb2gray(pixels), sigma=max(1.0, side / 100))  # type: ignore[no-untyped-call]
    pen = max(1, round(side / _LINE))
    lines: Mask = binary_dilation(thin, np.ones((pen, pen), dtype=bool))
    return lines
