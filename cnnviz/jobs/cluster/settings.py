"""What the environment says of the Ray cluster."""

import importlib.util
import os
import re
from dataclasses import dataclass

from cnnviz.errors import ClusterError

RAY_VARIABLE, ACTORS_VARIABLE = "CNNVIZ_RAY", "CNNVIZ_RAY_ACTORS"
AUTO = "auto"
_ADDRESS = re.compile(r"(ray://)?([\w.-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
_MOST_PORTS, _MOST_ACTORS = 2**16, 10_000


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """Which Ray cluster computes heavy results.

    Attributes:
        address: HOST:PORT, ray://HOST:PORT, or "auto": the one that this machine is part of, else a
            new one on this machine alone.
        most_actors: The most runs at once; None for as many as the cluster has GPUs, or CPUs where
            it has none.
    """

    address: str = AUTO
    most_actors: int | None = None


def read_settings() -> ClusterSettings | None:
    """Return what CNNVIZ_RAY and CNNVIZ_RAY_ACTORS say; None where the first is not set.

    Raises:
        ClusterError: One of them says nothing that can be followed, or Ray is not installed.
    """
    address = os.environ.get(RAY_VARIABLE, "").strip()
    if not address:
        return None
    found = _ADDRESS.fullmatch(address)
    if address != AUTO and not (found and 0 < int(found["port"]) < _MOST_PORTS):
        raise ClusterError(
            f"{RAY_VARIABLE} is “{address}”; write {AUTO}, HOST:PORT or ray://HOST:PORT and start "
            "again."
        )
    if importlib.util.find_spec("ray") is None:
        raise ClusterError(
            f"{RAY_VARIABLE} is set and Ray is not installed; run “pip install -r "
            "requirements-cluster.txt” and start again."
        )
    return ClusterSettings(address, _read_most())


def _read_most() -> int | None:
    text = os.environ.get(ACTORS_VARIABLE, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _MOST_ACTORS):
        raise ClusterError(
            f"{ACTORS_VARIABLE} is “{text}”; write a number from 1 to {_MOST_ACTORS:,} and start "
            "again."
        )
    return int(text)
