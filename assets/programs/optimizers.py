"""Optimizers: the steps of one of them on a surface."""

# %% Everything is computed by the package cnnviz.
from cnnviz.labs.optimizers import Optimizer, Schedule, Settings, Surface, descend

# %% Change these values and run the program again.
SURFACE = "quadratic"  # or "saddle", "local_minimum", "rosenbrock"
OPTIMIZER = "adam"  # or "sgd", "momentum", "nesterov", "rmsprop", "adamw"
CONDITION = 19  # of the quadratic
START = (-2.6, 1.4)
RATE = 0.05  # of SGD, momentum and Nesterov
ADAPTIVE_RATE = 0.1  # of RMSProp, Adam and AdamW
MOMENTUM = 0.9
DECAY = 0.0
SCHEDULE = "constant"  # or "step", "cosine", "one_cycle", "warm_up"
BATCH = None  # examples a minibatch, None for all

# %% Run the optimizer of torch.
descent = descend(
    Surface(SURFACE),
    Optimizer(OPTIMIZER),
    settings=Settings(
        rate=RATE,
        adaptive_rate=ADAPTIVE_RATE,
        momentum=MOMENTUM,
        decay=DECAY,
        schedule=Schedule(SCHEDULE),
    ),
    start=START,
    condition=CONDITION,
    batch=BATCH,
)

# %% One line for each step, at first and then every twentieth.
for step, (point, loss) in enumerate(
    zip(descent.points.tolist(), descent.losses.tolist(), strict=True)
):
    if step < 5 or step % 20 == 0:
        print(f"step {step}: w = ({point[0]:.4f}, {point[1]:.4f}), loss {loss:.4g}")
for name, values in descent.values.items():
    print(f"{name} in step 1: {[round(value, 6) for value in values[0].tolist()]}")
