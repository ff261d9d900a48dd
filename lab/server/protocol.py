"""What happens on one accepted connection: HTTP on httptools, silence, or a reset."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from http import HTTPStatus
from typing import Protocol, cast

import httptools

from lab.server.messages import Handler, Request, Response

BODY_LIMIT = 4 * 1024 * 1024
HEAD_LIMIT = 64 * 1024


class Owner(Protocol):
    """The listener that accepted the connection."""

    handler: Handler
    connections: set[asyncio.Protocol]


def reset(transport: asyncio.Transport | None) -> None:
    """Close with a TCP reset instead of a goodbye."""
    if transport is None or transport.is_closing():
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class SilentProtocol(asyncio.Protocol):
    """Accepts and never says a word, not even a TLS handshake."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._owner.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._owner.connections.discard(self)


class HttpProtocol(asyncio.Protocol):
    """One connection: its requests are answered one after the other."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._parser = httptools.HttpRequestParser(self)
        self._unanswered: deque[tuple[Request, bool]] = (
            deque()
        )  # with whether the connection goes on afterwards
        self._answering: asyncio.Task[None] | None = None
        self._refused = False
        self.transport: asyncio.Transport | None = None
        self.on_message_begin()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._owner.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._owner.connections.discard(self)
        if self._answering is not None:
            self._answering.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # nobody here speaks anything else: the request is answered as it is
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST)

    def eof_received(self) -> bool:
        return False

    # What the parser finds, in this order

    def on_message_begin(self) -> None:
        self._target = b""
        self._headers: dict[str, str] = {}
        self._head_size = 0
        self._body = bytearray()

    def on_url(self, url: bytes) -> None:
        self._target += url
        self._count_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")
        self._count_head(len(name) + len(value))

    def on_headers_complete(self) -> None:
        if self._headers.get("expect", "").lower() == "100-continue":
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > BODY_LIMIT:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode("latin-1")
        request = Request(method, self._target.decode("latin-1"), self._headers, bytes(self._body))
        self._unanswered.append((request, self._parser.should_keep_alive()))
        self._answer_next()

    def _count_head(self, size: int) -> None:
        self._head_size += size
        if self._head_size > HEAD_LIMIT:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    # Answers

    def _answer_next(self) -> None:
        if self._answering is None and self._unanswered and not self._refused:
            request, goes_on = self._unanswered.popleft()
            self._answering = asyncio.get_running_loop().create_task(self._answer(request, goes_on))

    async def _answer(self, request: Request, goes_on: bool) -> None:
        await self._deliver(await self._handled(request), request, goes_on)
        self._answering = None
        if self.transport is None or self.transport.is_closing():
            return
        if goes_on:
            self._answer_next()
        else:
            self.transport.close()

    async def _handled(self, request: Request) -> Response:
        """The handler's answer; a mistake in the lab itself is an answer too, as silence looks like a fault."""
        try:
            return await self._owner.handler(request)
        except Exception as mistake:
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"the lab fell over at {request.path}", "exception": mistake}
            )
            return Response(
                500, b'{"error": "the lab fell over; its own output says why"}', "application/json"
            )

    async def _deliver(self, response: Response, request: Request, goes_on: bool) -> None:
        if response.delivery == "hang":
            await asyncio.Event().wait()
        if response.delivery == "reset":
            reset(self.transport)
            return
        wire = serialized(response, goes_on=goes_on, body=request.method != "HEAD")
        if response.delivery == "truncated":
            self._write(wire[: len(wire) // 2])
            if self.transport is not None:
                self.transport.close()
        elif response.delivery == "drip":
            for index in range(len(wire)):
                self._write(wire[index : index + 1])
                await asyncio.sleep(response.delay)
        else:
            self._write(wire)

    def _refuse(self, status: HTTPStatus) -> None:
        """Say no to what is no request, once, and hang up."""
        if self._refused or self.transport is None:
            return
        self._refused = True
        self._write(serialized(Response(status), goes_on=False, body=True))
        self.transport.close()

    def _write(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)


def serialized(response: Response, *, goes_on: bool, body: bool) -> bytes:
    """The answer as it travels."""
    lines = [
        f"HTTP/1.1 {response.status} {_phrase(response.status)}",
        f"Content-Type: {response.content_type}",
        f"Content-Length: {len(response.body)}",
        *(f"{name}: {value}" for name, value in response.headers.items()),
        *(() if goes_on else ("Connection: close",)),
    ]
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head + response.body if body else head


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
