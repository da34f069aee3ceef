"""Every error that CNNViz raises on purpose.

CNNVizError
├── ImageError        a file that is no image, or one too large to open
├── GalleryError      a sample image that is not there
├── DrawingError      strokes that are no drawing
├── NetworkError      a network or layer that is not in the registry
│   └── UnknownReachError  a layer of which it is not known what its cells see
├── AttributionError  a method that does not apply to a network, or was asked out of range
├── ArithmeticInputError  numbers that make no layer: a stride of 0, a kernel larger than its input
├── MeasureError      a measurement that takes too much, or was stopped
├── AttackError       an attack with numbers that make none, or on a network it cannot trace
├── JobError          heavy work that takes too long, or finds the line full
├── ClusterError      a setting of the Ray cluster that cannot be followed
├── WeightsError      a weight file that is missing, broken or of another network
├── QuizError         a question that there is not, or a line of a question file that is none
├── ProgramError      a program to take away that there is not, or a value it cannot hold
├── DataError         a training folder without the files a recipe needs
└── RequestError      a request to a JSON route that cannot be answered; carries an HTTP status
    └── ClassroomError  a class that is not there, is full, or is another teacher's

Each message is one plain sentence on what was wrong and what to do; a page shows it as it is.
"""


class CNNVizError(Exception):
    """Base of all errors whose message may be shown to a visitor."""


class ImageError(CNNVizError):
    """The bytes are no image that can be opened, or it is too large."""


class GalleryError(CNNVizError):
    """The sample gallery has no image of this name."""


class DrawingError(CNNVizError):
    """The strokes are no drawing: wrong shape, wrong numbers, or too many of them."""


class NetworkError(CNNVizError):
    """The registry has no such network, or the network no such layer, map or cell."""


class UnknownReachError(NetworkError):
    """It is not known what a layer's cells see of the layer below."""


class AttributionError(CNNVizError):
    """An attribution method does not apply to a network, or a choice about it is out of range."""


class ArithmeticInputError(CNNVizError):
    """Numbers that make no layer: a stride of 0, a kernel larger than its padded input."""


class MeasureError(CNNVizError):
    """A network could not be measured: too much time or memory, an input that does not fit."""


class AttackError(CNNVizError):
    """An attack on a network cannot be made with these numbers, or not on this network."""


class JobError(CNNVizError):
    """Heavy work took longer than it may, or too much of it is waiting already."""


class ClusterError(CNNVizError):
    """The environment says nothing usable of a Ray cluster, or Ray is not installed."""


class WeightsError(CNNVizError):
    """A weight file is missing, broken, or belongs to another network."""


class DataError(CNNVizError):
    """A data folder lacks the files that a training recipe reads."""


class ProgramError(CNNVizError):
    """There is no such program to take away, or it cannot hold the values that were given."""


class QuizError(CNNVizError):
    """There is no such question, or a file of questions has a line that cannot be read."""


class RequestError(CNNVizError):
    """A request to a JSON route that cannot be answered.

    Attributes:
        status: The HTTP status of the answer, 400 to 499 (or 503 when the server is too busy).
    """

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class ClassroomError(RequestError):
    """A class that is not there, is full or belongs to another teacher, or cannot be kept."""
