"""The route of what pages offer to download: GET /api/files/TOKEN/PLACE makes the file."""

import asyncio
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cnnviz.errors import CNNVizError, RequestError
from cnnviz.web.api.requests import check_origin, refuse
from cnnviz.web.files import find_file


async def make_file(request: Request) -> Response:
    """Answer GET /api/files/TOKEN/PLACE."""
    try:
        check_origin(request)
        file = find_file(request.path_params["token"], request.path_params["place"])
        if file is None:
            gone = "This file is not offered any more. Open its page again."
            return refuse(gone, status=404)
        content = await asyncio.to_thread(file.make)
    except RequestError as error:
        return refuse(str(error), status=error.status)
    except CNNVizError as error:
        return refuse(str(error), status=503)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=file.kind, headers=headers)


routes = [Route("/api/files/{token}/{place}", make_file, methods=["GET"])]
