"""The command `python -m cnnviz.evaluate NAME --data DIR`: how often a network is right.

The classes and their order come from the model card, never from the folder. The figures of the
cards are worked out by the same function, `cnnviz.training.measure.measure_accuracy`.
"""

import argparse
import sys
from pathlib import Path

from cnnviz.errors import CNNVizError


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status: 0, or 2 for bad input."""
    options = _parse(arguments)
    try:
        print(_evaluate(options))
    except CNNVizError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m cnnviz.evaluate",
        description="Measure how often a trained network is right, and how many it names a second.",
    )
    add = parser.add_argument
    add("network", help="the network to measure, such as alexnet64")
    add(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder of folders named like n01443537, or with “train” of such folders in it, of "
        "which one picture in ten is measured, those never trained on; for lenet5, the folder "
        "that holds MNIST/raw",
    )
    add("--weights", type=Path, metavar="DIR", help="where weights and card lie (default: bundled)")
    add("--threads", type=int, default=2, metavar="N", help="processor threads (default: 2)")
    return parser.parse_args(arguments)


def _evaluate(options: argparse.Namespace) -> str:
    # Imported here because torch takes seconds: --help answers at once.
    from cnnviz.training.measuring import evaluate_network

    accuracy = evaluate_network(
        options.network, data=options.data, weights=options.weights, threads=options.threads
    )
    return f"{accuracy.write_summary()}; {accuracy.images_per_second:,.0f} images a second."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
