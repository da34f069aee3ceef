"""Images in memory and what they show."""

import hashlib
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImages:
    """Images and the number of what each shows.

    Attributes:
        images: uint8 (N, H, W) or (N, C, H, W).
        labels: int64 (N,), from 0.
    """

    images: Tensor
    labels: Tensor

    def digest(self) -> str:
        """Return the SHA-256 of images and labels together."""
        checksum = hashlib.sha256(self.images.contiguous().numpy().data)
        checksum.update(self.labels.numpy().data)
        return checksum.hexdigest()

    def join(self, other: "LabelledImages") -> "LabelledImages":
        """Return these images followed by others."""
        return LabelledImages(
            images=torch.cat([self.images, other.images]),
            labels=torch.cat([self.labels, other.labels]),
        )
