"""The command `python -m cnnviz.training`."""

import argparse
import shlex
import sys
from pathlib import Path

from cnnviz.errors import CNNVizError


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status: 0, 2 for bad input, 130 when interrupted."""
    options = _parse(arguments)
    try:
        print(_train(options, command=_shorten(arguments)))
    except CNNVizError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"{error.filename} cannot be used ({error.strerror}); choose another folder, and add "
            "--resume if the training had begun.",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt as stop:
        print(f"\n{stop}" if stop.args else "\nStopped before the training began.", file=sys.stderr)
        return 130
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m cnnviz.training",
        description="Train a bundled network and write its weights and model card.",
    )
    add = parser.add_argument
    add("network", help="the network to train, such as lenet5 or alexnet64")
    add(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder that holds MNIST/raw or the photos",
    )
    add("--download", action="store_true", help="lenet5: fetch MNIST into it first")
    add("--epochs", type=_natural, metavar="N", help="passes over the data (default: the recipe's)")
    add("--seed", type=_natural, metavar="N", help="random seed (default: the recipe's)")
    add("--threads", type=_natural, default=2, metavar="N", help="processor threads (default: 2)")
    add("--device", default="auto", help="auto (default), cpu, cuda, ...")
    add("--out", type=Path, metavar="DIR", help="where the weights go (default: assets/weights)")
    add("--runs", type=Path, default=Path("runs"), metavar="DIR", help="where checkpoints go")
    add("--resume", action="store_true", help="go on after the last finished epoch")
    add(
        "--hold-out",
        type=_natural,
        default=0,
        metavar="N",
        help="lenet5, to choose a recipe: train without the last N digits, measure on them and "
        "not on the test set, and write to the folder of the checkpoints",
    )
    return parser.parse_args(arguments)


def _natural(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"“{text}” is no whole number")
    return int(text)


def _shorten(arguments: list[str]) -> str:
    """Write the command as the model card keeps it: without the names of this machine's folders."""
    folders = ("--data", "--out", "--runs")
    shown = []
    for before, word in zip(["", *arguments], arguments, strict=False):
        option, sign, _ = word.partition("=")
        if before in folders:
            shown.append("DIR")
        else:
            shown.append(f"{option}=DIR" if sign and option in folders else word)
    return shlex.join(["python", "-m", "cnnviz.training", *shown])


def _train(options: argparse.Namespace, *, command: str) -> str:
    # Imported here because torch takes seconds: --help answers at once.
    from cnnviz.training.lenet import train_lenet
    from cnnviz.training.lineage import train_on_photos
    from cnnviz.training.recipes import DigitRecipe, get_recipe
    from cnnviz.training.session import Settings

    recipe = get_recipe(options.network)
    settings = Settings(
        data=options.data,
        download=options.download,
        out=options.out,
        runs=options.runs,
        epochs=options.epochs,
        seed=options.seed,
        threads=options.threads,
        device=options.device,
        hold_out=options.hold_out,
        resume=options.resume,
        command=command,
    )
    if isinstance(recipe, DigitRecipe):
        return train_lenet(options.network, recipe, settings)
    return train_on_photos(options.network, recipe, settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
