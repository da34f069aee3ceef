"""Pages on a person's network that has no maps: what they show, or one sentence."""

from types import SimpleNamespace

import pytest
from torch import nn

from cnnviz.errors import NetworkError
from cnnviz.web.pages.receptive_fields import controls
from tests.app.opened import open_page
from tests.own_kinds import Loader, loader

__all__ = ["loader"]


def build() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 8), nn.ReLU(), nn.Linear(8, 5))


def test_a_network_without_maps_is_excited_and_dreams_of_nothing(loader: Loader) -> None:
    name = loader.load(build).spec.name
    assert not open_page("excites", network=name).error
    assert (
        "no maps to dream with"
        in open_page("excites", network=name, view="DeepDream").info[0].value
    )


def test_a_network_without_maps_has_no_receptive_fields(loader: Loader) -> None:
    model = loader.load(build)
    at = SimpleNamespace(bench=SimpleNamespace(network=model.spec.name, model=model))
    with pytest.raises(NetworkError, match="no layer whose cells all see a window of one size"):
        controls._find_layer(at)


def test_what_was_changed_in_ones_own_network_is_told_where_it_is_at_work(loader: Loader) -> None:
    model = loader.load(lambda: nn.Sequential(build(), nn.Softmax(dim=1)))
    (note,) = model.notes
    assert "softmax" in note.lower()
    app = open_page("adversarial", network=model.spec.name)
    assert app.caption[0].value == note
