"""Transfer learning: a linear head on a trained network's features, and fine-tuning."""

# %% Everything is computed by the package cnnviz.
from pathlib import Path

from cnnviz.labs.transfer.archive import list_images, sort_files, unpack_archive
from cnnviz.labs.transfer.features import read_features, title_depth
from cnnviz.labs.transfer.fine_tuning import Training, fine_tune
from cnnviz.labs.transfer.head import measure_curve, measure_depths
from cnnviz.labs.transfer.networks import write_transferred
from cnnviz.labs.transfer.sets import load_transfer_set, make_set
from cnnviz.networks.load import load_model

# %% Change these values and run the program again.
NETWORK = "efficientnet_lite0"
IMAGES = "pieces"  # or "digits", "backgrounds", "folder" (CNNVIZ_CLASSES), or a ZIP file
CLASSES: list[str] = []  # of the folder; none for its first five
COUNT = 10  # images of each class to train on, at most
TRAINING = "Head"  # or "Last stage", "Everything"
EPOCHS = 5  # of fine-tuning
RATE = 0.001  # learning rate of the head; all other layers have a tenth of it

# %% Read the images: some to train on, the others held out.
if IMAGES.endswith(".zip"):
    groups, left_out = sort_files(unpack_archive(Path(IMAGES).read_bytes()))
    images = make_set("zip", IMAGES, list_images(groups), key=IMAGES, skipped=left_out)
else:
    images = load_transfer_set(IMAGES, classes=CLASSES)
model = load_model(NETWORK)
features = list(read_features(model, images, train=COUNT, test=10))[-1][2]
print(f"{features.trained} images to train on, {len(features.test_labels)} held out")

# %% Train, and count on the held-out images.
steps = fine_tune(model, features, training=Training(TRAINING), epochs=EPOCHS, rate=RATE)
for _share, step, trained in steps:
    print(f"{step}: accuracy {trained.epochs[-1].accuracy:.1%}")

# %% The learning curve, and every depth.
for point in list(measure_curve(features))[-1][2]:
    print(f"{point.count} images per class: {point.mean:.1%}")
for one in list(measure_depths(features))[-1][2]:
    title = title_depth(model, one.layer)
    print(f"{title}: linear head {one.head:.1%}, nearest neighbor {one.neighbor:.1%}")
Path("transferred.safetensors").write_bytes(write_transferred(trained))
