"""The thousand classes of ImageNet's challenge, without importing torchvision, which takes seconds.

Each goes by the first of its synonyms in WordNet, as torchvision writes them; the seven that would
then be called alike have a second word. The WordNet numbers name ImageNet's own folders, in the
order of the classes. Source: the synsets of ILSVRC 2012.
"""

from pathlib import Path

_TEXT = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
IMAGENET_CLASSES: tuple[str, ...] = tuple(_TEXT.replace("\n", " ").strip().split(", "))

_NUMBERS = Path(__file__).with_name("imagenet_wnids.txt").read_text(encoding="utf-8").split()
IMAGENET_WNIDS: tuple[str, ...] = tuple(f"n{number}" for number in _NUMBERS)
