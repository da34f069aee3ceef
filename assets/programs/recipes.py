"""Recipes: an architecture search on digits, and compound scaling."""

# %% Everything is computed by the package cnnviz.
from cnnviz.labs.architecture_search import Strategy, search_architectures
from cnnviz.labs.compound_scaling import Growing, Growth, count_costs

# %% Change these values and run the program again.
TRIALS = 20  # networks that each strategy tries
UPDATES = 40  # with which each network is trained
RATE = 3.0  # the controller's learning rate
SEED = 0
PHI = 1.0  # how often depth, width and resolution grow
ALPHA = 1.2  # factor on depth
BETA = 1.1  # factor on width
GAMMA = 1.15  # factor on resolution

# %% Search by a controller and at random, the same number of networks each.
for _share, _step, search in search_architectures(
    trials=TRIALS, updates=UPDATES, rate=RATE, seed=SEED
):
    new = search.trials[-1]
    print(f"{new.number} {new.strategy}: {new.accuracy:.1%}, {new.layers}")
for strategy in Strategy:
    print(f"best by {strategy}: {search.list_best(strategy)[-1]:.1%}")

# %% Scale EfficientNet-Lite0, and count its multiply-adds.
growth = Growth(phi=PHI, alpha=ALPHA, beta=BETA, gamma=GAMMA)
first = count_costs(Growth(phi=0).find_factors())
for growing in Growing:
    table = count_costs(growth.find_factors(growing))
    times = table.multiply_adds / first.multiply_adds
    print(f"{growing}: promised {growth.promise(growing):.2f} times, built {times:.2f}")
