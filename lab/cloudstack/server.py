"""The CloudStack API over HTTP: ``/client/api`` by GET and POST."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from lab.cloudstack import login
from lab.cloudstack.api import Exchange, receive
from lab.cloudstack.envelope import Reply
from lab.cloudstack.errors import INTERNAL_ERROR, NO_CAUSE, ApiError, from_words
from lab.server.http import Handler, Request, Response
from lab.server.mischief import deliver

if TYPE_CHECKING:
    from lab.cloudstack.state import CloudStack

PATH = "/client/api"
FORM = "application/x-www-form-urlencoded"


def handler(cloud: CloudStack) -> Handler:
    """What the HTTP server calls for each request."""

    async def handle(request: Request) -> Response:
        if request.path.rstrip("/") != PATH:
            return Response(404, b"Not found", "text/html")
        if request.method not in ("GET", "POST"):
            return Response(405, b"Method not allowed", "text/html")
        params, cookies = parameters(request), request.headers.get("cookie", "")
        if params.get("command", "").lower() in login.COMMANDS:
            return _plain(cloud, login.answer(cloud, params, cookies))
        exchange = receive(cloud, params, request.method, login.user_of(cloud, params, cookies))
        fault = cloud.world.faults.take("cloudstack", exchange.logged.name)
        return await deliver(
            fault,
            exchange.logged,
            lambda: _answer(exchange),
            lambda words: _response(exchange, exchange.refuse(from_words(words))),
        )

    return handle


def parameters(request: Request) -> dict[str, str]:
    """The query's parameters, and the form's where the query has none of that name."""
    params = dict(request.query)
    if request.method == "POST" and request.headers.get("content-type", "").startswith(FORM):
        params = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)) | params
    return params


async def _answer(exchange: Exchange) -> Response:
    """Wait for the command. The command is not cancelled when the client goes away."""
    done: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    def finish(reply: Reply) -> None:
        if not done.done():
            done.set_result(reply)

    exchange.run().on_done(lambda process: finish(process.result or exchange.refuse(_bug(process.error))))
    return _response(exchange, await done)


def _response(exchange: Exchange, reply: Reply) -> Response:
    return _plain(exchange.cloud, reply)


def _plain(cloud: CloudStack, reply: Reply) -> Response:
    """The answer bears the server's own time, by which a caller can tell that the clocks disagree."""
    headers = {**dict(reply.headers), "Date": formatdate(cloud.wall_time(), usegmt=True)}
    return Response(reply.status, reply.body, headers.pop("Content-Type"), headers)


def _bug(error: Exception | None) -> ApiError:
    return ApiError(
        INTERNAL_ERROR,
        f"Internal error executing command, please contact your cloud administrator: {error}",
        NO_CAUSE,
    )
