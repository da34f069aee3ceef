"""What the programs of pages print, checked against torch, papers and sums worked by hand."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional

from cnnviz.images.samples import load_image
from cnnviz.networks.load import load_model
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.torchvision_import import import_torchvision

functional_v2 = import_torchvision("transforms.v2.functional")
Run = dict[str, Any]
LENET: dict[str, object] = {"NETWORK": "lenet5", "IMAGE": "digit-3"}


def read_number(text: str, before: str) -> float:
    """The first number after a text."""
    found = re.search(re.escape(before) + r"\s*(-?[\d,.]*\d)", text)
    assert found, f"{before} is not in:\n{text}"
    return float(found[1].replace(",", ""))


def lenet_input() -> torch.Tensor:
    return get_network("lenet5").preprocessing.prepare(load_image("digit-3").pixels)


def lenet_probabilities(x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        shares: torch.Tensor = load_model("lenet5").module(x)[0].softmax(dim=0)
    return shares


def check_activations(_run: Run, told: str) -> None:
    layer = load_model("lenet5").module.get_submodule("c1")
    with torch.no_grad():
        maps = layer(lenet_input())[0]
    for channel in range(6):
        largest = read_number(told, f"channel {channel}: maximum")
        assert largest == pytest.approx(float(maps[channel].max()), rel=1e-3)
    assert Path("activations.png").read_bytes().startswith(b"\x89PNG")


def check_adversarial(run: Run, told: str) -> None:
    # A step of the sign of the gradient moves no value by more than epsilon.
    assert read_number(told, "largest change") == 64
    change = run["attacked"].pixels.astype(int) - run["seen"].astype(int)
    assert np.abs(change).max() == 64
    assert "original: 3, " in told


def check_architectures(_run: Run, told: str) -> None:
    # 256·64 + 3·3·64·64 + 64·256 weights, and two numbers a channel of three normalisations.
    assert read_number(told, "bottleneck:") == 256 * 64 + 9 * 64 * 64 + 64 * 256 + 2 * 384
    assert read_number(told, "basic block:") == 2 * (9 * 256 * 256) + 2 * 512


def check_attribution(_run: Run, told: str) -> None:
    x = lenet_input().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(load_model("lenet5").module(x)[0, 7], x)
    assert read_number(told, "maximum") == pytest.approx(float(gradient.abs().max()), rel=1e-3)


def check_camera(_run: Run, told: str) -> None:
    x = lenet_input()
    best = int(lenet_probabilities(x).argmax())
    assert f"{float(lenet_probabilities(x)[best]):6.1%}  {best}" in told
    with torch.no_grad():
        peaks = load_model("lenet5").module.get_submodule("c1")(x)[0].amax(dim=(1, 2))
    strongest = ", ".join(str(int(channel)) for channel in peaks.argsort(descending=True))
    assert f"strongest maps of c1: {strongest}" in told
    assert Path("camera.png").read_bytes().startswith(b"\x89PNG")


def check_classroom(run: Run, told: str) -> None:
    images, labels = run["drawings"].images, run["drawings"].labels
    x = functional.pad(images[:, None] / 255, (2, 2, 2, 2)) * 1.275 - 0.1  # (N, 1, 32, 32)
    with torch.no_grad():
        right = int((load_model("lenet5").module(x).argmax(dim=1) == labels).sum())
    assert f"accuracy: {right / 10:.1%}" in told
    assert "  7: 1 of 1" in told
    assert re.search(rf"epoch 1: class [\d.]+%, {run['source']} 9\d.\d%", told)


def check_compare(run: Run, told: str) -> None:
    for name in ("alexnet64", "zfnet64"):
        model = load_model(name)
        x = model.spec.preprocessing.prepare(run["image"].pixels)
        with torch.no_grad():
            share, index = model.module(x)[0].softmax(dim=0).max(dim=0)
        assert f"{model.spec.title}: {model.spec.classes[int(index)]} {float(share):.1%}" in told


def check_convolution(_run: Run, told: str) -> None:
    # Sobel on a step from 0 to 9: (1 + 2 + 1) · 9 where the window lies across it.
    assert "convolution: 36 36 0, 36 36 0, 36 36 0" in told
    assert "max pool: 36" in told


def check_costs(_run: Run, told: str) -> None:
    # As Krizhevsky's 2012 network has them in Caffe.
    assert read_number(told, "parameters:") == 60_965_224
    assert read_number(told, "multiply-adds:") == 724_406_816


def check_digit(_run: Run, told: str) -> None:
    expected = lenet_probabilities(lenet_input())
    assert "top-1 class: 3" in told
    assert read_number(told, "3: logit") > 0
    shares = [float(share) for share in re.findall(r"probability ([\d.]+)%", told)]
    assert sum(shares) == pytest.approx(100, abs=0.1)
    assert max(shares) == pytest.approx(100 * float(expected[3]), abs=3)  # another raster


def check_evaluation(run: Run, told: str) -> None:
    truths = [int(image.label) for image in run["images"]]
    inputs = [
        get_network("lenet5").preprocessing.prepare(one.load().pixels) for one in run["images"]
    ]
    guesses = [int(lenet_probabilities(x).argmax()) for x in inputs]
    right = sum(guess == truth for guess, truth in zip(guesses, truths, strict=True))
    assert f"Top-1 accuracy: {100 * right / 40:.1f} % ({right} of 40)" in told


def check_excites(run: Run, told: str) -> None:
    first, last = read_number(told, "class logit:"), read_number(told, "at first,")
    assert last > first
    grey = run["growth"].last.pixels[0][..., 0].astype(np.float32) / 255
    x = torch.from_numpy(grey * np.float32(1.275) - np.float32(0.1))[None, None]
    with torch.no_grad():
        logits = load_model("lenet5").module(x)[0]
    assert last == pytest.approx(float(logits[3]), rel=1e-2)


def check_fooling(run: Run, told: str) -> None:
    assert read_number(told, "1:") >= 99
    x = get_network("lenet5").preprocessing.prepare(run["images"][0])
    assert float(lenet_probabilities(x)[1]) >= 0.99


def check_layer_calculator(_run: Run, told: str) -> None:
    # CS231n: ten 5×5 filters with padding 2 on 32×32×3.
    assert "output (10, 32, 32)" in told
    assert read_number(told, "parameters") == 760


def check_linear(run: Run, told: str) -> None:
    weights, row = run["classifier"].weights[1].double(), run["row"].double()
    bias, amount = float(run["classifier"].bias[1]), run["turn"].amount
    score = float(weights @ row) + bias
    expected = score + amount * float(weights @ weights)
    assert read_number(told, "score") == pytest.approx(score, abs=1e-3)
    assert f"= {expected:.3f}" in told


def check_normalization(_run: Run, told: str) -> None:
    names = ("cat", "coffee", "astronaut")
    prepare = get_network("resnet64").preprocessing.prepare
    x = torch.cat([prepare(load_image(name).pixels) for name in names])
    with torch.no_grad():
        values = load_model("resnet64").module.get_submodule("conv1")(x)
    assert read_number(told, "mean") == pytest.approx(float(values[:, 3].mean()), abs=1e-3)
    variance = float(values[:, 3].var(correction=0))
    assert read_number(told, "variance") == pytest.approx(variance, abs=1e-3)


def check_gradient_flow(_run: Run, told: str) -> None:
    # Xavier's weights halve the variance behind each ReLU; shortcuts add the input again.
    assert re.search(r"^plain: gradient \S+e-0\d in block 1", told, re.MULTILINE)
    residual, plain = (
        re.findall(rf"^{name}, .*: (.+, \S+%)$", told, re.MULTILINE)
        for name in ("resnet64", "plain64")
    )
    assert residual[0] == residual[2]
    assert plain[0] != plain[2]


def check_optimizers(_run: Run, told: str) -> None:
    # Adam's first step moves each weight by the learning rate.
    assert "step 1: w = (-2.5000, 1.3000)" in told
    assert "g in step 1: [-2.6, 26.6]" in told  # x and 19·y at (−2.6, 1.4)


def check_regularization(run: Run, told: str) -> None:
    # torchvision's own flip of what the network sees, read by the network.
    seen = get_network("lenet5").preprocessing.view(lenet_input())
    flipped = functional_v2.horizontal_flip(torch.from_numpy(seen)).float() / 255
    mean, std = (getattr(get_network("lenet5").preprocessing, name)[0] for name in ("mean", "std"))
    shares = lenet_probabilities(((flipped - mean) / std)[None, None])
    best = int(shares.argmax())
    assert f"flip: {best} {float(shares[best]):.1%}" in told
    assert "original: 3 " in told
    assert read_number(told, "kept step") % 15 == 0
    assert len(run["searched"][-1][2]) == 4


def check_occlusion(_run: Run, told: str) -> None:
    x, shares = lenet_input(), {}
    for top in range(0, 32, 16):
        for left in range(0, 32, 16):
            covered = x.clone()
            covered[..., top : top + 16, left : left + 16] = -0.1  # black is paper
            shares[top, left] = float(lenet_probabilities(covered)[3])
    assert f"{min(shares.values()):.1%} at the worst position" in told
    top, left = min(shares, key=shares.__getitem__)
    assert f"begins at row {top}, column {left}" in told


def check_receptive_fields(_run: Run, told: str) -> None:
    # Three 3×3 see as much as one 7×7; C3 of LeNet-5 sees 5 + 1 + 2·4 pixels.
    assert [int(field) for field in re.findall(r", field (\d+)", told)] == [3, 5, 7]
    assert "c3: field 14×14 pixels" in told
    assert 0 < read_number(told, "pixels\n") <= 14 * 14


def check_signal(_run: Run, told: str) -> None:
    lines = told.splitlines()
    assert len(lines) == 6
    first, last = (float(re.search(r"gradient (\S+),", line)[1]) for line in (lines[0], lines[-1]))  # type: ignore[index]
    assert first < last * 0.25**3  # a sigmoid's slope is at most a quarter


def check_texture(run: Run, told: str) -> None:
    assert re.search(r"AlexNet.*: .+ \((shape|texture|neither)\)", told)
    # Every pixel of a patchwork is one of the texture image, the ground, or a darkened edge.
    colors = {tuple(color) for color in run["texture"].reshape(-1, 3).tolist()} | {(200,) * 3}
    made = run["conflict"].reshape(-1, 3).tolist()
    assert sum(tuple(color) in colors for color in made) > len(made) / 2


def check_recipes(_run: Run, told: str) -> None:
    assert [line.split()[1] for line in told.splitlines()[:4]] == ["controller:", "random:"] * 2
    # Tan and Le 2019: 1.2·1.1²·1.15² is 1.92.
    assert "together: promised 1.92 times, built " in told


def check_tradeoffs(_run: Run, told: str) -> None:
    # torchvision's table of weights: EfficientNet-B0 is the best below 0.4 G.
    assert "best: EfficientNet-B0, 77.69% top-1" in told


def check_train(_run: Run, told: str) -> None:
    # CS231n: an output of 1024 inputs has 1024 weights and a bias.
    assert "fc1: (10,), 10250 parameters" in told
    assert float(re.findall(r"accuracy ([\d.]+)%", told)[-1]) > 60
    assert load_file("trained.safetensors")["fc1.weight"].shape == (10, 1024)


def check_quizzes(_run: Run, told: str) -> None:
    asked = re.findall(
        r"A (\d+)×\d+ conv.* stride (\d+) and padding (\d+) reads a volume of \d+×(\d+)", told
    )
    sizes = [
        torch.nn.Conv2d(1, 1, kernel, stride, padding)(torch.zeros(1, 1, side, side)).shape[-1]
        for kernel, stride, padding, side in (map(int, one) for one in asked)
    ]
    assert len(sizes) == 3
    assert [int(one) for one in re.findall(r"answer \d: (\d+)", told)] == sizes


def check_transfer(_run: Run, told: str) -> None:
    assert "10 images to train on, 50 held out" in told
    assert float(re.findall(r"head trained: accuracy ([\d.]+)%", told)[0]) > 20  # chance
    # Five weights and a bias for each of MobileNet's 768 features.
    assert load_file("transferred.safetensors")["new_head.weight"].shape == (5, 768)


def check_networks(_run: Run, told: str) -> None:
    # 6·26 + 16·151 + 120·401 + 84·121 + 10·85.
    assert read_number(told, "parameters:") == 61_706
    assert read_number(told, "multiply-adds:") == 416_520


def check_whole_network(_run: Run, told: str) -> None:
    with torch.no_grad():
        maps = functional.relu(load_model("lenet5").module.get_submodule("c1")(lenet_input()))[0]
    peaks = maps.amax(dim=(1, 2))
    line = re.search(
        r"C1 +6×28×28 +156 parameters +117,600 multiply-adds\n.*: (\d) \((.+?)\)", told
    )
    assert line, told
    assert int(line[1]) == int(peaks.argmax())
    assert float(line[2]) == pytest.approx(float(peaks.max()), rel=0.01)
    assert told.splitlines()[-5].endswith("%  3")
    assert len(list(Path().glob("*.png"))) == 5  # the input, and four layers of maps


LOGIT: dict[str, object] = {"NETWORK": "lenet5", "OBJECTIVE": "class logit", "TARGET": "3"}
LOGIT |= {"STEPS": 8, "PARAMETRIZATION": "pixels", "JITTER": 0, "SETTLE": 0}
CASES: dict[str, tuple[dict[str, object], Callable[[Run, str], None]]] = {
    "activations": (LENET | {"LAYER": "c1"}, check_activations),
    "adversarial": (LENET | {"EPSILON": 64.0, "METHOD": "FGSM"}, check_adversarial),
    "architectures": ({"BLOCK": "lenet", "PAIR": "bottleneck"}, check_architectures),
    "attribution": (LENET | {"METHOD": "Gradient saliency", "TARGET": "7"}, check_attribution),
    "camera": (LENET | {"LAYER": "c1"}, check_camera),
    "classroom": ({"EPOCHS": 1}, check_classroom),
    "compare": ({"NETWORKS": ["alexnet64", "zfnet64"]}, check_compare),
    "convolution": ({"POOLING": "max pool"}, check_convolution),
    "costs": ({"NETWORK": "alexnet_2012"}, check_costs),
    "digit": ({"DIGIT": 3}, check_digit),
    "evaluation": (
        {"NETWORKS": ["lenet5"], "IMAGES": "digits", "MAX_IMAGES": 40},
        check_evaluation,
    ),
    "excites": (LOGIT, check_excites),
    "fooling": ({"CLASSES": ["1"]}, check_fooling),
    "gradient_flow": ({}, check_gradient_flow),
    "layer_calculator": ({}, check_layer_calculator),
    "linear": ({"DATA": "digits", "TRAINING_STEPS": 20, "TARGET": "1"}, check_linear),
    "networks": ({"NETWORK": "lenet5"}, check_networks),
    "normalization": ({"CHANNEL": 3}, check_normalization),
    "occlusion": (LENET | {"PATCH": 16, "STRIDE": 16, "FILL": "black"}, check_occlusion),
    "optimizers": ({}, check_optimizers),
    "quizzes": ({"COUNT": 3}, check_quizzes),
    "receptive_fields": (
        {"NETWORK": "lenet5", "LAYER": "c3", "SAMPLES": 4},
        check_receptive_fields,
    ),
    "recipes": ({"TRIALS": 2, "UPDATES": 2}, check_recipes),
    "regularization": (
        LENET | {"TRANSFORM": "flip", "PARTNER": "digit-5", "TRIALS": 1},
        check_regularization,
    ),
    "signal": ({"DEPTH": 6}, check_signal),
    "texture": ({"METHOD": "patches", "NETWORKS": ["alexnet64"]}, check_texture),
    "train": ({"LAYERS": "flatten, fc10", "EPOCHS": 2, "BATCH": 64}, check_train),
    "tradeoffs": ({"MAX_MULTIPLY_ADDS": 4e8}, check_tradeoffs),
    "transfer": ({"NETWORK": "mobilenet64", "COUNT": 2}, check_transfer),
    "whole_network": (LENET | {"FOLDER": "."}, check_whole_network),
}
