"""AlexNet, ZFNet, the VGG family and NiN as published: definitions without weights.

Every builder takes the input size and returns a chain of layers with the papers' names.
"""

from torch import nn

from cnnviz.networks.zoo.stacks import Named, classifier_head, convolution, named_stack

_CLASSES = 1000


def alexnet_2012(size: int, *, grouped: bool = True) -> nn.Module:
    """Build AlexNet as published in 2012: 96 filters, local response normalisation, two groups.

    The paper states an input of 224; its own layer sizes need 227, or 224 with a padding of 1.5.

    Args:
        size: Height and width of the input; the paper's layers come out at 227.
        grouped: Whether conv2, conv4 and conv5 see only their own graphics card's half.

    Source: Krizhevsky, Sutskever and Hinton 2012, section 3.5.
    """
    groups = 2 if grouped else 1
    features = [
        *convolution("conv1", 3, 96, kernel=11, stride=4),
        *_normalized_pool(1),
        *alexnet_second_stage(96, 256, groups=groups),
        *convolution("conv3", 256, 384, kernel=3, padding=1),
        *convolution("conv4", 384, 384, kernel=3, padding=1, groups=groups),
        *convolution("conv5", 384, 256, kernel=3, padding=1, groups=groups),
        ("pool5", nn.MaxPool2d(3, 2)),
    ]
    return named_stack(classifier_head(features, size=size, widths=(4096, 4096, _CLASSES)))


def _normalized_pool(number: int) -> Named:
    return [
        (f"pool{number}", nn.MaxPool2d(3, 2)),
        (f"norm{number}", nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)),
    ]


def alexnet_second_stage(inputs: int, width: int, *, groups: int) -> Named:
    """Make conv2 with its pooling and normalisation.

    Args:
        inputs: Maps read.
        width: Maps made.
        groups: Graphics cards, each of which sees its own part of the maps.
    """
    layers = convolution("conv2", inputs, width, kernel=5, padding=2, groups=groups)
    return [*layers, *_normalized_pool(2)]


def alexnet_one_gpu(size: int) -> nn.Module:
    """Build the one-GPU AlexNet that torchvision ships, with fc6 on the map itself.

    Source: Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks".
    """
    features = [
        *convolution("conv1", 3, 64, kernel=11, stride=4, padding=2),
        ("pool1", nn.MaxPool2d(3, 2)),
        *convolution("conv2", 64, 192, kernel=5, padding=2),
        ("pool2", nn.MaxPool2d(3, 2)),
        *convolution("conv3", 192, 384, kernel=3, padding=1),
        *convolution("conv4", 384, 256, kernel=3, padding=1),
        *convolution("conv5", 256, 256, kernel=3, padding=1),
        ("pool5", nn.MaxPool2d(3, 2)),
    ]
    return named_stack(classifier_head(features, size=size, widths=(4096, 4096, _CLASSES)))


def zfnet(size: int, *, filters: tuple[int, int, int] = (384, 384, 256)) -> nn.Module:
    """Build ZFNet: AlexNet with a smaller, denser first layer.

    The poolings round up, which gives the paper's 55, 13 and 6.

    Args:
        size: Height and width of the input, 224 in the paper.
        filters: Of conv3, conv4 and conv5; (512, 1024, 512) is the paper's larger variant.

    Source: Zeiler and Fergus 2014, figure 3 and table 3.
    """
    third, fourth, fifth = filters
    features = [
        *convolution("conv1", 3, 96, kernel=7, stride=2, padding=1),
        *_rounded_pool(1),
        *convolution("conv2", 96, 256, kernel=5, stride=2),
        *_rounded_pool(2),
        *convolution("conv3", 256, third, kernel=3, padding=1),
        *convolution("conv4", third, fourth, kernel=3, padding=1),
        *convolution("conv5", fourth, fifth, kernel=3, padding=1),
        ("pool5", nn.MaxPool2d(3, 2)),
    ]
    return named_stack(classifier_head(features, size=size, widths=(4096, 4096, _CLASSES)))


def _rounded_pool(number: int) -> Named:
    return [
        (f"pool{number}", nn.MaxPool2d(3, 2, ceil_mode=True)),
        (f"norm{number}", nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)),
    ]


# Kernel sizes by stage; the widths double from stage to stage.
_VGG_KERNELS: dict[str, tuple[tuple[int, ...], ...]] = {
    "A": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "B": ((3, 3), (3, 3), (3, 3), (3, 3), (3, 3)),
    "C": ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1)),
    "D": ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    "E": ((3, 3), (3, 3), (3, 3, 3, 3), (3, 3, 3, 3), (3, 3, 3, 3)),
}
_VGG_WIDTHS = (64, 128, 256, 512, 512)


def vgg(size: int, *, column: str, normalized: bool = False) -> nn.Module:
    """Build a column of the VGG paper's table 1.

    Args:
        size: Height and width of the input, 224 in the paper.
        column: "A" (11 layers) to "E" (19); "C" has 1×1 kernels in its last stages.
        normalized: Whether local response normalisation follows the first layer ("A-LRN").

    Source: Simonyan and Zisserman 2015, table 1.
    """
    features: Named = []
    channels = 3
    stages = zip(_VGG_KERNELS[column], _VGG_WIDTHS, strict=True)
    for stage, (kernels, width) in enumerate(stages, start=1):
        features += vgg_stage(stage, channels, width, kernels=kernels)
        if normalized and stage == 1:
            features.insert(2, ("norm1", nn.LocalResponseNorm(5)))  # column A: behind conv, ReLU
        channels = width
    return named_stack(classifier_head(features, size=size, widths=(4096, 4096, _CLASSES)))


