"""The route of small images: GET /api/thumbnails/KEY answers with a sample's thumbnail as a PNG."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cnnviz.errors import CNNVizError, RequestError
from cnnviz.images.names import make_thumbnail
from cnnviz.web.api.requests import check_origin, refuse

# Samples do not change while the server runs; the owner's own photographs may.
_KEEP = {"Cache-Control": "private, max-age=600"}


async def show_thumbnail(request: Request) -> Response:
    """Answer GET /api/thumbnails/KEY."""
    try:
        check_origin(request)
        file = await asyncio.to_thread(make_thumbnail, request.path_params["key"])
    except RequestError as error:
        return refuse(str(error), status=error.status)
    except CNNVizError as error:
        return refuse(str(error), status=404)
    return Response(file, media_type="image/png", headers=_KEEP)


routes = [Route("/api/thumbnails/{key}", show_thumbnail, methods=["GET"])]
