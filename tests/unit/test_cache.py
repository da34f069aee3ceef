"""Networks in memory: loaded once, bounded in bytes, the least recently used leaves first."""

import gc
import threading
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.activations.read import read_activations
from cnnviz.cache import (
    SizedLRUCache,
    estimate_bytes,
    forget_elsewhere_with,
    forget_everywhere,
)
from cnnviz.errors import NetworkError, WeightsError
from cnnviz.networks import load
from cnnviz.networks.graph.layer_facts import describe_layers
from cnnviz.networks.load import (
    LoadedModel,
    count_bytes,
    list_loaded,
    load_model,
    read_memory_limit,
)
from cnnviz.networks.zoo import registry
from tests.home_made import CLASSES, make_spec, randomize

# 5 · (3 · 64 + 1) numbers of four bytes.
BYTES = 5 * 193 * 4
SHAPE = (3, 8, 8)


def make_small() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 64, len(CLASSES)))


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Registers a network and puts its weights into the weights folder."""
    monkeypatch.setenv("CNNVIZ_WEIGHTS_DIR", str(tmp_path))
    monkeypatch.setattr(load, "_NETWORKS", SizedLRUCache[str, LoadedModel]())

    def add_network(name: str, build: Callable[[], nn.Module] = make_small) -> None:
        monkeypatch.setitem(registry._REGISTRY, name, make_spec(name, build, shape=SHAPE))
        torch.save(randomize(make_small(), seed=len(name)).state_dict(), tmp_path / f"{name}.pth")

    return add_network


def test_the_least_recently_used_network_leaves(
    add: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "three"):
        add(name)
    monkeypatch.setenv("CNNVIZ_MEMORY", str(2 * BYTES))
    first, second = load_model("one"), load_model("two")
    assert list_loaded() == {"one": BYTES, "two": BYTES}
    assert load_model("one") is first
    load_model("three")
    assert list_loaded() == {"one": BYTES, "three": BYTES}
    assert load_model("one") is first
    assert load_model("two") is not second
    assert list_loaded() == {"one": BYTES, "two": BYTES}


def test_a_network_that_has_left_takes_no_memory(
    add: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    add("one")
    add("two")
    monkeypatch.setenv("CNNVIZ_MEMORY", str(BYTES))
    model = load_model("one")
    # What pages keep of it: a reader of activations and what is known of its layers.
    read_activations(model, torch.zeros(1, *SHAPE), layers=(model.graph.layers[-1].name,))
    describe_layers(model.graph)
    weight = weakref.ref(model.module[1].weight)  # type: ignore[index]
    assert weight() is not None
    del model
    load_model("two")
    gc.collect()
    assert weight() is None


def test_a_network_larger_than_all_memory_is_refused_and_the_others_stay(
    add: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    add("one")
    kept = load_model("one")
    monkeypatch.setenv("CNNVIZ_MEMORY", str(BYTES - 1))
    add("two")
    with pytest.raises(NetworkError, match="start the server with a larger CNNVIZ_MEMORY"):
        load_model("two")
    assert load_model("one") is kept


def test_visitors_who_come_together_load_a_network_once(add: Callable[..., None]) -> None:
    started = threading.Barrier(9)
    builds: list[int] = []

    def build() -> nn.Module:
        builds.append(1)
        return make_small()

    add("one", build)
    found: list[LoadedModel] = []

    def visit() -> None:
        started.wait()
        found.append(load_model("one"))

    visitors = [threading.Thread(target=visit) for _ in range(8)]
    for visitor in visitors:
        visitor.start()
    started.wait()
    for visitor in visitors:
        visitor.join()
    assert len(builds) == 1
    assert len(found) == 8
    assert len({id(model) for model in found}) == 1


def test_a_slow_load_holds_up_nobody_else(add: Callable[..., None]) -> None:
    go_on, building = threading.Event(), threading.Event()

    def build() -> nn.Module:
        building.set()
        go_on.wait(30)
        return make_small()

    add("slow", build)
    add("quick")
    visitor = threading.Thread(target=load_model, args=("slow",))
    visitor.start()
    building.wait(30)
    load_model("quick")
    assert visitor.is_alive()
    go_on.set()
    visitor.join()
    assert set(list_loaded()) == {"slow", "quick"}


def test_a_failed_load_is_tried_again(
    add: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("one")
    good = (tmp_path / "one.pth").read_bytes()
    (tmp_path / "one.pth").write_bytes(good[:100])
    with pytest.raises(WeightsError, match=r"one\.pth is cut short"):
        load_model("one")
    assert list_loaded() == {}
    monkeypatch.setenv("CNNVIZ_MEMORY", str(BYTES))
    add("two")
    load_model("two")  # what failed takes no room
    (tmp_path / "one.pth").write_bytes(good)
    assert load_model("one") is load_model("one")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", 4_000_000_000),
        ("500MB", 500_000_000),
        ("1.5 GB", 1_500_000_000),
        ("2g", 2_000_000_000),
        ("123", 123),
    ],
)
def test_the_limit_is_read(text: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNVIZ_MEMORY", text)
    assert read_memory_limit() == size


@pytest.mark.parametrize("text", ["lots", "-1", "4 XB", "GB", "1e9"])
def test_a_limit_that_is_none(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNVIZ_MEMORY", text)
    with pytest.raises(WeightsError, match="write a size such as 4GB or 500MB"):
        read_memory_limit()


def test_shared_weights_count_once() -> None:
    linear = nn.Linear(4, 4, bias=False)
    assert count_bytes(nn.Sequential(linear, linear)) == 4 * 4 * 4
    assert count_bytes(nn.BatchNorm2d(3)) == 4 * 3 * 4 + 8  # four rows, and a counter of 8 bytes


def test_the_least_recently_used_value_leaves_when_all_take_too_many_bytes() -> None:
    cache: SizedLRUCache[str, str] = SizedLRUCache(max_bytes=10)
    cache.put("a", "A", size=4)
    cache.put("b", "B", size=4)
    assert cache.get("a") == "A"  # used: now b is the one that leaves
    cache.put("c", "C", size=4)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == ("A", None, "C")
    cache.put("d", "D", size=11)
    assert cache.get("d") is None


def test_the_least_recently_used_value_leaves_when_there_are_too_many() -> None:
    cache: SizedLRUCache[int, str] = SizedLRUCache(max_entries=2)
    for key in (1, 2, 1, 3):
        cache.get_or_load(key, str, size=len)
    assert cache.list_kept() == {1: 0, 3: 0}


def repeat(key: int) -> bytes:
    return bytes([key]) * 100


def test_eight_threads_keep_to_the_bounds_and_get_their_own_values() -> None:
    cache: SizedLRUCache[int, bytes] = SizedLRUCache(max_bytes=400, max_entries=5)
    wrong: list[int] = []

    def visit(seed: int) -> None:
        for turn in range(2000):
            key = (seed * 7 + turn * 3) % 13
            value = cache.get_or_load(key, partial(repeat, key), size=len)
            kept = cache.list_kept()
            if value != repeat(key) or sum(kept.values()) > 400 or len(kept) > 5:
                wrong.append(key)

    threads = [threading.Thread(target=visit, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert 1 <= len(cache.list_kept()) <= 4


def test_bytes_of_a_result_are_those_of_its_arrays() -> None:
    reading = {"map": torch.zeros(10, 100), "pixels": [np.zeros(50, dtype=np.uint8)] * 2}
    assert 4100 <= estimate_bytes(reading) <= 4600


def test_what_is_too_large_to_keep_drives_nothing_out() -> None:
    cache: SizedLRUCache[str, str] = SizedLRUCache(max_bytes=10)
    cache.put("first", "a", size=4)
    cache.put("second", "b", size=4)

    cache.put("large", "c", size=11)
    assert cache.get_or_load("loaded", lambda: "d", size=lambda _: 12) == "d"

    assert cache.list_kept() == {"first": 4, "second": 4}


def test_a_value_that_grew_too_large_leaves_no_older_one() -> None:
    cache: SizedLRUCache[str, str] = SizedLRUCache(max_bytes=10)
    cache.put("first", "a", size=4)

    cache.put("first", "b", size=11)

    assert cache.get("first") is None


def test_all_caches_forget_an_image() -> None:
    one: SizedLRUCache[tuple[str, str], int] = SizedLRUCache(max_entries=9)
    other: SizedLRUCache[str, int] = SizedLRUCache(max_bytes=99)
    for digest in ("0123456789ab", "ba9876543210"):
        one.put(("lenet5", digest), 1, size=1)
        other.put(f"Occlusion/upload.{digest}/3", 2, size=1)

    forget_everywhere("0123456789ab")

    assert list(one.list_kept()) == [("lenet5", "ba9876543210")]
    assert list(other.list_kept()) == ["Occlusion/upload.ba9876543210/3"]


def test_another_process_is_told_as_long_as_it_is_there() -> None:
    told: list[str] = []
    with forget_elsewhere_with(told.append):
        forget_everywhere("upload.0123")
    forget_everywhere("upload.4567")
    assert told == ["upload.0123"]
