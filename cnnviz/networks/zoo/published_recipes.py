"""How published networks were trained, as their papers and their authors' settings say."""

from dataclasses import dataclass

IMAGENET_IMAGES = 1_281_167  # of ILSVRC 2012, to train on


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRecipe:
    """A training recipe.

    Attributes:
        name: Key in addresses.
        title: Network and year.
        images: What it was trained on, at which size.
        epochs: Passes over the training images; computed where the source gives steps.
        optimizer: What makes the steps.
        batch: Images in a step.
        rate: Highest learning rate.
        schedule: How the rate changes.
        decay: Weight decay.
        regularization: Against overfitting, besides weight decay.
        normalization: Of the activations.
        augmentation: How the training images are varied.
        testing: How an image is evaluated, and by how many networks.
        result: As published.
        source: Where all of this is printed.
    """

    name: str
    title: str
    images: str
    epochs: float
    optimizer: str
    batch: int
    rate: float
    schedule: str
    decay: float
    regularization: str
    normalization: str
    augmentation: str
    testing: str
    result: str
    source: str


def count_epochs(steps: int, batch: int) -> float:
    """Return how many times all training images of ImageNet are seen in these steps."""
    return steps * batch / IMAGENET_IMAGES


# Looked up again: AlexNet's 90 epochs in public descriptions of its training, ResNet's five sizes
# at test time (224, 256, 384, 480, 640) in quotations of section 3.4, and all of ResNet-RS but its
# result in the settings file that its source names: 109,200 steps of 4,096 images, 1,560 of them
# warm-up, l2_weight_decay 0.00004.
PUBLISHED_RECIPES = (
    PublishedRecipe(
        name="alexnet_2012",
        title="AlexNet (2012)",
        images="ImageNet, 224×224",
        epochs=90,
        optimizer="SGD, momentum 0.9",
        batch=128,
        rate=0.01,
        schedule="÷ 10 by hand at a plateau, three times",
        decay=5e-4,
        regularization="dropout 0.5",
        normalization="local response",
        augmentation="random crop of 256×256, mirror, PCA of the colors",
        testing="10 crops; 7 networks",
        result="top-5 error 15.3 %",
        source=(
            "A. Krizhevsky, I. Sutskever, G. Hinton: ImageNet classification with deep "
            "convolutional neural networks. NIPS 2012, sections 3.3, 4, 5 and table 2"
        ),
    ),
    PublishedRecipe(
        name="resnet_2015",
        title="ResNet (2015)",
        images="ImageNet, 224×224",
        epochs=count_epochs(600_000, 256),
        optimizer="SGD, momentum 0.9",
        batch=256,
        rate=0.1,
        schedule="÷ 10 at a plateau",
        decay=1e-4,
        regularization="none",
        normalization="batch",
        augmentation="shorter side 256 to 480, random crop, mirror, colors",
        testing="5 sizes; 6 networks",
        result="top-5 error 3.57 %",
        source=(
            "K. He, X. Zhang, S. Ren, J. Sun: Deep residual learning for image recognition. CVPR "
            "2016, section 3.4 and table 5"
        ),
    ),
    PublishedRecipe(
        name="resnet_rs",
        title="ResNet-RS-200 (2021)",
        images="ImageNet, 256×256",
        epochs=350,
        optimizer="SGD, momentum 0.9; EMA 0.9999",
        batch=4096,
        rate=1.6,
        schedule="5 epochs of warm-up, cosine",
        decay=4e-5,
        regularization="dropout 0.25, label smoothing 0.1, stochastic depth 0.1",
        normalization="batch",
        augmentation="random crop, mirror, RandAugment of magnitude 15",
        testing="1 crop; 1 network",
        result="top-1 accuracy 83.4 %",
        source=(
            "I. Bello and others: Revisiting ResNets. NeurIPS 2021, table 1; the settings are the "
            "authors', github.com/tensorflow/models, imagenet_resnetrs200_i256.yaml"
        ),
    ),
)
