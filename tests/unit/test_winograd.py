"""Convolutions of few multiplications against torch's own, computed in double precision."""

import pytest
import torch
from torch import nn

from cnnviz.attribution.occlusion import winograd


@pytest.mark.parametrize("size", [(1, 2), (4, 4), (7, 7), (5, 14)])
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("bias", [True, False])
def test_it_is_the_plain_convolution(size: tuple[int, int], padding: int, bias: bool) -> None:
    torch.manual_seed(0)
    module = nn.Conv2d(128, 130, 3, padding=padding, bias=bias).requires_grad_(False)
    x = torch.randn(3, 128, *(side + 2 - 2 * padding for side in size)).relu()
    found = winograd.convolve(
        x, winograd.transform_kernels(module.weight), module.bias, padding=padding
    )
    wanted = module.double()(x.double())
    assert found.shape == wanted.shape == (3, 130, *size)
    apart = (found - wanted).abs().max() / wanted.abs().max()
    assert float(apart) < 2e-5


def test_a_view_into_a_larger_map_is_read_as_it_stands() -> None:
    torch.manual_seed(0)
    weight, x = torch.randn(128, 128, 3, 3), torch.randn(2, 128, 12, 13)
    window = x[:, :, 2:9, 3:12]
    found = winograd.convolve(window, winograd.transform_kernels(weight), None)
    wanted = nn.functional.conv2d(window.double(), weight.double())
    torch.testing.assert_close(
        found.double(), wanted, rtol=0, atol=2e-5 * float(wanted.abs().max())
    )


@pytest.mark.parametrize(
    ("module", "wanted"),
    [
        (nn.Conv2d(128, 256, 3, padding=1), True),
        (nn.Conv2d(64, 256, 3), False),
        (nn.Conv2d(256, 64, 3), False),
        (nn.Conv2d(128, 128, 3, stride=2), False),
        (nn.Conv2d(128, 128, 3, dilation=2), False),
        (nn.Conv2d(256, 256, 3, groups=2), False),
        (nn.Conv2d(128, 128, (3, 1)), False),
        (nn.Conv2d(128, 128, 1), False),
    ],
)
def test_only_what_it_can_compute_is_given_to_it(module: nn.Conv2d, wanted: bool) -> None:
    assert winograd.pays(module) is wanted
