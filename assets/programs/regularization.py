"""Regularization and augmentation: dropout, early stopping, transforms, and a search."""

# %% Everything is computed by the package cnnviz.
from cnnviz.images.names import load_named
from cnnviz.images.samples import load_image
from cnnviz.labs.augmentation import Transform, augment_image
from cnnviz.labs.dropout import compare_answers, train_with_dropout
from cnnviz.labs.hyperparameter_search import race_strategies
from cnnviz.labs.overfitting import follow_decay, stop_early
from cnnviz.networks.load import load_model

# %% Change these values and run the program again.
NETWORK = "resnet64"
IMAGE = "cat"  # a sample, digit-0 to digit-9, or the path of a file
STROKES: list[list[tuple[float, float]]] = []  # a drawing in place of the image
DROP = 0.5  # probability that a unit is dropped
DECAY = 0.01  # λ of L2
DIGITS = 100  # training digits
WRONG = 0.2  # share of them with a wrong label
PATIENCE = 5  # looks, one every 15 steps
TRANSFORM = "rotation"  # flip, crop, color, erasing, randaugment, mixup, cutmix
STRENGTH = 0.5
SEED = 0
PARTNER = "coffee"  # the second image of mixup and cutmix
TRIALS = 9  # of each strategy

# %% Dropout: a held-out 3, read by one thinned network, by many, and by the whole one.
training = train_with_dropout(DROP)
answers = compare_answers(training, step=100, digit=3)
kept = int(training.masks[100, 3].sum())
print(f"one mask, {kept} units kept: {float(answers.thinned[3]):.1%}")
print(f"mean over many masks: {float(answers.mean[3]):.1%}")
print(f"all units, scaled: {float(answers.scaled[3]):.1%}")

# %% L2 and early stopping.
followed = list(follow_decay((0.0, DECAY), count=DIGITS, wrong=WRONG))
for decay, course in zip((0.0, DECAY), followed[-1][2], strict=True):
    stop = stop_early(course.validation, patience=PATIENCE)
    print(
        f"decay {decay:g}: kept step {course.steps[stop.best]}, "
        f"test {course.accuracies[stop.best]:.1%}, in the end {course.accuracies[-1]:.1%}, "
        f"norm {course.norms[-1]:.2f}"
    )

# %% A transform of the image, and what the network says.
model = load_model(NETWORK)
image = load_image(IMAGE, strokes=STROKES)
for one in augment_image(
    model,
    image.pixels,
    kinds=(None, Transform(TRANSFORM)),
    seeds=(SEED, SEED),
    strength=STRENGTH,
    partner=load_named(PARTNER).pixels,
):
    name = one.kind or "original"
    print(f"{name}: {model.spec.classes[one.best]} {float(one.probabilities[one.best]):.1%}")

# %% Four strategies of search, with Optuna's samplers.
searched = list(race_strategies(trials=TRIALS, seed=SEED))
for strategy, trials in searched[-1][2].items():
    best = max(trials, key=lambda trial: trial.accuracy)
    print(f"{strategy}: best {best.accuracy:.1%} at rate {best.rate:.3g}, decay {best.decay:.3g}")
