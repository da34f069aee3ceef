"""Clients that post drawings to the digit route, from a process of their own.

`python -m benchmarks.load URL CLIENTS RATE SECONDS` prints one JSON object with the latencies.
Each client keeps one connection, has one request in flight, and draws a sample digit point by
point, asking for every layer as the page does.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cnnviz.digits import mnist

LAYERS = ("input", "relu1", "s2", "relu3", "s4", "relu5", "relu6", "output")


@dataclass(slots=True)
class Tally:
    """What the clients saw.

    Attributes:
        milliseconds: From each request's first byte out to its last byte in.
        refused: Answers that were not 200.
    """

    milliseconds: list[float] = field(default_factory=list)
    refused: int = 0


def make_requests(host: str, *, digit: int) -> list[bytes]:
    """Return the requests of one digit being drawn, a few more points each time."""
    strokes = mnist.sample_digits()[digit]
    points = [(number, point) for number, stroke in enumerate(strokes) for point in stroke]
    requests = []
    for count in range(4, len(points) + 1, 4):
        drawn: list[list[tuple[float, float]]] = [[] for _ in range(points[count - 1][0] + 1)]
        for number, point in points[:count]:
            drawn[number].append(point)
        body = json.dumps({"strokes": drawn, "pen": 0.09, "layers": LAYERS}).encode()
        head = (
            f"POST /api/digit HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests


async def run_client(url: str, *, rate: float, seconds: float, tally: Tally) -> None:
    """Post a drawing `rate` times a second for `seconds`."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    requests = make_requests(parts.netloc, digit=random.randrange(10))  # noqa: S311
    start = time.perf_counter() + random.random() / rate  # noqa: S311
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
        sent = time.perf_counter()
        writer.write(requests[number % len(requests)])
        await writer.drain()
        status = await read_answer(reader)
        tally.milliseconds.append((time.perf_counter() - sent) * 1000)
        tally.refused += status != 200
    writer.close()
    await writer.wait_closed()


async def read_answer(reader: asyncio.StreamReader) -> int:
    """Read an answer to its end; return its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.split("content-length:")[1].split("\r\n")[0])
    await reader.readexactly(length)
    return int(head.split()[1])


async def run_clients(url: str, *, clients: int, rate: float, seconds: float) -> dict[str, object]:
    """Run all clients side by side and report."""
    tally = Tally()
    begun = time.perf_counter()
    await asyncio.gather(
        *(run_client(url, rate=rate, seconds=seconds, tally=tally) for _ in range(clients))
    )
    elapsed = time.perf_counter() - begun
    return {
        "milliseconds": tally.milliseconds,
        "refused": tally.refused,
        "rate": len(tally.milliseconds) / elapsed,
    }


if __name__ == "__main__":
    address, count, per_second, duration = sys.argv[1:]
    report = run_clients(
        address, clients=int(count), rate=float(per_second), seconds=float(duration)
    )
    print(json.dumps(asyncio.run(report)))
