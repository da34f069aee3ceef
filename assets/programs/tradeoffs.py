"""Trade-offs: which networks give the most accuracy for what they cost."""

# %% Everything is computed by the package cnnviz.
from cnnviz.costs.tradeoffs import (
    Quantity,
    Recipe,
    Score,
    choose_best,
    choose_weights,
    find_front,
    list_reported,
)

# %% Change these values and run the program again.
COST = "Multiply-adds"  # or "Parameters", "File size"
SCORE = "Top-1"  # or "Top-5", "Top-1 per million parameters"
RECIPE = "first recipe"  # or "best of each", "all"
FAMILIES: list[str] = []  # such as "ResNet"; none for all
MAX_MULTIPLY_ADDS: float | None = None  # the budget; None for no limit
MAX_PARAMETERS: float | None = None

# %% The networks, as torchvision reports them.
cost, score = Quantity(COST), Score(SCORE)
networks = [
    one
    for one in choose_weights(list_reported(), Recipe(RECIPE))
    if not FAMILIES or one.family in FAMILIES
]
print(f"{len(networks)} networks")

# %% The Pareto front: no other network is as good at no higher cost.
for one in find_front(networks, cost=cost, score=score):
    print(f"{one.title}: {one.costs[cost]:,.0f} for {one.score(score):.2f}")

# %% The most accurate network that fits the budget.
limits = {Quantity.MULTIPLY_ADDS: MAX_MULTIPLY_ADDS, Quantity.PARAMETERS: MAX_PARAMETERS}
budget = {name: most for name, most in limits.items() if most is not None}
best = choose_best(networks, budget=budget)
print("none fits" if best is None else f"best: {best.title}, {best.top1:.2f}% top-1")
