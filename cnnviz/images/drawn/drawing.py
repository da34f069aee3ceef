"""What is known of a drawing."""

from collections.abc import Callable
from dataclasses import dataclass

from cnnviz.images.image import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """An object that is drawn when somebody asks for it.

    Attributes:
        label: The ImageNet class that it shows.
        draw: Draws it, uint8 (256, 256, 3), always the same.
    """

    label: str
    draw: Callable[[], Pixels]

    @property
    def key(self) -> str:
        """What names it in a link."""
        return self.label.lower().replace("'", "").replace(" ", "-")

    @property
    def title(self) -> str:
        """What a caption calls it."""
        return self.label[0].upper() + self.label[1:]
