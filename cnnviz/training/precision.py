"""In which precision a training is quick on its device."""

import time

import torch
from torch.nn import functional

_REPEATS = 3
_GAIN = 1.2


def choose_precision(device: torch.device) -> torch.dtype:
    """Return bfloat16 where a small convolution is quicker in it, else float32.

    It is measured, because a processor without instructions for bfloat16 computes in it all the
    same, many times slower.
    """
    if device.type == "cuda":
        return (
            torch.bfloat16
            if torch.cuda.is_bf16_supported(including_emulation=False)
            else (torch.float32)
        )
    if device.type != "cpu":
        return torch.float32
    seconds = {dtype: _time_convolution(dtype) for dtype in (torch.float32, torch.bfloat16)}
    quicker = seconds[torch.bfloat16] * _GAIN < seconds[torch.float32]
    return torch.bfloat16 if quicker else torch.float32


def _time_convolution(dtype: torch.dtype) -> float:
    """Return the least of a few times that one convolution took, in seconds."""
    x, kernels = (
        torch.zeros(count, 64, side, side).to(memory_format=torch.channels_last)
        for count, side in ((8, 16), (64, 3))
    )
    times = []
    with torch.no_grad(), torch.autocast("cpu", dtype=dtype, enabled=dtype != torch.float32):
        for _ in range(_REPEATS):
            started = time.perf_counter()
            functional.conv2d(x, kernels, padding=1)
            times.append(time.perf_counter() - started)
    return min(times)
