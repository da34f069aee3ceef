"""The routes of the digit page: a drawing in, what LeNet-5 makes of it out.

POST /api/digit answers a drawing with the guess and, on request, the activations of chosen layers.
POST /api/digit/cell answers a drawing and a cell with the arithmetic that made the cell's value.
The README documents both. A request that cannot be answered gets {"error": "one sentence"}.
"""

import asyncio
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

from starlette.routing import Route

from cnnviz.digits.answers import Answer, answer_cell, answer_digits
from cnnviz.errors import CNNVizError, RequestError
from cnnviz.web.api.requests import METHODS, respond_to

# One thread computes for everybody: more would only fight for the same cores and the interpreter.
MAX_WAITING = 100
# A run for sixteen drawings takes little longer than a run for one.
MAX_BATCH = 16

_compute = ThreadPoolExecutor(max_workers=1, thread_name_prefix="digit")
_waiting: deque[tuple[Answer, Future[Answer]]] = deque()


async def _answer_cell_apart(body: Answer) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(_compute, answer_cell, body)


async def answer_digit_together(body: Answer) -> Answer:
    """Answer a drawing by the network's next run, which takes all that wait by then.

    Raises:
        CNNVizError: The drawing is none, or too many wait.
    """
    if len(_waiting) >= MAX_WAITING:
        raise RequestError("The server is too busy; try again in a second.", status=503)
    answered: Future[Answer] = Future()
    _waiting.append((body, answered))
    _compute.submit(_answer_waiting)
    return await asyncio.wrap_future(answered)


def _answer_waiting() -> None:
    """Answer the drawings that wait; nothing is left for the calls behind it in the queue."""
    waiting = [_waiting.popleft() for _ in range(min(len(_waiting), MAX_BATCH))]
    # Whom the visitor still waits for; from here on the future can no longer be cancelled.
    batch = [
        (body, answered) for body, answered in waiting if answered.set_running_or_notify_cancel()
    ]
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
