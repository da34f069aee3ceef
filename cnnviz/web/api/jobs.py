"""The routes of what takes long, a job or a download: how far it is, and the wish to stop it.

GET /api/jobs/ID?seen=VERSION answers when the job has changed since VERSION, or after some
seconds; of a job that is not there any more, with nothing (204). An open request is the sign that
the job's page is open.
POST /api/jobs/ID/stop stops it.
"""

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cnnviz.errors import RequestError
from cnnviz.jobs import Job, find_job
from cnnviz.jobs.view import JobView, view_job
from cnnviz.labs.live_training import TrainingRun
from cnnviz.networks.weights.downloads import Download, find_download_of
from cnnviz.web.api.requests import UNCOMPRESSED, check_origin, read_count, refuse

Work = Job[Any] | Download
# Less than the seconds after which an unseen job is dropped.
_HOLD_SECONDS = 3.0
# What changes within this time is told together.
_PAUSE_SECONDS = 0.2


async def follow_job(request: Request) -> Response:
    """Answer GET /api/jobs/ID?seen=VERSION."""
    try:
        check_origin(request)
        job = _find(request)
        if job is None:  # no error: the page has moved on to another result meanwhile
            return Response(status_code=204)
        await wait_for_change(job, request, seen=read_count(request, "seen"))
        return JSONResponse(asdict(_view(job)), headers=UNCOMPRESSED)
    except RequestError as error:
        return refuse(str(error), status=error.status)


async def stop_job(request: Request) -> Response:
    """Answer POST /api/jobs/ID/stop."""
    try:
        check_origin(request)
        job = _find(request)
        if job is None:
            return refuse("There is no such job. Reload the page.", status=404)
        job.stop()
        return JSONResponse(asdict(_view(job)), headers=UNCOMPRESSED)
    except RequestError as error:
        return refuse(str(error), status=error.status)


def _find(request: Request) -> Work | None:
    work_id: str = request.path_params["job_id"]
    return find_job(work_id) or find_download_of(work_id)


def _view(work: Work) -> JobView:
    return work.view() if isinstance(work, Download) else view_job(work)


async def wait_for_change(
    job: Work | TrainingRun, request: Request, *, seen: int, pause: float = _PAUSE_SECONDS
) -> None:
    """Wait until something is of another version, the request has waited long, or its page is gone.

    Args:
        job: What changes.
        request: Whose page may be left meanwhile.
        seen: The version that the page has.
        pause: What changes within this time is told together.
    """
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def tell() -> None:
        with suppress(RuntimeError):  # the server has ended
            loop.call_soon_threadsafe(changed.set)

    with job.watch(tell) if isinstance(job, Job) else job.listen(tell):
        if job.version == seen and job.is_active:
            leave = loop.create_task(_wait_for_leave(request))
            waits = [loop.create_task(changed.wait()), leave]
            await asyncio.wait(waits, timeout=_HOLD_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if leave.done() and isinstance(job, Job):
                job.note_closed()
            for wait in waits:
                wait.cancel()
        if job.is_active and changed.is_set():
            await asyncio.sleep(pause)


async def _wait_for_leave(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


routes = [
    Route("/api/jobs/{job_id}", follow_job, methods=["GET"]),
    Route("/api/jobs/{job_id}/stop", stop_job, methods=["POST"]),
]
