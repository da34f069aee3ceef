"""The ImageNet challenge, year by year: who won its classification task, and how often it erred."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """An entry of ILSVRC's classification task.

    Attributes:
        year: Of the challenge.
        entry: The network, or what came before networks.
        team: As the challenge lists it.
        top5_error: Share of the 100,000 test images whose class is not among five guesses, in
            percent.
        layers: With weights, along the longest way, of the deepest network; None where there is
            none.
        place: In that year's classification task.
        source: Where the number is from.
        printed_layers: What lectures print for them, where that is something else.
    """

    year: int
    entry: str
    team: str
    top5_error: float
    layers: int | None
    place: int
    source: str
    printed_layers: int | None = None


# One annotator who had trained himself on 500 images, on 1,500 test images.
HUMAN_TOP5_ERROR = 5.1
HUMAN_SOURCE = (
    "O. Russakovsky and others: ImageNet large scale visual recognition challenge. IJCV 2015, "
    "section 6.4"
)
_IJCV = "Russakovsky and others 2015, table 5"

RESULTS: tuple[Result, ...] = (
    Result(2010, "features, coding, SVM", "NEC-UIUC (Lin and others)", 28.2, None, 1, _IJCV),
    Result(2011, "Fisher vectors", "XRCE (Sánchez, Perronnin)", 25.8, None, 1, _IJCV),
    Result(2012, "AlexNet", "SuperVision", 16.4, 8, 1, _IJCV),
    Result(2013, "ZFNet", "Clarifai (Zeiler)", 11.7, 8, 1, _IJCV),
    Result(2014, "GoogLeNet", "GoogLeNet", 6.7, 22, 1, _IJCV),
    Result(2014, "VGG", "VGG", 7.3, 19, 2, _IJCV),
    Result(2015, "ResNet", "MSRA", 3.6, 152, 1, "He and others 2016, table 5"),
    Result(
        2016,
        "an ensemble of Inceptions and ResNets",
        "Trimps-Soushen",
        3.0,
        200,
        1,
        "ILSVRC 2016, results page",
        152,
    ),
    Result(2017, "SENet", "WMW", 2.3, 154, 1, "Hu, Shen and Sun 2018, section 6.1", 152),
)


def list_winners() -> tuple[Result, ...]:
    """Return the first of each year, 2010 to 2017."""
    return tuple(result for result in RESULTS if result.place == 1)
