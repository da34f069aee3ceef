"""The page that shows the effect of each part of a recipe: its name, and what it is set to."""

from cnnviz.figures.recipes import Ingredient
from cnnviz.networks.zoo.efficientnet_lite import SCALINGS

Link = tuple[str, dict[str, str]]

LITE = "~".join(one.name for one in SCALINGS)
INGREDIENTS: dict[Ingredient, Link] = {
    Ingredient.IMAGES: ("evaluation", {}),
    Ingredient.EPOCHS: ("networks", {"trained": "resnet64~plain64"}),
    Ingredient.OPTIMIZER: ("optimizers", {"racers": "sgd~momentum~nesterov~adam"}),
    Ingredient.BATCH: ("optimizers", {"batch": "4"}),
    Ingredient.RATE: ("optimizers", {"condition": "19", "rate": "0.1", "racers": "sgd"}),
    Ingredient.SCHEDULE: ("optimizers", {"batch": "4", "schedule": "cosine"}),
    Ingredient.DECAY: ("regularization", {"part": "stopping"}),
    Ingredient.REGULARIZATION: ("regularization", {"part": "dropout"}),
    Ingredient.NORMALIZATION: ("normalization", {}),
    Ingredient.AUGMENTATION: ("regularization", {"part": "augmentation"}),
    Ingredient.TESTING: ("architectures", {"finding": "ensemble"}),
    Ingredient.RESULT: ("evaluation", {"networks": LITE}),
}
STEP_LINKS: dict[str, Link] = {
    "cosine decay": INGREDIENTS[Ingredient.SCHEDULE],
    "longer training": INGREDIENTS[Ingredient.EPOCHS],
    "EMA": INGREDIENTS[Ingredient.BATCH],
    "label smoothing": ("evaluation", {"show": "Calibration"}),
    "stochastic depth": ("gradient_flow", {"part": "dropping"}),
    "RandAugment": INGREDIENTS[Ingredient.AUGMENTATION],
    "dropout on fc": INGREDIENTS[Ingredient.REGULARIZATION],
    "less weight decay": INGREDIENTS[Ingredient.DECAY],
    "squeeze-and-excitation": ("architectures", {"block": "se"}),
    "ResNet-D": ("architectures", {"block": "bottleneck"}),
}
