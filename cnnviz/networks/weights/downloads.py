"""Published weights fetched from the internet, once for all visitors who ask.

torch.hub downloads too, but cannot be stopped, and tells its progress to the terminal only.
Python's own urllib does the transfer, as there; it knows the proxies of the environment.
"""

import errno
import hashlib
import http.client
import os
import secrets
import shutil
import ssl
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from cnnviz.errors import WeightsError
from cnnviz.jobs.observable import Observable
from cnnviz.jobs.view import JobView
from cnnviz.networks.weights.files import find_cache, find_folder
from cnnviz.networks.zoo.registry import get_network
from cnnviz.networks.zoo.reported import Reported

MIRROR_VARIABLE = "CNNVIZ_WEIGHTS_URL"
_AT_ONCE = 2
_PIECE = 1 << 17
# Without a single byte for so long, the other side is given up.
_SILENCE_SECONDS = 20.0


# Of a file that is being fetched, behind its name and a few letters by chance.
_PARTIAL = ".cnnviz.partial"
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_FOLDER = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT)


class DownloadState(StrEnum):
    """How far a download is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """A download at one moment.

    Attributes:
        state: How far it is.
        received: Bytes so far.
        total: Bytes of the whole file.
        problem: What went wrong and what to do, in one sentence; empty unless it failed.
    """

    state: DownloadState
    received: int
    total: int
    problem: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state not in (DownloadState.WAITING, DownloadState.RUNNING)


class Download(Observable):
    """One file on its way, in a thread of its own.

    Attributes:
        id: Names it in addresses.
        name: The network.
        reported: Which weights.
        target: Where the file will lie.
        host: Whom it is asked of.
        uses_proxy: Whether a proxy is asked in its place.
    """

    def __init__(self, name: str, reported: Reported, *, target: Path) -> None:
        super().__init__()
        self.id = secrets.token_urlsafe(18)
        self.name = name
        self.reported = reported
        self.target = target
        self.host = urlsplit(reported.url).hostname or ""
        self.uses_proxy = False
        self._progress = Progress(DownloadState.WAITING, 0, reported.file_bytes)
        self._stopping = threading.Event()
        self._over = threading.Event()

    @property
    def progress(self) -> Progress:
        """How far it is now."""
        return self._progress

    @property
    def is_active(self) -> bool:
        """Whether more may come."""
        return not self._progress.is_over

    @property
    def is_stopping(self) -> bool:
        """Whether it is told to stop; a silent line lets it notice only when the silence ends."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """End it, for every visitor who waits; what came so far is thrown away."""
        self._stopping.set()
        self.announce()

    def view(self) -> JobView:
        """Describe how far it is."""
        progress, total = self._progress, _describe_size(self._progress.total)
        step = f"{_describe_size(progress.received)} of {total}"
        if progress.is_over:
            step = progress.state
        elif self.is_stopping:
            step = "is being stopped"
        elif progress.state is DownloadState.WAITING:
            step = "waits its turn"
        return JobView(
            version=self.version,
            is_active=self.is_active,
            text=f"{get_network(self.name).title}: {step}",
            progress=progress.received / max(progress.total, 1),
            partials=0,
        )

    def wait(self, timeout: float | None = None) -> Progress:
        """Wait until it is over, or for so many seconds."""
        self._over.wait(timeout)
        return self._progress

    def run(self) -> None:
        """Fetch the file; whatever happens is told by `progress`."""
        state = DownloadState.FAILED
        problem = "The download failed for a reason nobody foresaw; see the server's terminal."
        try:
            with _TURNS:
                self._fetch()
            state, problem = DownloadState.DONE, ""
        except _StoppedError:
            state, problem = DownloadState.STOPPED, ""
        except WeightsError as error:
            problem = str(error)
        except (OSError, http.client.HTTPException, ValueError) as error:
            problem = _describe_problem(error, self)
        finally:
            self._describe(state, self._progress.received, problem=problem)
            self._over.set()

    def _describe(
        self, state: DownloadState, received: int, *, total: int = 0, problem: str = ""
    ) -> None:
        whole = max(total or self._progress.total, received)
        self._progress = Progress(state, received, whole, problem)
        self.announce()

    def _fetch(self) -> None:
        self._check_stopped()
        self._describe(DownloadState.RUNNING, 0)
        url = _find_url(self.reported)
        self.host = urlsplit(url).hostname or url
        self.uses_proxy = _has_proxy(url)
        self.target.parent.mkdir(parents=True, exist_ok=True)
        _check_space(self.target.parent, self.reported.file_bytes)
        request = urllib.request.Request(url, headers={"User-Agent": "CNNViz"})  # noqa: S310
        # An opener of its own: the one that urlopen keeps remembers the proxies of its first use.
        opener = urllib.request.build_opener()
        with (
            opener.open(request, timeout=_SILENCE_SECONDS) as answer,
            _write_beside(self.target) as file,
        ):
            self._copy(answer, file)

    def _copy(self, answer: http.client.HTTPResponse, file: IO[bytes]) -> None:
        expected = answer.headers.get("Content-Length", "")
        total = int(expected) if expected.isdecimal() else 0
        checksum = hashlib.sha256()
        received = 0
        # read1 returns what has come: the bar moves on slow lines, and a stop is noticed soon.
        while piece := answer.read1(_PIECE):
            self._check_stopped()
            file.write(piece)
            checksum.update(piece)
            received += len(piece)
            self._describe(DownloadState.RUNNING, received, total=total)
        self._check_stopped()
        if received < total:
            raise WeightsError(_describe_break(self))
        if not checksum.hexdigest().startswith(self.reported.checksum_start):
            raise WeightsError(
                f"What came from {self.host} is not {self.reported.file_name} "
                "(its checksum differs), perhaps the sign-in page of a network; open that in the "
                "browser first, then start the download again."
            )

    def _check_stopped(self) -> None:
        if self._stopping.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """A visitor ended the download."""


_TURNS = threading.Semaphore(_AT_ONCE)
_LOCK = threading.Lock()
_DOWNLOADS: dict[str, Download] = {}


def start_download(name: str) -> Download:
    """Start to fetch a network's weights, or join whoever is fetching them already.

    The file goes into the folder named by CNNVIZ_WEIGHTS_DIR as NAME.pth, or where there is none
    into torch's own cache.

    Raises:
        NetworkError: There is no such network.
        WeightsError: Nobody has published weights of it.
    """
    spec = get_network(name)
    if not spec.published:
        raise WeightsError(
            f"Nobody has published weights of {name}; train it, or put your own file in place."
        )
    reported = spec.published[0].reported
    folder = find_folder()
    target = folder / f"{name}.pth" if folder else find_cache() / reported.file_name
    with _LOCK:
        running = _DOWNLOADS.get(name)
        if running is not None and not running.progress.is_over:
            return running
        download = _DOWNLOADS[name] = Download(name, reported, target=target)
    # A daemon: the server must not wait for it when it is ended.
    threading.Thread(target=download.run, name=f"download {name}", daemon=True).start()
    return download


def find_download(name: str) -> Download | None:
    """Return the last download of a network's weights, running or over; None if there was none."""
    with _LOCK:
        return _DOWNLOADS.get(name)


