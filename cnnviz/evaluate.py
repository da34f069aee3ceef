"""The command `python -m cnnviz.evaluate NAME … --data DIR`: top-1 and top-5 accuracy on a folder.

A folder of one's own is evaluated as the page “Evaluate on your images” does it, by
`cnnviz.evaluation`. Of a training folder a network of this project is measured on the images held
out, with the classes and their order from its model card, as the cards' figures are.
"""

import argparse
import sys
from pathlib import Path

from cnnviz.errors import CNNVizError


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status: 0, or 2 for bad input."""
    options = _parse(arguments)
    try:
        for name in options.networks:
            print(_evaluate(name, options))
    except CNNVizError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m cnnviz.evaluate",
        description="Measure the accuracy of networks on labelled images, and their speed.",
    )
    add = parser.add_argument
    add("networks", nargs="+", metavar="NAME", help="networks, such as efficientnet_lite0")
    add(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder with a folder for each class, named by it or like n01443537; for the networks "
        "of this project also a training folder: “train” of such folders, or zip files, of which "
        "one image in ten is measured, those never trained on; for lenet5 the folder that holds "
        "MNIST/raw",
    )
    add("--weights", type=Path, metavar="DIR", help="where weights and card lie (default: bundled)")
    add("--threads", type=int, default=2, metavar="N", help="processor threads (default: 2)")
    add("--csv", type=Path, metavar="FILE", help="write every prediction, for one's own folder")
    return parser.parse_args(arguments)


def _evaluate(name: str, options: argparse.Namespace) -> str:
    # Imported here because torch takes seconds: --help answers at once.
    from cnnviz.networks.user_networks import load_own_networks
    from cnnviz.networks.zoo import get_network
    from cnnviz.training.measure import write_accuracy
    from cnnviz.training.measuring import evaluate_network, is_training_folder

    load_own_networks()
    spec = get_network(name)
    if options.weights is None and not is_training_folder(name, options.data):
        return f"{spec.title}\n{_evaluate_folder(name, options)}"
    accuracy = evaluate_network(
        name, data=options.data, weights=options.weights, threads=options.threads
    )
    lines = write_accuracy(accuracy.top1, accuracy.top5)
    return f"{spec.title}\n{lines}\n{accuracy.images_per_second:,.0f} images a second"


def _evaluate_folder(name: str, options: argparse.Namespace) -> str:
    import torch
    from tqdm import tqdm

    from cnnviz.csv_file import write_rows_csv
    from cnnviz.evaluation.image_sets import read_folder
    from cnnviz.evaluation.run import evaluate_networks
    from cnnviz.evaluation.scores import list_predictions
    from cnnviz.evaluation.summary import describe_scores, describe_skipped
    from cnnviz.networks.load import load_model

    torch.set_num_threads(max(1, options.threads))
    found, models = read_folder(options.data.expanduser()), [load_model(name)]
    with tqdm(total=len(found.images), unit="image", disable=None) as bar:
        for _, _, evaluation in evaluate_networks(models, found.images, skipped=found.skipped):
            bar.update(evaluation.done - bar.n)
    if options.csv is not None:
        rows = list_predictions(evaluation.networks)
        is_first = name == options.networks[0]
        data = write_rows_csv(rows)
        with options.csv.open("wb" if is_first else "ab") as file:
            file.write(data if is_first else data.partition(b"\n")[2])
    (scores,) = evaluation.networks
    told = [describe_scores(scores), describe_skipped(evaluation.skipped)]
    return "\n".join(filter(None, told))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
