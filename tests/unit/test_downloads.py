"""Fetching weights from a server of our own that breaks, lies, waits and refuses."""

import errno
import hashlib
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from torch import nn

from cnnviz.errors import NetworkError, WeightsError
from cnnviz.networks.load import load_model
from cnnviz.networks.weights import downloads
from cnnviz.networks.weights.downloads import (
    DownloadState,
    find_download,
    list_running,
    start_download,
)
from cnnviz.networks.weights.files import WeightsOrigin, find_weights
from cnnviz.networks.zoo import registry
from cnnviz.networks.zoo.registry import PublishedWeights
from cnnviz.networks.zoo.reported import Reported
from tests.download_server import FileServer, serve_files
from tests.home_made import CLASSES, make_spec, randomize

SECONDS = 30


def make_small() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 6 * 6, len(CLASSES)))


def write_weights() -> bytes:
    file = io.BytesIO()
    torch.save(randomize(make_small(), seed=5).state_dict(), file)
    return file.getvalue()


class Small(NamedTuple):
    """A network whose weights a server has."""

    name: str
    file: str
    data: bytes
    folder: Path


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve_files() as running:
        yield running


@pytest.fixture
def small(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    data = write_weights()
    file = f"small_top1_50.0-{hashlib.sha256(data).hexdigest()[:8]}.pth"
    reported = Reported(
        weights="V1",
        parameters=829,
        gmacs=0.001,
        top1=50.0,
        top5=80.0,
        file_megabytes=len(data) / 2**20,
        input_size=8,
        url=f"{server.url}/models/{file}",
    )
    spec = make_spec("small", make_small, shape=(3, 8, 8))
    published = PublishedWeights(reported, spec.preprocessing)
    spec = replace(spec, published=(published,))
    monkeypatch.setitem(registry._REGISTRY, "small", spec)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("CNNVIZ_WEIGHTS_DIR", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(downloads, "_DOWNLOADS", {})
    server.files[file] = data
    return Small("small", file, data, tmp_path / "torch" / "hub" / "checkpoints")


def fetch(small: Small) -> downloads.Progress:
    progress = start_download(small.name).wait(SECONDS)
    assert progress.is_over
    return progress


def left_in(small: Small) -> list[str]:
    return sorted(path.name for path in small.folder.iterdir()) if small.folder.exists() else []


def fail(small: Small) -> str:
    """Fetch in vain; nothing is left behind, and the sentence is one."""
    progress = fetch(small)
    assert progress.state is DownloadState.FAILED
    assert left_in(small) == []
    assert find_weights("small") is None
    assert progress.problem.endswith(".")
    assert "\n" not in progress.problem
    return progress.problem


def test_a_file_arrives_whole_and_is_used(small: Small, server: FileServer) -> None:
    assert find_weights("small") is None
    progress = fetch(small)
    assert progress.state is DownloadState.DONE
    assert progress.received == progress.total == len(small.data)
    assert left_in(small) == [small.file]
    assert (small.folder / small.file).read_bytes() == small.data
    assert (small.folder / small.file).stat().st_mode & 0o777 == 0o644
    found = find_weights("small")
    assert found is not None
    assert found.origin is WeightsOrigin.CACHE
    assert server.user_agents == ["CNNViz"]
    expected = randomize(make_small(), seed=5).state_dict()
    own = load_model("small").module.state_dict()
    assert all(torch.equal(own[key], value) for key, value in expected.items())


def test_a_weights_folder_gets_the_file_under_the_networks_name(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new" / "weights"
    monkeypatch.setenv("CNNVIZ_WEIGHTS_DIR", str(folder))
    assert fetch(small).state is DownloadState.DONE
    assert [path.name for path in folder.iterdir()] == ["small.pth"]
    found = find_weights("small")
    assert found is not None
    assert found.origin is WeightsOrigin.FOLDER


def test_a_server_that_does_not_tell_the_size(small: Small, server: FileServer) -> None:
    server.tells_size = False
    assert fetch(small).state is DownloadState.DONE


def test_a_mirror_is_asked_in_place_of_the_publisher(
    small: Small, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = registry._REGISTRY["small"]
    reported = replace(spec.published[0].reported, url=f"https://nowhere.invalid/{small.file}")
    published = (PublishedWeights(reported, spec.preprocessing),)
    monkeypatch.setitem(registry._REGISTRY, "small", replace(spec, published=published))
    monkeypatch.setenv("CNNVIZ_WEIGHTS_URL", f"{server.url}/mirror/")
    assert fetch(small).state is DownloadState.DONE
    assert server.asked == [small.file]


def test_a_mirror_that_is_no_web_address(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNVIZ_WEIGHTS_URL", "file:///etc")
    assert "CNNVIZ_WEIGHTS_URL is “file:///etc”" in fail(small)


@pytest.mark.parametrize("tells_size", [True, False])
def test_a_connection_that_is_cut_in_the_middle(
    small: Small, server: FileServer, tells_size: bool
) -> None:
    server.cut_after = len(small.data) // 2
    server.tells_size = tells_size
    problem = fail(small)
    if tells_size:
        assert "The connection broke after 2." in problem
        assert "start the download again" in problem
    else:
        assert "its checksum differs" in problem
    server.cut_after = None
    assert fetch(small).state is DownloadState.DONE


def test_a_file_with_another_checksum(small: Small, server: FileServer) -> None:
    server.files[small.file] = b"<html>Please sign in</html>"
    assert f"is not {small.file} (its checksum differs)" in fail(small)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "The server has no file"),
        (403, "with status 403"),
        (407, "The proxy asks for a name and a password"),
        (503, "with status 503"),
    ],
)
def test_a_server_that_refuses(small: Small, server: FileServer, status: int, words: str) -> None:
    server.status = status
    assert words in fail(small)


def test_a_server_that_falls_silent(
    small: Small, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "_SILENCE_SECONDS", 0.3)
    server.hold_after = 1000
    assert "127.0.0.1 sent nothing for 0 seconds" in fail(small)


def test_a_slow_server_is_waited_for(small: Small, server: FileServer) -> None:
    server.hold_after = 1000
    download = start_download("small")
    wait_for_bytes(download, 1000)
    assert download.progress.state is DownloadState.RUNNING
    assert download.progress.total == len(small.data)
    assert list_running() == (download,)
    assert find_weights("small") is None  # what came so far bears another name
    server.go_on.set()
    assert download.wait(SECONDS).state is DownloadState.DONE
    assert list_running() == ()


def wait_for_bytes(download: downloads.Download, count: int) -> None:
    while download.progress.received < count:
        assert not download.wait(0.01).is_over


def test_a_visitor_stops_it(small: Small, server: FileServer) -> None:
    server.hold_after = 1000
    download = start_download("small")
    wait_for_bytes(download, 1000)
    download.stop()
    server.go_on.set()
    progress = download.wait(SECONDS)
    assert progress.state is DownloadState.STOPPED
    assert progress.problem == ""
    assert left_in(small) == []
    server.hold_after = None
    assert fetch(small).state is DownloadState.DONE


def test_two_visitors_at_once_share_one_download(small: Small, server: FileServer) -> None:
    server.hold_after = 1000
    found: list[downloads.Download] = []
    visitors = [
        threading.Thread(target=lambda: found.append(start_download("small"))) for _ in range(8)
    ]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    server.go_on.set()
    assert len({id(download) for download in found}) == 1
    assert found[0].wait(SECONDS).state is DownloadState.DONE
    assert server.asked == [small.file]
    assert find_download("small") is found[0]


def test_a_disk_that_is_full_from_the_start(
    small: Small, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(small.folder.parent.parent.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    assert "has 1.0 KB left and the file takes" in fail(small)
    assert server.asked == []


def test_a_disk_that_fills_up_on_the_way(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.FileIO):
        def write(self, _data: object, /) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", lambda handle, _mode: Full(handle, "wb"))
    assert f"The disk of {small.folder} is full; make room" in fail(small)


def test_a_folder_that_cannot_be_made(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CNNVIZ_WEIGHTS_DIR", str(tmp_path / "file" / "weights"))
    assert "cannot be written to; name another in CNNVIZ_WEIGHTS_DIR" in fail(small)


_HELD = """
import sys, time
from pathlib import Path
from cnnviz.networks.weights.downloads import _write_beside
with _write_beside(Path(sys.argv[1])) as file:
    file.write(b"half"); file.flush()
    print("half", flush=True); time.sleep(60)
"""


def test_what_a_killed_process_left_is_swept_and_what_a_running_one_writes_is_not(
    small: Small,
) -> None:
    small.folder.mkdir(parents=True, exist_ok=True)
    foreign = small.folder / "resnet18.pth.0123456789abcdef.partial"
    foreign.write_bytes(b"torch's own")
    command = [sys.executable, "-c", _HELD, str(small.folder / "small.pth")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"half\n"
            (partial,) = small.folder.glob("small.pth.*")

            downloads.sweep_partials()
            assert partial.exists()
        finally:
            process.kill()
    assert partial.exists()

    downloads.sweep_partials()
    assert list(small.folder.iterdir()) == [foreign]


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_folder_that_is_read_only(
    small: Small, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """The superuser, as whom tests may run, writes into any folder: so the system's own answer."""

    def refuse(**_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    assert "cannot be written to; name another in CNNVIZ_WEIGHTS_DIR" in fail(small)


def find_closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_no_way_to_the_server(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("CNNVIZ_WEIGHTS_URL", f"http://127.0.0.1:{find_closed_port()}")
    problem = fail(small)
    assert "There is no way to 127.0.0.1" in problem
    assert "check the internet connection" in problem
    assert "as small.pth" in problem


def test_a_proxy_that_is_not_there(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{find_closed_port()}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
    problem = fail(small)
    assert "The proxy of this machine gave no way to 127.0.0.1" in problem
    assert "HTTPS_PROXY" in problem


def test_what_nobody_published_and_what_does_not_exist() -> None:
    with pytest.raises(WeightsError, match="Nobody has published weights of lenet5"):
        start_download("lenet5")
    with pytest.raises(NetworkError, match="There is no network “lenet6”"):
        start_download("lenet6")
