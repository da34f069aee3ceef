"""Train a network: put together from layers, on handwritten digits."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

from cnnviz.labs.digit_sets import DigitSource
from cnnviz.labs.live_training import TrainingRun
from cnnviz.labs.optimizers import Optimizer, Schedule
from cnnviz.labs.trained_networks import write_weights
from cnnviz.labs.training_plan import TrainingPlan

# %% Change these values and run the program again.
LAYERS = "conv6k5, relu, max2, conv16k5, relu, max2, conv120k5, relu, flatten, fc84, relu, fc10"
SOURCE = "digits"  # or "mnist", from the folder that CNNVIZ_MNIST names
OPTIMIZER = "adam"  # or "sgd", "momentum", "nesterov", "rmsprop", "adamw"
RATE = 0.006  # learning rate
SCHEDULE = "one_cycle"  # or "constant", "step", "cosine", "warm_up"
BATCH = 32  # images in a step
DECAY = 0.0  # weight decay
EPOCHS = 25  # passes over the training digits
AUGMENTED = True  # turn, shift, stretch and slant training digits
SEED = 0

# %% Train to the end.
plan = TrainingPlan(
    layers=LAYERS,
    source=DigitSource(SOURCE),
    optimizer=Optimizer(OPTIMIZER),
    rate=RATE,
    schedule=Schedule(SCHEDULE),
    batch=BATCH,
    decay=DECAY,
    epochs=EPOCHS,
    is_augmented=AUGMENTED,
    seed=SEED,
)
run = TrainingRun(plan)
for _ in run.advance():
    pass

# %% The layers, the curve, and the weights as a file.
for row in run.rows:
    print(f"{row.name}: {row.output}, {row.parameters} parameters")
for look in run.curves.looks:
    print(f"step {look.step}: loss {look.loss:.3f}, held-out accuracy {look.accuracy:.1%}")
if run.note:
    print(run.note)
Path("trained.safetensors").write_bytes(write_weights(run))