def vgg_stage(stage: int, inputs: int, width: int, *, kernels: tuple[int, ...]) -> Named:
    """Make a stage of VGG: convolutions of one width, then a pooling that halves the maps.

    Args:
        stage: Its number, for the layers' names.
        inputs: Maps read.
        width: Maps made by each convolution.
        kernels: Size of each convolution's kernel.
    """
    layers: Named = []
    for place, kernel in enumerate(kernels, start=1):
        name = f"conv{stage}_{place}"
        layers += convolution(name, inputs, width, kernel=kernel, padding=kernel // 2)
        inputs = width
    return [*layers, (f"pool{stage}", nn.MaxPool2d(2, 2))]


def nin_imagenet(_size: int) -> nn.Module:
    """Build Network in Network for ImageNet: 1×1 layers in each block, no fully connected layer.

    Source: Lin, Chen and Yan 2014; the sizes are those of the authors' ImageNet model.
    """
    blocks = (
        (3, (96, 96, 96), 11, 4, 0),
        (96, (256, 256, 256), 5, 1, 2),
        (256, (384, 384, 384), 3, 1, 1),
        (384, (1024, 1024, _CLASSES), 3, 1, 1),
    )
    layers: Named = []
    for number, (channels, widths, kernel, stride, padding) in enumerate(blocks, start=1):
        layers += mlp_convolution(number, channels, widths, kernel, stride, padding)
        if number < len(blocks):
            layers.append((f"pool{number}", nn.MaxPool2d(3, 2, ceil_mode=True)))
    return named_stack([*layers, *_average_head()])


def nin_cifar(_size: int) -> nn.Module:
    """Build Network in Network for CIFAR-10, 32×32 to ten classes.

    Source: Lin, Chen and Yan 2014, section 4; sizes of the authors' CIFAR-10 model.
    """
    layers = [
        *mlp_convolution(1, 3, (192, 160, 96), 5, 1, 2),
        ("pool1", nn.MaxPool2d(3, 2, ceil_mode=True)),
        *mlp_convolution(2, 96, (192, 192, 192), 5, 1, 2),
        ("pool2", nn.MaxPool2d(3, 2, ceil_mode=True)),
        *mlp_convolution(3, 192, (192, 192, 10), 3, 1, 1),
        *_average_head(),
    ]
    return named_stack(layers)


def mlp_convolution(
    number: int, channels: int, widths: tuple[int, ...], kernel: int, stride: int, padding: int
) -> Named:
    """Make a convolution and the two 1×1 layers that look at each place again.

    Args:
        number: Of the block, for the layers' names.
        channels: Maps read.
        widths: Maps made by the convolution and by each 1×1 layer.
        kernel: Of the convolution.
        stride: Of the convolution.
        padding: Of the convolution.
    """
    first, second, third = widths
    return [
        *convolution(
            f"conv{number}", channels, first, kernel=kernel, stride=stride, padding=padding
        ),
        *convolution(f"conv{number}_1x1a", first, second, kernel=1),
        *convolution(f"conv{number}_1x1b", second, third, kernel=1),
    ]


def _average_head() -> Named:
    return [("avgpool", nn.AdaptiveAvgPool2d(1)), ("flatten", nn.Flatten())]


def all_cnn(_size: int, *, base: str, variant: str) -> nn.Module:
    """Build a network of "Striving for simplicity", 32×32 to ten classes.

    Args:
        _size: Height and width of the input; any that the poolings leave something of.
        base: "A", "B" or "C".
        variant: "base" pools; "strided" lets the convolution before do the pooling's stride;
            "convpool" adds a convolution before each pooling; "all" puts a convolution of stride
            2 in the pooling's place.

    Source: Springenberg, Dosovitskiy, Brox and Riedmiller 2015, tables 1 and 2.
    """
    kernels = {"A": (5,), "B": (5, 1), "C": (3, 3)}[base]
    layers: Named = []
    channels = 3
    for stage, width in enumerate((96, 192), start=1):
        for place, kernel in enumerate(kernels, start=1):
            strided = variant == "strided" and place == len(kernels)
            layers += convolution(
                f"conv{stage}_{place}",
                channels,
                width,
                kernel=kernel,
                stride=2 if strided else 1,
                padding=kernel // 2,
            )
            channels = width
        layers += _all_cnn_reduction(stage, width, variant=variant)
    for name, width, kernel in (("conv3_1", 192, 3), ("conv3_2", 192, 1), ("conv3_3", 10, 1)):
        layers += convolution(name, channels, width, kernel=kernel, padding=kernel // 2)
        channels = width
    return named_stack([*layers, *_average_head()])


def _all_cnn_reduction(stage: int, width: int, *, variant: str) -> Named:
    """What halves the map at the end of a stage."""
    pool: Named = [(f"pool{stage}", nn.MaxPool2d(3, 2, 1))]
    extra = f"conv{stage}_last"
    if variant == "all":
        return convolution(extra, width, width, kernel=3, stride=2, padding=1)
    if variant == "convpool":
        return [*convolution(extra, width, width, kernel=3, padding=1), *pool]
    return [] if variant == "strided" else pool
