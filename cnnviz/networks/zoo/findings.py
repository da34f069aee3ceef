"""What papers measured about architectures, number by number, as they print it."""

from dataclasses import dataclass

Cell = str | float


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """A published table.

    Attributes:
        name: Key in URLs.
        title: What it is about.
        columns: Names of its columns, the first one's being what is compared.
        rows: As printed.
        says: What to read from it, in one or two sentences.
        source: The paper and its table, or the lecture.
        steps: Whether each row adds to the one before, so that the change is worth a column.
        architectures: Names in the list of architectures, row by row, whose parameters can be
            computed; empty where they cannot.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    says: str
    source: str
    steps: bool = False
    architectures: tuple[str, ...] = ()


_ALL_CNN_KINDS = ("base", "strided", "convpool", "all")

FINDINGS: tuple[Finding, ...] = (
    Finding(
        name="shortcuts",
        title="What may stand on a shortcut (ResNet-110, CIFAR-10)",
        columns=("shortcut", "error %"),
        rows=(
            ("identity", 6.6),
            ("0.5x", 12.4),
            ("exclusive gate", 8.7),
            ("conv 1x1", 12.2),
            ("shortcut-only gate", 12.9),
            ("dropout", ">20"),
        ),
        says="Nothing is best: whatever scales or gates the shortcut makes training harder.",
        source="K. He and others: Identity mappings in deep residual networks. ECCV 2016, table 1",
    ),
    Finding(
        name="preactivation",
        title="Normalize and activate before the convolution (ImageNet)",
        columns=("network", "original, top-1 error %", "pre-activation, top-1 error %"),
        rows=(("ResNet-152", 21.3, 21.1), ("ResNet-200", 21.8, 20.7)),
        says="The deeper network gains more: the original gets worse from 152 to 200 layers.",
        source="K. He and others: Identity mappings in deep residual networks. ECCV 2016, table 5",
    ),
    Finding(
        name="depth",
        title="Plain against residual, and deeper (ImageNet)",
        columns=("network", "top-1 error %", "top-5 error %"),
        rows=(
            ("AlexNet", 42.9, 19.8),
            ("VGG-16", 27.0, 8.8),
            ("VGG-19", 27.3, 9.0),
            ("Plain-34", 28.54, 10.02),
            ("ResNet-34", 26.73, 8.74),
            ("ResNet-50", 24.6, 7.7),
            ("ResNet-101", 23.4, 7.0),
        ),
        says=(
            "Three more layers give VGG nothing, and 34 plain layers are worse than 34 with "
            "shortcuts, which go on gaining. A lecture lists these together, though they were not "
            "evaluated alike: VGG's are dense over an image of 256 pixels, at one scale; "
            "Plain-34's are the paper's for ten crops; the others' are for one crop. One crop "
            "makes VGG worse, and ten crops make ResNet-34 better: 25.03 and 7.76 with identity "
            "shortcuts."
        ),
        source=(
            "A lecture after K. Simonyan, A. Zisserman: Very deep convolutional networks. ICLR "
            "2015, table 3; K. He and others: Deep residual learning. CVPR 2016, tables 2 and 3; "
            "J. Johnson: cnn-benchmarks, for AlexNet"
        ),
    ),
    Finding(
        name="resnets",
        title="ResNet from 18 to 152 layers (ImageNet)",
        columns=("network", "multiply-adds printed, billions", "top-5 error %"),
        rows=(
            ("VGG-16", "–", 9.62),
            ("ResNet-18", 1.8, 10.92),
            ("ResNet-34", 3.6, 8.58),
            ("ResNet-50", 3.8, 7.13),
            ("ResNet-101", 7.6, 6.44),
            ("ResNet-152", 11.3, 5.94),
        ),
        says=(
            "Deeper is better up to 152 layers, and 34 layers with shortcuts beat VGG-16. The "
            "errors are those of torchvision's first weights, for one crop. From 34 to 50 the work "
            "hardly grows: bottlenecks make the 3×3 layers cheap. The page of costs counts each of "
            "them, and says why torchvision's ResNet-50 needs 4.1 billion."
        ),
        source="A lecture; the work is the paper's (K. He and others, CVPR 2016, table 1)",
        architectures=("vgg16", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152"),
    ),
    Finding(
        name="ensemble",
        title="From one AlexNet to seven (ILSVRC 2012)",
        columns=("networks", "top-5 error %, validation", "top-5 error %, test"),
        rows=(
            ("1", 18.2, "–"),
            ("5", 16.4, 16.4),
            ("1, pre-trained on more classes", 16.6, "–"),
            ("7, two of them pre-trained", 15.4, 15.3),
        ),
        says=(
            "The 15.3 % that won in 2012 are the mean of seven networks' predictions; one alone "
            "has 18.2 %. The second place, without a network, had 26.17 % (a lecture prints 26.1)."
        ),
        source=(
            "A. Krizhevsky, I. Sutskever, G. Hinton: ImageNet classification with deep "
            "convolutional neural networks. NIPS 2012, table 2"
        ),
    ),
    Finding(
        name="exact",
        title="The challenge's errors, with further data and more digits (ILSVRC)",
        columns=("entry", "top-5 error %"),
        rows=(
            ("2012, second: no network", 26.1),
            ("2012, AlexNet, with further data", 15.3),
            ("2013, Clarifai, with further data", 11.2),
            ("2015, ResNet", 3.57),
        ),
        says=(
            "The winners' list prints 16.4 and 11.7 for 2012 and 2013: the same entries without "
            "data from outside the challenge. 3.57 is an ensemble of six ResNets; the list rounds "
            "it. 26.1 is cut off: the challenge counted 26.17."
        ),
        source="Results pages of ILSVRC 2012, 2013 and 2015",
    ),
    Finding(
        name="squeezenet",
        title="Smaller than AlexNet, as accurate (SqueezeNet)",
        columns=("network", "file, MB", "times smaller", "top-1 accuracy %"),
        rows=(
            ("AlexNet", 240, 1, 57.2),
            ("AlexNet, singular values", 47.6, 5, 56.0),
            ("AlexNet, pruned", 27, 9, 57.2),
            ("AlexNet, deep compression", 6.9, 35, 57.2),
            ("SqueezeNet", 4.8, 50, "as AlexNet"),
            ("SqueezeNet, deep compression, 8 bits", 0.66, 363, "as AlexNet"),
            ("SqueezeNet, deep compression, 6 bits", 0.47, 510, "as AlexNet"),
        ),
        says=(
            "510 times smaller, 0.5 MB: 50 times by the architecture, ten times by pruning and six "
            "bits for a weight. AlexNet's accuracies are 100 less the errors that the paper on "
            "deep compression prints. SqueezeNet's paper claims AlexNet's accuracy."
        ),
        source=(
            "S. Han, H. Mao, W. Dally: Deep compression. ICLR 2016, results of AlexNet; F. Iandola "
            "and others: SqueezeNet. 2016, and the compressed network that its authors published"
        ),
    ),
    Finding(
        name="keras",
        title="Pre-trained networks as Keras lists them",
        columns=("model", "file, MB", "top-1 accuracy", "top-5 accuracy", "parameters", "depth"),
        rows=(
            ("Xception", 88, 0.790, 0.945, 22_910_480, 126),
            ("VGG16", 528, 0.713, 0.901, 138_357_544, 23),
            ("VGG19", 549, 0.713, 0.900, 143_667_240, 26),
            ("ResNet50", 98, 0.749, 0.921, 25_636_712, 168),
            ("InceptionV3", 92, 0.779, 0.937, 23_851_784, 159),
            ("InceptionResNetV2", 215, 0.803, 0.953, 55_873_736, 572),
            ("MobileNet", 16, 0.704, 0.895, 4_253_864, 88),
            ("DenseNet121", 33, 0.750, 0.923, 8_062_504, 121),
            ("DenseNet169", 57, 0.762, 0.932, 14_307_880, 169),
            ("DenseNet201", 80, 0.773, 0.936, 20_242_984, 201),
        ),
        says=(
            "Depth here counts more than layers with weights: normalizations and activations too, "
            "so that VGG16 has 23 and ResNet50 168. Its parameters contain the running means and "
            "variances of normalization, which training does not learn, and ResNet50's the biases "
            "of its convolutions; VGG has neither, and agrees with the calculation to the digit."
        ),
        source="Keras documentation, Applications",
        architectures=(
            "xception",
            "vgg16",
            "vgg19",
            "resnet50",
            "inception_v3",
            "inception_resnet_v2",
            "mobilenet_v1",
            "densenet121",
            "densenet169",
            "densenet201",
        ),
    ),
    Finding(
        name="machines",
        title="AlexNet on a graphics card, a small board and a processor",
        columns=("machine", "images a second, one at a time", "images a second, 128 at a time"),
        rows=(
            ("GeForce GTX Titan X", 405, 3216),
            ("Xeon E5-2698 v3, 16 cores", 76, 476),
            ("Jetson TX1, half precision", 67, 258),
            ("Core i7-6700K", 62, 242),
        ),
        says=(
            "A batch fills the card: it is eight times as fast with 128 images at a time. The "
            "board of 6 watts keeps up with a desktop processor of 63. The page of costs measures "
            "the same network on this machine."
        ),
        source="NVIDIA: GPU-based deep learning inference, a performance and power analysis. 2015",
    ),
    Finding(
        name="all-cnn",
        title="Pooling or stride (All-CNN, CIFAR-10)",
        columns=("model", "error %", "parameters printed, M"),
        rows=(
            ("A", 12.47, 0.9),
            ("Strided-CNN-A", 13.46, 0.9),
            ("ConvPool-CNN-A", 10.21, 1.28),
            ("ALL-CNN-A", 10.30, 1.28),
            ("B", 10.20, 1.0),
            ("Strided-CNN-B", 10.98, 1.0),
            ("ConvPool-CNN-B", 9.33, 1.35),
            ("ALL-CNN-B", 9.10, 1.35),
            ("C", 9.74, 1.3),
            ("Strided-CNN-C", 10.19, 1.3),
            ("ConvPool-CNN-C", 9.31, 1.4),
            ("ALL-CNN-C", 9.08, 1.4),
        ),
        says=(
            "A convolution of stride 2 in place of pooling is as good, once its weights are "
            "granted to the pooling network as well. C and Strided-CNN-C have fewer parameters "
            "than printed."
        ),
        source="J. Springenberg and others: Striving for simplicity. ICLR 2015 workshop, table 3",
        architectures=tuple(f"all_cnn_{base}_{kind}" for base in "abc" for kind in _ALL_CNN_KINDS),
    ),
    Finding(
        name="trimps",
        title="The ensemble that won in 2016 (ILSVRC, top-5)",
        columns=("network", "top-5 error %"),
        rows=(
            ("Inception-v3", 4.20),
            ("Inception-v4", 4.01),
            ("Inception-ResNet-v2", 3.52),
            ("ResNet-200", 4.26),
            ("WRN-68-3", 4.65),
            ("fusion (test)", 2.99),
        ),
        says=(
            "No new network: five known ones vote. The single errors are of the validation "
            "images, the vote's is of the test."
        ),
        source="Trimps-Soushen, ILSVRC 2016 workshop",
    ),
    Finding(
        name="efficientnet",
        title="Depth, width and input grown together (EfficientNet)",
        columns=("network", "top-1 accuracy %", "parameters printed, M"),
        rows=(
            ("ResNet-152", 77.8, 60),
            ("EfficientNet-B1", 79.1, 7.8),
            ("ResNeXt-101", 80.9, 84),
            ("EfficientNet-B3", 81.6, 12),
            ("SENet", 82.7, 146),
            ("NASNet-A", 82.7, 89),
            ("EfficientNet-B4", 82.9, 19),
            ("GPipe", 84.3, 556),
            ("EfficientNet-B7", 84.3, 66),
        ),
        says="B7 is as accurate as GPipe with an eighth of the parameters.",
        source="M. Tan, Q. Le: EfficientNet. ICML 2019, figure 1",
    ),
    Finding(
        name="resnet-rs",
        title="The recipe, step by step, then the architecture (ResNet-RS)",
        columns=("added", "top-1 accuracy %"),
        rows=(
            ("ResNet-200", 79.0),
            ("cosine decay", 79.3),
            ("longer training", 78.8),
            ("EMA", 79.1),
            ("label smoothing", 80.4),
            ("stochastic depth", 80.6),
            ("RandAugment", 81.0),
            ("dropout on fc", 80.7),
            ("less weight decay", 82.2),
            ("squeeze-and-excitation", 82.9),
            ("ResNet-D", 83.4),
        ),
        says=(
            "Of the 4.4 points, 3.2 come from training differently and 1.2 from two changes of "
            "the architecture. Two steps lose accuracy where they are added."
        ),
        source="I. Bello and others: Revisiting ResNets. NeurIPS 2021, table 1",
        steps=True,
    ),
)

# A block's input x and what its layers add to it, F(x): a lecture's example.
SKIP_INPUT = ((32, -12, 22), (-10, -41, 1), (-30, 10, -2))
SKIP_RESIDUAL = ((20, 3, 8), (41, 19, 21), (5, 52, 12))
