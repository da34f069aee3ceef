"""Which classes of two networks are the same thing, though their lists differ.

torchvision's networks tell ImageNet's thousand classes apart and call each by the first of its
synonyms. The lineage's hundred are a hundred of those, the same WordNet numbers, under plainer
words: the table says which. Classes of other networks are the same where they are written alike.
The names of files and folders tell a class too, by word or by WordNet number.
"""

import re
from collections import Counter
from functools import lru_cache

from cnnviz.errors import NetworkError
from cnnviz.networks.zoo.imagenet_classes import IMAGENET_CLASSES, IMAGENET_WNIDS
from cnnviz.networks.zoo.lineage.classes import CLASS_NAMES, WNIDS
from cnnviz.networks.zoo.registry import NetworkSpec

# torchvision's name of a class, by its WordNet number, where the lineage has a plainer one.
_TORCHVISION_NAMES = {
    "n01629819": "European fire salamander",
    "n01698640": "American alligator",
    "n01983481": "American lobster",
    "n02123045": "tabby",
    "n02279972": "monarch",
    "n02395406": "hog",
    "n02415577": "bighorn",
    "n02437312": "Arabian camel",
    "n02509815": "lesser panda",
    "n02814533": "beach wagon",
    "n02814860": "beacon",
    "n03599486": "jinrikisha",
    "n03706229": "magnetic compass",
    "n03902125": "pay-phone",
    "n04008634": "projectile",
    "n04399382": "teddy",
    "n09193705": "alp",
}
_TO_TORCHVISION = {
    name: _TORCHVISION_NAMES.get(wnid, name) for name, wnid in zip(CLASS_NAMES, WNIDS, strict=True)
}
_TO_PLAIN = {theirs: ours for ours, theirs in _TO_TORCHVISION.items()}
_WNID = re.compile(r"n\d{8}")
_OF_WNID = dict(zip(IMAGENET_WNIDS, IMAGENET_CLASSES, strict=True))


def identify_classes(spec: NetworkSpec) -> tuple[str, ...]:
    """Return what each class of a network is called in every network's list, in its own order."""
    if spec.classes == CLASS_NAMES:
        return tuple(_TO_TORCHVISION[name] for name in spec.classes)
    return spec.classes


def write_class(identity: str) -> str:
    """Return the plainest word for a class that `identify_classes` gave."""
    return _TO_PLAIN.get(identity, identity)


def find_class(spec: NetworkSpec, name: str | int) -> int:
    """Return the index of a class, by its index or its name, the network's own or every network's.

    Raises:
        NetworkError: The network knows no such class.
    """
    if isinstance(name, int) and 0 <= name < len(spec.classes):
        return name
    for names in (spec.classes, identify_classes(spec)):
        if name in names:
            return names.index(name)
    raise NetworkError(f"{spec.title} knows no class “{name}”; see its list of classes.")


def match_classes(spec: NetworkSpec, label: str) -> frozenset[int]:
    """Return the classes of a network that a label names; none where it knows no such class.

    Args:
        spec: The network.
        label: A class's name or WordNet number, as files and folders are named (“zebra 2”,
            “n02391049_zebra”); a bar stands between several that are all right.
    """
    if label in spec.classes:  # a network may tell apart what is plain alike, such as “1”
        return frozenset(index for index, name in enumerate(spec.classes) if name == label)
    names = zip(spec.classes, identify_classes(spec), strict=True)
    wanted: set[str] = set()
    for part in label.split("|"):
        word = _simplify(part)
        numbers = [_simplify(_OF_WNID[one]) for one in _WNID.findall(part) if one in _OF_WNID]
        wanted.update((word, _PLAIN_WORDS.get(word, ""), *numbers))
    wanted.discard("")
    return frozenset(
        index for index, pair in enumerate(names) if not wanted.isdisjoint(map(_simplify, pair))
    )


@lru_cache(maxsize=4096)
def _simplify(name: str) -> str:
    """A name without WordNet number, file number, case or signs."""
    words = re.sub(r"[\W_]+", " ", _WNID.sub(" ", name)).lower().split()
    while words and words[-1].isdigit():
        words.pop()
    return " ".join(words)


_PLAIN_WORDS = {_simplify(ours): _simplify(theirs) for ours, theirs in _TO_TORCHVISION.items()}


@lru_cache(maxsize=32)
def title_classes(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return class names, one that stands twice with its index behind it."""
    count = Counter(classes)
    return tuple(
        f"{name} ({index})" if count[name] > 1 else name for index, name in enumerate(classes)
    )
