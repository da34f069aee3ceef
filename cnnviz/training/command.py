"""What the commands that measure or train on photographs share: options, and how they end."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from cnnviz.errors import CNNVizError


def read_count(text: str) -> int:
    """Return a whole number of 1 or more, for an option.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}” is no whole number of 1 or more")
    return int(text)


def make_parser(module: str, description: str, *, threads: int = 1) -> argparse.ArgumentParser:
    """Make a command's parser with the options that all have: photographs and threads.

    Args:
        module: What `python -m` runs.
        description: What the command does.
        threads: How many, unless others are given.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="the photographs of the training")
    told = f"processor threads (default: {threads})"
    add("--threads", type=read_count, default=threads, metavar="N", help=told)
    return parser


def add_write_card(parser: argparse.ArgumentParser) -> None:
    """Let a command write what it measured, where it is asked to."""
    parser.add_argument("--write-card", action="store_true", help="write all into the model cards")


def run_command(
    parser: argparse.ArgumentParser,
    arguments: list[str],
    work: Callable[[argparse.Namespace], object],
) -> int:
    """Do a command's work; return its exit status: 0, or 2 for what a person can mend."""
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    try:
        work(options)
    except CNNVizError as error:
        print(error, file=sys.stderr)
        return 2
    return 0
