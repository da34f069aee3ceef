"""The command `python -m cnnviz.check FILE`: what each page can do with a file's networks.

The file is run and its networks are loaded as the app would. Nothing is written.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from cnnviz.activations.read import read_activations
from cnnviz.attribution.attribute import Method, find_obstacle
from cnnviz.attribution.methods.gradients import differentiate_class
from cnnviz.attribution.occlusion.plain import can_compute_windows
from cnnviz.costs.table import CostTable, measure_costs
from cnnviz.errors import CNNVizError
from cnnviz.networks.graph.layers import make_example
from cnnviz.networks.load import LoadedModel, load_model, predict
from cnnviz.networks.user_networks import list_own_networks, run_models_file
from cnnviz.networks.zoo.meta_build import copy_to_meta
from cnnviz.receptive_fields.theoretical import compute_fields


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status: 0, 1 where a network fails, 2 for a bad file."""
    parser = argparse.ArgumentParser(
        prog="python -m cnnviz.check",
        description="Load the networks of a Python file as the app would, and say what each page "
        "can do with them.",
    )
    parser.add_argument("file", type=Path, help="the file that CNNVIZ_MODELS would name")
    try:
        run_models_file(parser.parse_args(arguments).file.expanduser())
    except CNNVizError as error:
        print(error, file=sys.stderr)
        return 2
    names = list_own_networks()
    if not names:
        print("This file registers no network; put @network above a function that builds one.")
        return 2
    return max(int(not _report(name)) for name in names)


def _report(name: str) -> bool:
    """Print what can be done with a network, and return whether it is usable everywhere."""
    try:
        model = load_model(name)
    except CNNVizError as error:
        print(f"{name}: not usable. {error}")
        return False
    print(f"{name}: usable.")
    for note in model.notes:
        print(f"  Note: {note}")
    x = make_example(model.spec.preprocessing.shape)
    works = True
    for page, check in _CHECKS.items():
        try:
            answer = check(model, x)
        except CNNVizError as error:
            answer, works = f"no. {error}", False
        except Exception as error:  # noqa: BLE001  (the report goes on)
            answer, works = f"no, a defect of CNNViz: {type(error).__name__}: {error}", False
        print(f"  {page}: {answer}")
    return works


def _check_prediction(model: LoadedModel, x: Tensor) -> str:
    said = predict(model, x)
    best = said.ranking[0]
    return f"yes; a test image is {float(said.probabilities[best]):.0%} {model.spec.classes[best]}"


def _check_activations(model: LoadedModel, x: Tensor) -> str:
    names = tuple(layer.name for layer in model.graph.layers)
    read_activations(model, x, layers=names)
    return f"yes; {len(names)} layers"


def _check_fields(model: LoadedModel, _x: Tensor) -> str:
    maps = [layer.name for layer in model.graph.layers if layer.is_spatial]
    known = len(compute_fields(model.graph))
    if known == len(maps):
        return f"yes; {known} layers with maps"
    return f"one size in {known} of {len(maps)} layers with maps; cell by cell in the others"


def _check_attribution(model: LoadedModel, x: Tensor) -> str:
    differentiate_class(model.graph.traced, x, target=0)
    obstacles: dict[str, list[str]] = {}
    for method in Method:
        obstacle = find_obstacle(model, method)
        if obstacle:
            obstacles.setdefault(obstacle, []).append(str(method))
    without = "; ".join(f"no {', '.join(names)}: {why}" for why, names in obstacles.items())
    return f"yes; {without}" if without else "yes; all methods"


def _check_occlusion(model: LoadedModel, _x: Tensor) -> str:
    if can_compute_windows(model.graph):
        return "yes; only what a covered square changes is computed"
    return "yes; slowly, because each covered image goes through the whole network"


def _check_costs(model: LoadedModel, x: Tensor) -> str:
    shape = model.spec.preprocessing.shape
    try:
        table = measure_costs(copy_to_meta(model.module), input_shape=shape)
    except (CNNVizError, RuntimeError):  # its layers need numbers
        table = measure_costs(model.module, input_shape=(x.shape[1], x.shape[2], x.shape[3]))
    return f"yes; {table.parameters:,} parameters, {_write_work(table)} multiply-adds"


def _write_work(table: CostTable) -> str:
    least = "at least " if table.uncounted else ""
    return f"{least}{table.multiply_adds:,}"


def _check_gradients(model: LoadedModel, x: Tensor) -> str:
    gradient = differentiate_class(model.graph.traced, x, target=0)
    return "yes" if bool(gradient.any()) else "no, because no gradient reaches the image"


_CHECKS: dict[str, Callable[[LoadedModel, Tensor], str]] = {
    "Prediction": _check_prediction,
    "Activations and filters": _check_activations,
    "Receptive fields": _check_fields,
    "Attribution": _check_attribution,
    "Occlusion": _check_occlusion,
    "Costs": _check_costs,
    "Feature visualization and adversarial images": _check_gradients,
}


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.exit(main(sys.argv[1:]))
