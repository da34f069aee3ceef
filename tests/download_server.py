"""A small server of weight files that can misbehave in every way a real one does."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileServer:
    """What a running server has and does.

    Attributes:
        url: Its address, without a slash at the end.
        files: Content by file name.
        status: Status of every answer; 200 for a file.
        cut_after: Break the connection after so many bytes.
        hold_after: After so many bytes wait until `go_on` is set.
        tells_size: Whether it says how long a file is.
        asked: Names of the files that were asked for, in order.
        user_agents: Who asked.
        go_on: Set to let a held answer go on.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    cut_after: int | None = None
    hold_after: int | None = None
    tells_size: bool = True
    asked: list[str] = field(default_factory=list)
    user_agents: list[str] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serve_files() -> Iterator[FileServer]:
    """Start a server on a free port of this machine, and end it."""
    state = FileServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            state.asked.append(name)
            state.user_agents.append(self.headers.get("User-Agent", ""))
            data = state.files.get(name)
            if state.status != 200 or data is None:
                self.send_error(404 if state.status == 200 else state.status)
                return
            self.send_response(200)
            if state.tells_size:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self._send(data)

        def _send(self, data: bytes) -> None:
            end = len(data) if state.cut_after is None else state.cut_after
            held = end if state.hold_after is None else state.hold_after
            self.wfile.write(data[:held])
            self.wfile.flush()
            if held < end:
                state.go_on.wait(300)
            try:
                self.wfile.write(data[held:end])
            except OSError:
                self.close_connection = True  # whoever asked has gone

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()
