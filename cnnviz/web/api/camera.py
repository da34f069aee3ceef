"""The route of the live camera: a frame in, what a network makes of it out.

POST /api/camera takes {"network", "layer", "image", "camera"}: an image file as base64, and a text
of the sender's choice that tells its camera from others. Of each camera one frame waits at most:
a newer one takes its place, and the older one is told so (429). The README documents it. Nothing
of a frame is kept.
"""

import asyncio
import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor

from starlette.routing import Route

from cnnviz.camera import look, read_frame
from cnnviz.digits.answers import Answer
from cnnviz.errors import RequestError
from cnnviz.figures.camera import pack_sight
from cnnviz.jobs.line import lower_priority
from cnnviz.web.api.requests import METHODS, respond_to
from cnnviz.web.components.shared.packing import pack

# Each of them then still gets about one frame a second from a network that takes 100 ms.
MAX_WAITING = 8
MAX_CAMERA_NAME = 64

# Of low priority: a pen that moves must not wait for a camera.
_compute = ThreadPoolExecutor(1, thread_name_prefix="camera", initializer=lower_priority)
_lock = threading.Lock()
_waiting: OrderedDict[object, tuple[Answer, Future[Answer]]] = OrderedDict()


async def _answer_newest(body: Answer) -> Answer:
    """Wait for the frame's turn, one of each camera after the other."""
    name = body.get("camera", "")
    if not isinstance(name, str) or len(name) > MAX_CAMERA_NAME:
        raise RequestError(
            f"“camera” must be a text of at most {MAX_CAMERA_NAME} characters.", status=400
        )
    camera = name or object()  # a program that names none sends single images
    answered: Future[Answer] = Future()
    with _lock:
        _, older = _waiting.get(camera, (None, None))
        if older is None and len(_waiting) >= MAX_WAITING:
            busy = f"{MAX_WAITING} cameras already wait for this server. Wait a second."
            raise RequestError(busy, status=503)
        _waiting[camera] = (body, answered)  # in the older one's place
    if older is None:
        _compute.submit(_answer_next)
    elif older.set_running_or_notify_cancel():
        older.set_exception(RequestError("A newer frame of this camera has come.", status=429))
    return await asyncio.wrap_future(answered)


def _answer_next() -> None:
    with _lock:
        _, (body, answered) = _waiting.popitem(last=False)
    # Whom the visitor still waits for; from here on the future can no longer be cancelled.
    if not answered.set_running_or_notify_cancel():
        return
    try:
        answered.set_result(_answer(body))
    except Exception as error:  # noqa: BLE001 - the request raises it again; nobody waits for ever
        answered.set_exception(error)


def _answer(body: Answer) -> Answer:
    frame = read_frame(body)
    preprocessing = frame.model.spec.preprocessing
    x = preprocessing.prepare(frame.pixels)
    sight = look(frame.model, x, layer=frame.layer)
    fault = preprocessing.find_fault(frame.pixels)
    packed: Answer = pack(pack_sight(frame.model, sight, x=x, fault=fault))
    return packed


routes = [Route("/api/camera", respond_to(_answer_newest), methods=METHODS)]
