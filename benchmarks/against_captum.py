"""`python -m benchmarks.against_captum` measures methods of captum's that we compute ourselves.

Each row is one method on one network: our time by captum's, as the ratio of medians of runs taken
in turn, and how many of 32 answers are wrong where eight threads share one network.
"""

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz.adversarial.gradient import Norm, attack_in_one_step, attack_in_steps, take_step
from cnnviz.adversarial.pixel_space import compute_gradient, make_logits
from cnnviz.attribution.attribute import Method, Options, attribute, find_last_maps
from cnnviz.networks.load import LoadedModel, load_model
from tests.captum_oracles import copy_clean

Ask = Callable[[int], Tensor]
THREADS, QUESTIONS, EPSILONS = 8, 32, 16
OPTIONS = Options(steps=20, samples=10)
SWEEP = f"FGSM, {EPSILONS} epsilons"


def draw(model: LoadedModel, number: int) -> Tensor:
    """Draw the image of a question, (1, C, H, W), 0 to 1."""
    generator = torch.Generator().manual_seed(number)
    return torch.rand(1, *model.spec.preprocessing.shape, generator=generator)


def list_pairs(model: LoadedModel) -> dict[str, tuple[Ask, Ask]]:
    """Return ours and captum's answer to a numbered question, by method."""
    from captum import attr

    clean, layer = copy_clean(model, layer=find_last_maps(model))

    def ours(method: Method) -> Ask:
        def ask(number: int) -> Tensor:
            found = attribute(
                model, draw(model, number), method=method, target=number % 9, options=OPTIONS
            )
            return found.values if found.pixels is None else found.pixels

        return ask

    def theirs(kind: Any, **rest: Any) -> Ask:
        return lambda number: kind.attribute(draw(model, number), target=number % 9, **rest)[
            0
        ].detach()

    smooth = attr.NoiseTunnel(attr.Saliency(clean))
    return {
        Method.SALIENCY: (ours(Method.SALIENCY), theirs(attr.Saliency(clean), abs=False)),
        Method.SMOOTHGRAD: (
            ours(Method.SMOOTHGRAD),
            theirs(smooth, nt_samples=OPTIONS.samples, stdevs=0.15, abs=False),
        ),
        Method.INTEGRATED_GRADIENTS: (
            ours(Method.INTEGRATED_GRADIENTS),
            theirs(
                attr.IntegratedGradients(clean),
                baselines=0.0,
                n_steps=OPTIONS.steps,
                internal_batch_size=16,
            ),
        ),
        Method.DECONVNET: (ours(Method.DECONVNET), theirs(attr.Deconvolution(clean))),
        Method.GUIDED_BACKPROP: (
            ours(Method.GUIDED_BACKPROP),
            theirs(attr.GuidedBackprop(clean)),
        ),
        Method.GRAD_CAM: (
            ours(Method.GRAD_CAM),
            lambda number: theirs(attr.LayerGradCam(clean, layer))(number)[0],
        ),
        Method.GUIDED_GRAD_CAM: (
            ours(Method.GUIDED_GRAD_CAM),
            theirs(attr.GuidedGradCam(clean, layer), interpolate_mode="bilinear"),
        ),
        **list_attacks(model),
    }


def list_attacks(model: LoadedModel) -> dict[str, tuple[Ask, Ask]]:
    """Return the same for attacks: one step, one step of many sizes, and many steps."""
    from captum.robust import FGSM, PGD

    logits_of, loss = make_logits(model), nn.CrossEntropyLoss(reduction="none")
    fgsm = FGSM(logits_of, loss, lower_bound=0.0, upper_bound=1.0)
    pgd = PGD(logits_of, loss, lower_bound=0.0, upper_bound=1.0)
    sizes = [step / 255 for step in range(1, EPSILONS + 1)]
    steps = {"epsilon": 4 / 255, "steps": 10, "step_size": 1 / 255}

    def label(number: int) -> Tensor:
        return torch.tensor([number % 9])

    def sweep(number: int) -> Tensor:
        start = draw(model, number)
        gradient = compute_gradient(logits_of, start, label=number % 9)
        return torch.cat([take_step(start, gradient, size=e, norm=Norm.LINF) for e in sizes])

    def pgd_of(number: int, *, random_start: bool) -> Tensor:
        if random_start:
            torch.manual_seed(number)
        found: Tensor = pgd.perturb(
            draw(model, number),
            radius=4 / 255,
            step_size=1 / 255,
            step_num=10,
            target=label(number),
            random_start=random_start,
        )
        return found.detach()

    def step(number: int, size: float) -> Tensor:
        found: Tensor = fgsm.perturb(draw(model, number), epsilon=size, target=label(number))
        return found.detach()

    return {
        "FGSM": (
            lambda number: attack_in_one_step(
                logits_of, draw(model, number), epsilon=4 / 255, label=number % 9
            ),
            lambda number: step(number, 4 / 255),
        ),
        SWEEP: (sweep, lambda number: torch.cat([step(number, size) for size in sizes])),
        "PGD": (
            lambda number: attack_in_steps(
                logits_of,
                draw(model, number),
                label=number % 9,
                **steps,  # type: ignore[arg-type]
            ),
            lambda number: pgd_of(number, random_start=False),
        ),
        "PGD, random start": (
            lambda number: attack_in_steps(
                logits_of,
                draw(model, number),
                label=number % 9,
                random_start=True,
                seed=number,
                **steps,  # type: ignore[arg-type]
            ),
            lambda number: pgd_of(number, random_start=True),
        ),
    }


def count_wrong(ask: Ask) -> str:
    """Return how many answers of eight threads are not those of one, or that they raised."""
    numbers = range(QUESTIONS)
    expected = [_seeded(ask, number) for number in numbers]

    def compare(number: int) -> bool:
        try:
            answer = _seeded(ask, number)
        except (RuntimeError, AssertionError, KeyError, TypeError):  # another thread's hook
            return True
        right = expected[number]
        return float((answer - right).abs().max()) > 1e-3 * float(right.abs().max())

    with ThreadPoolExecutor(THREADS) as pool:
        return f"{sum(pool.map(compare, numbers))}/{QUESTIONS}"


def _seeded(ask: Ask, number: int) -> Tensor:
    torch.manual_seed(number)
    return ask(number)


def measure(asks: Sequence[Ask], *, rounds: int) -> list[float]:
    """Return the median seconds of each, taken in turn."""
    seconds: list[list[float]] = [[] for _ in asks]
    for number in range(rounds + 1):
        for place, ask in enumerate(asks):
            begun = time.perf_counter()
            ask(number)
            if number:  # the first round is for warming up
                seconds[place].append(time.perf_counter() - begun)
    return [statistics.median(each) for each in seconds]


def main(arguments: list[str]) -> None:
    """Measure and print, one row a method."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against_captum")
    parser.add_argument("--network", default="alexnet64", help="default: alexnet64")
    parser.add_argument("--rounds", type=int, default=9, help="runs of each (default: 9)")
    parser.add_argument("--only", metavar="METHOD", help="one row, by its name")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", module="captum")
    warnings.filterwarnings("ignore", message=".*did not already require gradients")
    model = load_model(options.network)
    print(f"{options.network:<22}{'ms':>7}{'by captum':>11}{'wrong':>8}{'captum wrong':>14}")
    for name, (ours, theirs) in list_pairs(model).items():
        if options.only not in (None, name):
            continue
        own, their = measure([ours, theirs], rounds=options.rounds)
        print(
            f"{name:<22}{1000 * own:7.0f}{own / their:11.2f}{count_wrong(ours):>8}"
            f"{count_wrong(theirs):>14}",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
