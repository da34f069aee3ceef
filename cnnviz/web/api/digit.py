"""The routes of the digit page: a drawing in, what LeNet-5 or a network like it makes of it out.

POST /api/digit answers a drawing with the guess and, on request, the activations of chosen layers.
POST /api/digit/cell answers a drawing and a cell with the arithmetic that made the cell's value.
The README documents both. A request that cannot be answered gets {"error": "one sentence"}.
"""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from weakref import WeakKeyDictionary

from starlette.routing import Route

from cnnviz.digits.answers import Answer, answer_cell, answer_digits
from cnnviz.errors import CNNVizError, RequestError
from cnnviz.web.api.requests import METHODS, respond_to

MAX_WAITING = 100
# A run for eight drawings takes little longer than a run for one; the loop is held for 10 ms.
MAX_BATCH = 8

_compute = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cell")
_Waiting = deque[tuple[Answer, asyncio.Future[Answer]]]
# Of each event loop: a server has one, tests have several.
_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, _Waiting] = WeakKeyDictionary()


async def _answer_cell_apart(body: Answer) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(_compute, answer_cell, body)


async def answer_digit_together(body: Answer) -> Answer:
    """Answer a drawing by the network's next run, which takes all that wait by then.

    It runs in the event loop. In a thread of its own it would hand the interpreter over at each of
    the network's operations, which took longer than to compute: sixty pads got 322 answers a second
    instead of 412.

    Raises:
        CNNVizError: The drawing is none, or too many wait.
    """
    loop = asyncio.get_running_loop()
    waiting = _queues.setdefault(loop, deque())
    if len(waiting) >= MAX_WAITING:
        raise RequestError("The server is too busy; try again in a second.", status=503)
    answered: asyncio.Future[Answer] = loop.create_future()
    waiting.append((body, answered))
    if len(waiting) == 1:
        loop.call_soon(_answer_waiting, loop)
    return await answered


def _answer_waiting(loop: asyncio.AbstractEventLoop) -> None:
    """Answer the drawings that wait; others of the loop's work come between two runs."""
    waiting = _queues[loop]
    taken = [waiting.popleft() for _ in range(min(len(waiting), MAX_BATCH))]
    if waiting:
        loop.call_soon(_answer_waiting, loop)
    # Those whom a visitor still waits for.
    batch = [(body, answered) for body, answered in taken if not answered.done()]
    try:
        answers = answer_digits([body for body, _ in batch])
    except Exception as error:  # noqa: BLE001 - each request raises it again; nobody waits for ever
        for _, answered in batch:
            answered.set_exception(error)
        return
    for (_, answered), answer in zip(batch, answers, strict=True):
        if isinstance(answer, CNNVizError):
            answered.set_exception(answer)
        else:
            answered.set_result(answer)


routes = [
    Route("/api/digit", respond_to(answer_digit_together), methods=METHODS),
    Route("/api/digit/cell", respond_to(_answer_cell_apart), methods=METHODS),
]
