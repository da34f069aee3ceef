"""Patches pasted into training photographs: where they lie, and what the targets then say."""

import pytest
import torch
from torch import Generator

from cnnviz.training.pasting import paste_patches

COUNT, SIDE = 400, 20


def paste(share: float, *, seed: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures that are filled with their own number, and of a class each."""
    images = torch.arange(float(COUNT))[:, None, None, None].expand(-1, 2, SIDE, SIDE)
    return paste_patches(
        images,
        torch.arange(COUNT),
        share=share,
        classes=COUNT,
        generator=Generator().manual_seed(seed),
    )


def test_targets_are_the_areas_that_are_seen() -> None:
    """Counted pixel by pixel: a picture holds its own number and that of the one before it."""
    pasted, targets = paste(1.0)
    assert pasted.shape == (COUNT, 2, SIDE, SIDE)
    for number in range(COUNT):
        before = (number - 1) % COUNT
        mine = float((pasted[number] == number).float().mean())
        theirs = float((pasted[number] == before).float().mean())
        assert mine + theirs == pytest.approx(1)
        assert float(targets[number, number]) == pytest.approx(mine, abs=1e-5)
        assert float(targets[number, before]) == pytest.approx(theirs, abs=1e-5)
    assert torch.allclose(targets.sum(dim=1), torch.ones(COUNT), atol=1e-5)


def test_a_patch_is_one_rectangle() -> None:
    pasted, _ = paste(1.0)
    for number in range(COUNT):
        patch = pasted[number, 0] != number
        rows, columns = patch.any(dim=1), patch.any(dim=0)
        assert int(patch.sum()) == int(rows.sum()) * int(columns.sum())
        for line in (rows.int(), columns.int()):
            assert int((line.diff() != 0).sum()) <= 2


def test_areas_are_uniform_before_they_are_cut_off() -> None:
    """Of a square of area a about a uniform point, (1 − √a/4)² of it lies inside on average.

    For a uniform in 0 to 1 the mean of a·(1 − √a/4)² is 1/2 − (1/2)·(2/5) + (1/16)·(1/3), which
    is 1/2 − 1/5 + 1/48 = 0.3208.
    """
    shares = torch.cat([1 - paste(1.0, seed=seed)[1].diagonal() for seed in range(20)])
    assert float(shares.mean()) == pytest.approx(0.3208, abs=0.01)


def test_the_others_stay_as_they_are() -> None:
    pasted, targets = paste(0.25)
    touched = (pasted != torch.arange(float(COUNT))[:, None, None, None]).flatten(1).any(dim=1)
    assert 0.15 < float(touched.float().mean()) < 0.35
    assert torch.equal(targets[~touched].argmax(dim=1), torch.arange(COUNT)[~touched])
    assert float(targets[~touched].amax(dim=1).min()) > 0.999
    untouched, own = paste(0.0)
    assert torch.equal(untouched[:, 0, 0, 0], torch.arange(float(COUNT)))
    assert torch.equal(own, torch.eye(COUNT))
