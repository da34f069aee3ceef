"""Evaluate on your folder: accuracy, calibration and mistakes of networks."""

# %% Everything is computed by the package cnnviz.
from cnnviz.evaluation.image_sets import choose_images, load_set
from cnnviz.evaluation.run import evaluate_networks
from cnnviz.evaluation.scores import score_classes
from cnnviz.evaluation.summary import describe_scores, describe_skipped
from cnnviz.networks.load import load_model

# %% Change these values and run the program again.
NETWORKS = ["efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"]
IMAGES = "samples"  # or "digits", or "folder": the one that CNNVIZ_CLASSES names
MAX_IMAGES = 200  # images

# %% Let the networks name every image.
found = load_set(IMAGES)
images = choose_images(found.images, MAX_IMAGES)
models = [load_model(name) for name in NETWORKS]
evaluation = list(evaluate_networks(models, images, skipped=found.skipped))[-1][2]

# %% Accuracy, and the classes that are hardest for each network.
for scores in evaluation.networks:
    print(scores.spec.title)
    print(describe_scores(scores))
    for one in score_classes(scores)[:3]:
        print(f"  {one.name}: {one.top1.correct} of {one.top1.total} {one.mistaken}")
print(describe_skipped(evaluation.skipped))
