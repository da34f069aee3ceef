"""What a visitor chooses on the comparison page."""

from dataclasses import dataclass

from cnnviz.images.corruptions import DIFFICULTIES, Corruption
from cnnviz.web.controls.corruption import corruption, name_fields
from cnnviz.web.controls.kinds import choice
from cnnviz.web.controls.sets import images, networks
from cnnviz.web.state import PageState

MAX_NETWORKS = 6
MAX_IMAGES = 8
FIELDS = name_fields(DIFFICULTIES)
# The years of the challenge at 64 pixels, and a network of a thousand classes at 224.
_FIRST = ("alexnet64", "vgg64", "googlenet64", "resnet64", "efficientnet_lite0")


@dataclass(frozen=True)
class CompareControls:
    """The networks, what is done to the image, and what the curves and the table are about."""

    networks: tuple[str, ...] = networks(most=MAX_NETWORKS, first=_FIRST)
    rotation: int = corruption(Corruption.ROTATION)
    crop: int = corruption(Corruption.CROP)
    gray: int = corruption(Corruption.GRAY)
    contrast: int = corruption(Corruption.CONTRAST)
    blur: int = corruption(Corruption.BLUR)
    noise: int = corruption(Corruption.NOISE)
    follow: Corruption = choice(DIFFICULTIES, "Corruption on the x-axis")
    images: tuple[str, ...] = images("Images", most=MAX_IMAGES)


Page = PageState[CompareControls]
