"""Any layer worked out: lectures' numbers, and torch's own layers as the oracle."""

import itertools
import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnnviz.costs.calculator import LayerSetting, LayerType, count_layer, list_alternatives
from cnnviz.errors import ArithmeticInputError

CONVOLUTIONS: dict[int, Any] = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED: dict[int, Any] = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
MAXIMUM: dict[int, Any] = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
AVERAGE: dict[int, Any] = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}
GLOBAL: dict[int, Any] = {
    1: nn.AdaptiveAvgPool1d,
    2: nn.AdaptiveAvgPool2d,
    3: nn.AdaptiveAvgPool3d,
}
SIZES: dict[int, tuple[int, ...]] = {1: (19,), 2: (17, 14), 3: (9, 13, 11)}


def build(setting: LayerSetting) -> Any:
    """The same layer by torch."""
    axes = len(setting.sizes)
    window: dict[str, Any] = {"stride": setting.stride, "padding": setting.padding}
    more: dict[str, Any] = {
        "dilation": setting.dilation,
        "groups": setting.groups,
        "bias": setting.bias,
    }
    channels, filters, kernel = setting.channels, setting.filters, setting.kernel
    match setting.type:
        case LayerType.CONVOLUTION:
            return CONVOLUTIONS[axes](channels, filters, kernel, **window, **more)
        case LayerType.SEPARABLE:
            more["groups"] = channels
            depthwise = CONVOLUTIONS[axes](channels, channels, kernel, **window, **more)
            pointwise = CONVOLUTIONS[axes](channels, filters, 1, bias=setting.bias)
            return nn.Sequential(depthwise, pointwise)
        case LayerType.TRANSPOSED:
            window["output_padding"] = setting.output_padding
            return TRANSPOSED[axes](channels, filters, kernel, **window, **more)
        case LayerType.MAX_POOLING:
            return MAXIMUM[axes](kernel, dilation=setting.dilation, **window)
        case LayerType.AVERAGE_POOLING:
            return AVERAGE[axes](kernel, **window)
        case LayerType.GLOBAL_POOLING:
            return GLOBAL[axes](1)
        case LayerType.LINEAR:
            inputs = channels * math.prod(setting.sizes)
            return nn.Sequential(nn.Flatten(), nn.Linear(inputs, filters, bias=setting.bias))


WINDOWS = list(itertools.product((1, 3), (1, 2), (0, 1), (1, 2), (1, 2), (True, False)))


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("kind", list(LayerType))
def test_every_layer_is_torchs(kind: LayerType, axes: int) -> None:
    compared = 0
    for kernel, stride, padding, dilation, groups, bias in WINDOWS:
        if "pooling" in kind and padding > kernel // 2:
            continue
        setting = LayerSetting(
            type=kind,
            channels=4,
            sizes=SIZES[axes],
            filters=6,
            kernel=kernel,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            output_padding=stride - 1 if kind is LayerType.TRANSPOSED else 0,
            bias=bias,
        )
        layer, found = build(setting), count_layer(setting)
        counter = FlopCounterMode(display=False)
        with torch.no_grad(), counter:
            output = layer(torch.zeros(1, 4, *SIZES[axes]))
        assert found.output == tuple(output.shape[1:])
        assert found.parameters == sum(one.numel() for one in layer.parameters())
        weights = [tuple(one.shape) for name, one in layer.named_parameters() if "weight" in name]
        assert [part.weight for part in found.parts] == weights
        assert 2 * found.multiply_adds == counter.get_total_flops()
        assert found.output_bytes == output.numel() * 4
        compared += 1
    assert compared >= 48


@pytest.mark.parametrize(
    ("setting", "output", "parameters"),
    [
        # CS231n, "Convolutional neural networks": ten 5×5 filters with padding 2 on 32×32×3.
        (LayerSetting(), (10, 32, 32), 760),
        # The same lecture: AlexNet's first layer, 96 filters of 11×11 at stride 4 on 227×227×3.
        (
            LayerSetting(sizes=(227, 227), filters=96, kernel=11, stride=4, padding=0),
            (96, 55, 55),
            34_944,
        ),
        # VGG-16's first fully connected layer: 102,760,448 weights, as the lecture counts them.
        (
            LayerSetting(
                type=LayerType.LINEAR, channels=512, sizes=(7, 7), filters=4096, bias=False
            ),
            (4096,),
            102_760_448,
        ),
    ],
)
def test_numbers_of_the_lectures(
    setting: LayerSetting, output: tuple[int, ...], parameters: int
) -> None:
    found = count_layer(setting)
    assert found.output == output
    assert found.parameters == parameters


def test_a_depthwise_separable_convolution_saves_what_its_paper_says() -> None:
    """MobileNets, section 3.1: 1/N + 1/D_K² of the multiply-adds."""
    setting = LayerSetting(channels=64, sizes=(56, 56), filters=128, kernel=3, padding=1)
    plain = count_layer(setting)
    separable = count_layer(replace(setting, type=LayerType.SEPARABLE))
    ratio = separable.multiply_adds / plain.multiply_adds
    assert ratio == pytest.approx(1 / 128 + 1 / 9)


def test_global_average_pooling_has_no_parameters() -> None:
    found = count_layer(LayerSetting(type=LayerType.GLOBAL_POOLING, channels=512, sizes=(7, 7)))
    assert (found.output, found.parameters, found.multiply_adds) == ((512, 1, 1), 0, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kernel": 40}, "does not|take a smaller kernel"),
        ({"groups": 2}, "do not divide"),
        ({"stride": 0}, "must be 1 or more"),
        ({"type": LayerType.TRANSPOSED, "padding": 40}, "nothing is left"),
        ({"type": LayerType.TRANSPOSED, "output_padding": 1}, "less than the stride"),
        ({"type": LayerType.TRANSPOSED, "stride": 0}, "S is 0"),
        ({"type": LayerType.MAX_POOLING, "padding": 3}, "half of its kernel"),
        ({"type": LayerType.LINEAR, "channels": 0}, "1 or more"),
        ({"sizes": ()}, "one to three"),
    ],
)
def test_what_torch_would_refuse_is_a_sentence(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ArithmeticInputError, match=said):
        count_layer(LayerSetting(**change))


def test_alternatives_leave_out_what_does_not_fit() -> None:
    assert [one.setting.type for one in list_alternatives(LayerSetting())] == list(LayerType)
    large = LayerSetting(kernel=64, padding=0)
    assert {one.setting.type for one in list_alternatives(large)} == {
        LayerType.TRANSPOSED,
        LayerType.GLOBAL_POOLING,
        LayerType.LINEAR,
    }
