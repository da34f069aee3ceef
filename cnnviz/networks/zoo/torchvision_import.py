"""The one way in to torchvision, imported only where it is needed.

torch's CPU build with the registry's torchvision (built for CUDA) fails to import, because two
operators that torchvision attaches rules to are missing. Declaring their schemas mends it.
"""

import importlib
import sys
import threading
from types import ModuleType

import torch

_IMPORTING = threading.Lock()
_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def import_torchvision(part: str) -> ModuleType:
    """Import a part of torchvision, such as "datasets" or "models".

    Raises:
        ImportError: torchvision is not installed, or has no such part.
    """
    name = f"torchvision.{part}"
    with _IMPORTING:
        try:
            return importlib.import_module(name)
        except RuntimeError as error:
            if "torchvision::nms" not in str(error):
                raise
        # Only now, after the plain import has failed for want of them: with a matching build a
        # second declaration would end the process.
        for operator in ("nms", "qnms"):
            torch.library.define(f"torchvision::{operator}", _SCHEMA)
        # A copy first, in one step: another thread may import something meanwhile.
        for loaded in tuple(sys.modules):
            if loaded.partition(".")[0] == "torchvision":
                del sys.modules[loaded]
        return importlib.import_module(name)
