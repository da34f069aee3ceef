"""The routes of a network that trains: its curves and pictures, and its learning rate.

GET /api/training/ID?seen=VERSION&step=STEPS&look=LOOKS answers with what is new since then when the
run has changed, or after some seconds; of a run that is not there any more, with nothing (204).
POST /api/training/rate takes {"run": ID, "rate": number} of a visitor's own run.
"""

import asyncio
import sys

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cnnviz.digits.answers import Answer
from cnnviz.errors import RequestError
from cnnviz.figures.live_training import pack_run
from cnnviz.labs.live_training import find_run
from cnnviz.web.api.jobs import wait_for_change
from cnnviz.web.api.requests import (
    METHODS,
    UNCOMPRESSED,
    check_origin,
    read_count,
    refuse,
    respond_to,
)
from cnnviz.web.components.shared.packing import pack

# What changes within this time is told together: eight answers a second.
_PAUSE_SECONDS = 0.11


async def follow_run(request: Request) -> Response:
    """Answer GET /api/training/ID?seen=VERSION&step=STEPS&look=LOOKS."""
    try:
        check_origin(request)
    except RequestError as error:
        return refuse(str(error), status=error.status)
    run = find_run(request.path_params["run_id"])
    if run is None:
        return Response(status_code=204)
    seen, step, look = (read_count(request, name) for name in ("seen", "step", "look"))
    await wait_for_change(run, request, seen=seen, pause=_PAUSE_SECONDS)
    told = await asyncio.to_thread(pack_run, run, step=max(step, 0), look=max(look, 0))
    return JSONResponse(pack(told), headers=UNCOMPRESSED)


async def change_rate(body: Answer) -> Answer:
    """Answer POST /api/training/rate."""
    run, rate = find_run(str(body.get("run", ""))), body.get("rate")
    if run is None or not run.is_own:
        raise RequestError("There is no such run of yours. Train one first.", status=404)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or abs(rate) > sys.maxsize:
        raise RequestError("“rate” must be a number up to 100.", status=400)
    run.change_rate(float(rate))
    return {"rate": run.rate}


routes = [
    Route("/api/training/rate", respond_to(change_rate), methods=METHODS),
    Route("/api/training/{run_id}", follow_run, methods=["GET"]),
]
