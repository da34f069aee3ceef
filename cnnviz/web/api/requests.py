"""Requests to the JSON routes: what is read, what is refused, and in which words."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from cnnviz.digits.answers import Answer
from cnnviz.errors import CNNVizError, RequestError, WeightsError

MAX_BODY_BYTES = 64 * 1024
# A drawing comes in one piece. Who sends byte by byte would hold the connection for ever.
BODY_SECONDS = 10
_MAX_DIGITS = 15
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# Ten answers a second to a browser next door: compressing each would cost more than it saves.
UNCOMPRESSED = {"Content-Encoding": "identity"}

Endpoint = Callable[[Request], Awaitable[Response]]


def respond_to(answer: Callable[[Answer], Awaitable[Answer]]) -> Endpoint:
    """Make a route of what answers a POST request's JSON object."""

    async def respond(request: Request) -> Response:
        try:
            body = await _read_body(request)
            return JSONResponse(await answer(body), headers=UNCOMPRESSED)
        except RequestError as error:
            return refuse(str(error), status=error.status)
        except WeightsError as error:  # the server's file is broken, and not what was asked
            return refuse(str(error), status=503)
        except CNNVizError as error:
            return refuse(str(error), status=400)
        except ClientDisconnect:
            return Response(status_code=400)

    return respond


async def _read_body(request: Request) -> Answer:
    """Read a JSON object of bounded size.

    Raises:
        RequestError: Wrong method, origin, type, size or JSON.
    """
    if request.method != "POST":
        raise RequestError(f"Send a POST request, not {request.method}.", status=405)
    check_origin(request)
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise RequestError("Send the header “Content-Type: application/json”.", status=415)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            data = await _read_bytes(request)
    except TimeoutError as error:
        late = f"The body did not come within {BODY_SECONDS} seconds; send it at once."
        raise RequestError(late, status=408) from error
    try:
        body = json.loads(data)
        if b"\\u" in data:
            json.dumps(body, ensure_ascii=False).encode()  # half a character can't be answered
    except (ValueError, RecursionError) as error:
        raise RequestError("The body is no JSON.", status=400) from error
    if not isinstance(body, dict):
        raise RequestError("The body must be a JSON object.", status=400)
    return body


async def _read_bytes(request: Request) -> bytes:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BODY_BYTES:
            raise RequestError(f"Send at most {MAX_BODY_BYTES // 1024} KiB.", status=413)
    return bytes(data)


def read_count(request: Request, name: str) -> int:
    """Return a whole number of the query, -1 where it is none."""
    text = request.query_params.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= _MAX_DIGITS else -1


def check_origin(request: Request) -> None:
    """Let no page of another site ask.

    Raises:
        RequestError: A browser sent this from a page of another origin.
    """
    if _is_cross_site(request):
        raise RequestError("Requests from other sites are not answered.", status=403)


def _is_cross_site(request: Request) -> bool:
    """Whether a browser sent this from a page of another origin.

    Browsers say so in Sec-Fetch-Site where the address is trustworthy (https, localhost), and in
    Origin elsewhere, such as a laptop's address in the classroom. Programs send neither.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return False
    # A proxy in front says which host the browser asked for. A page of another site cannot say so:
    # a browser asks before it sends such a header, and the answer is no.
    names = (request.headers.get("x-forwarded-host", "").split(",")[0], request.headers.get("host"))
    try:
        host = urlsplit(origin).netloc
    except ValueError:  # such as "http://["
        return True
    return host not in {name.strip() for name in names if name}


def refuse(sentence: str, *, status: int) -> JSONResponse:
    """Answer with one sentence on what is wrong."""
    # What is left of a late body is not waited for.
    headers = {405: {"Allow": "POST"}, 408: {"Connection": "close"}}.get(status)
    return JSONResponse({"error": sentence}, status_code=status, headers=headers)
