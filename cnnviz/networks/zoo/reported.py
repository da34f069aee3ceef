"""What torchvision says of the weights that it publishes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reported:
    """What torchvision's metadata says of one set of weights.

    Attributes:
        weights: Name of the weights.
        parameters: Weights and biases.
        gmacs: Billions of multiply-adds, as printed.
        top1: ImageNet top-1 accuracy in percent.
        top5: ImageNet top-5 accuracy in percent.
        file_megabytes: Size of the file in units of 2**20 bytes.
        input_size: Height and width that the weights were evaluated at.
        url: Where the file is.
    """

    weights: str
    parameters: int
    gmacs: float
    top1: float
    top5: float
    file_megabytes: float
    input_size: int
    url: str

    @property
    def file_name(self) -> str:
        """Name of the file, as torch's cache keeps it."""
        return self.url.rpartition("/")[2]

    @property
    def file_bytes(self) -> int:
        """Size of the file, nearly."""
        return round(self.file_megabytes * 2**20)

    @property
    def checksum_start(self) -> str:
        """First digits of the file's SHA-256, which torchvision writes into its name."""
        return self.file_name.rpartition("-")[2].partition(".")[0]
