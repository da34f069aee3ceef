"""Tracing one network while other threads run theirs."""

import ast
import threading
from pathlib import Path

import torch
from torch import nn

from cnnviz.networks.graph import trace
from cnnviz.networks.graph.trace import trace_module


class Slow(nn.Module):
    """While it is traced, it waits until another thread has run its network."""

    def __init__(self, ready: threading.Event, done: threading.Event) -> None:
        super().__init__()
        self.inner = nn.Linear(3, 3)
        self.ready, self.done = ready, done

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.ready.set()
        self.done.wait(timeout=30)
        out: torch.Tensor = self.inner(x)
        return out


def test_another_thread_runs_its_network_while_one_is_traced() -> None:
    ready, done = threading.Event(), threading.Event()
    other = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    x = torch.ones(1, 4)
    expected = other(x)
    answers: list[torch.Tensor] = []

    def run() -> None:
        ready.wait(timeout=30)
        try:
            answers.append(other(x))
        finally:
            done.set()

    thread = threading.Thread(target=run)
    thread.start()
    traced = trace_module(Slow(ready, done))
    thread.join()
    assert len(answers) == 1
    assert torch.equal(answers[0], expected)
    assert [node.op for node in traced.graph.nodes] == ["placeholder", "call_module", "output"]


def test_nothing_else_traces() -> None:
    """PyTorch's own tracer takes what other threads run meanwhile for a part of its network."""
    owner = Path(trace.__file__)
    package, names = owner.parents[2], ("symbolic_trace", "Tracer")
    texts = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    tracers = {
        path
        for path, text in texts.items()
        if any(name in text for name in names)  # most need not be parsed
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and node.attr in names
    }
    assert tracers == {owner}