def find_download_of(download_id: str) -> Download | None:
    """Return the download of this id, as long as no later one of its network has begun."""
    with _LOCK:
        return next((item for item in _DOWNLOADS.values() if item.id == download_id), None)


def list_running() -> tuple[Download, ...]:
    """Return the downloads that are not over."""
    with _LOCK:
        return tuple(item for item in _DOWNLOADS.values() if not item.progress.is_over)


def _find_url(reported: Reported) -> str:
    mirror = os.environ.get(MIRROR_VARIABLE, "").strip()
    if not mirror:
        return reported.url
    if urlsplit(mirror).scheme not in ("http", "https"):
        raise WeightsError(f"{MIRROR_VARIABLE} is “{mirror}”; give an address with http or https.")
    return f"{mirror.rstrip('/')}/{reported.file_name}"


def _has_proxy(url: str) -> bool:
    parts = urlsplit(url)
    is_set = parts.scheme in urllib.request.getproxies()
    return is_set and not urllib.request.proxy_bypass(parts.netloc)


def _check_space(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size:
        raise WeightsError(
            f"The disk of {folder} has {_describe_size(free)} left and the file takes "
            f"{_describe_size(size)}; make room and start the download again."
        )


@contextmanager
def _write_beside(target: Path) -> Iterator[IO[bytes]]:
    """Open a file beside the target that takes its place at the end, or vanishes."""
    handle, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=_PARTIAL, dir=target.parent)
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            with suppress(OSError):  # a network's folder may know no locks
                _lock(file)
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o644)  # as other files; mkstemp lets its owner only read it
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _lock(file: IO[bytes]) -> None:
    """Mark a file as this process's, until it is closed or the process ends in whatever way.

    Raises:
        OSError: It is another process's.
    """
    # Windows deletes no file that is open, and has no fcntl.
    with suppress(ImportError):
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def sweep_partials() -> None:
    """Delete what downloads left that were cut off by the end of their process."""
    for folder in filter(None, (find_folder(), find_cache())):
        # A folder that cannot be read or written to stays as it is.
        with suppress(OSError):
            for partial in folder.glob(f"*{_PARTIAL}"):
                with suppress(OSError):
                    with partial.open("rb") as file:
                        _lock(file)
                    partial.unlink()


