"""The worker's program: computes one run after the other, and ends when the server is gone.

It reads orders from its standard input and writes how far it is to its standard output; whatever
else would print there goes to the server's log.
"""

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import IO

from cnnviz.jobs.packing import pack, unpack
from cnnviz.jobs.worker.computing import Computer, get_ready
from cnnviz.jobs.worker.frames import read_frame, write_frame
from cnnviz.jobs.worker.messages import Answer, Ready

# What changes within this time is told together.
_PAUSE_SECONDS = 0.02


def main() -> None:
    """Answer the server's orders."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Ctrl-C reaches all processes of a terminal; the server's end is what counts.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    get_ready()
    _send(answers, Ready())
    computer = Computer()
    threading.Thread(
        target=_send_all, args=(computer, answers), name="reports", daemon=True
    ).start()
    threading.Thread(target=_listen, args=(computer,), name="requests", daemon=True).start()
    computer.compute_all()


def _listen(computer: Computer) -> None:
    """Take the server's requests as they come, and end with it."""
    while (data := read_frame(sys.stdin.buffer)) is not None:
        computer.take(unpack(data))
    os._exit(0)


def _send_all(computer: Computer, stream: IO[bytes]) -> None:
    while True:
        for answer in computer.receive():
            _send(stream, answer)
        time.sleep(_PAUSE_SECONDS)


def _send(stream: IO[bytes], answer: Answer | Ready) -> None:
    with suppress(OSError):  # the server is gone; whoever reads from it ends the process
        write_frame(stream, pack(answer))


if __name__ == "__main__":
    main()
