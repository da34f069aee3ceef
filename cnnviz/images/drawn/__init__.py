"""Objects that are drawn from code, since photographs that may be passed on are few.

EfficientNet-Lite0 names each of them: what it did not name was not kept, so they say nothing about
how well a network recognizes drawings.
"""

from cnnviz.images.drawn import devices, food, household, nature, sport
from cnnviz.images.drawn.drawing import Drawing

TOPICS: dict[str, tuple[Drawing, ...]] = {
    "Sport and play": sport.DRAWINGS,
    "Food and drink": food.DRAWINGS,
    "Household": household.DRAWINGS,
    "Devices and signs": devices.DRAWINGS,
    "Animals and views": nature.DRAWINGS,
}