def _describe_problem(error: Exception, download: Download) -> str:
    """Say in one sentence what broke a download and what to do."""
    file, folder, host = download.reported.file_name, download.target.parent, download.host
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    by_hand = f"or fetch {file} elsewhere and put it into a weights folder as {download.name}.pth"
    if isinstance(error, urllib.error.HTTPError):
        return _describe_status(error, file)
    if isinstance(reason, OSError) and reason.errno in _NO_SPACE:
        return f"The disk of {folder} is full; make room and start the download again."
    if isinstance(reason, OSError) and reason.errno in _NO_FOLDER:
        return f"The folder {folder} cannot be written to; name another in CNNVIZ_WEIGHTS_DIR."
    if isinstance(reason, ssl.SSLError):
        return f"The certificate of the server was refused ({reason}); ask who runs the network."
    if isinstance(reason, TimeoutError):
        silence = f"{host} sent nothing for {_SILENCE_SECONDS:.0f} seconds"
        return f"{silence}; start the download again, {by_hand}."
    if download.progress.received:
        return _describe_break(download)
    if download.uses_proxy:
        return (
            f"The proxy of this machine gave no way to {host} ({reason}); check HTTPS_PROXY and "
            f"NO_PROXY, {by_hand}."
        )
    if isinstance(reason, OSError | http.client.HTTPException):
        return f"There is no way to {host} ({reason}); check the internet connection, {by_hand}."
    return f"The download of {file} failed ({type(error).__name__}: {error}); start it again."


def _describe_break(download: Download) -> str:
    received, total = download.progress.received, download.progress.total
    return (
        f"The connection broke after {_describe_size(received)} of {_describe_size(total)} of "
        f"{download.reported.file_name}; start the download again."
    )


def _describe_status(error: urllib.error.HTTPError, file: str) -> str:
    if error.code in (404, 410):
        return f"The server has no file {file} (status {error.code}); tell the makers of CNNViz."
    if error.code == 407:
        return "The proxy asks for a name and a password; put them into HTTPS_PROXY."
    return f"The server refused {file} with status {error.code}; start the download again later."


def _describe_size(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{size / 2**10:.1f} KB"
