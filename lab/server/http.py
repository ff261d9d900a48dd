"""A small HTTP server on asyncio and h11 that can also misbehave on purpose.

A handler is ``async def handler(request) -> Response``. How the answer travels is data in the response (``delivery``),
so that a handler need not know about sockets. A ``Listener`` can be closed and opened again while the lab runs: a host
without power refuses connections, one behind a cut network swallows them.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qsl, urlsplit

import h11

BODY_LIMIT = 4 * 1024 * 1024
BACKLOG = 128


@dataclass
class Request:
    """One HTTP request, read to its end. Header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def raw_query(self) -> str:
        return urlsplit(self.target).query

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.raw_query, keep_blank_values=True)


@dataclass
class Response:
    """An answer. ``delivery``: whole, drip (a byte each ``delay`` real seconds), truncated, reset, hang."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/xml"
    headers: dict[str, str] = field(default_factory=dict)
    delivery: str = "whole"
    delay: float = 0.0


Handler = Callable[[Request], Awaitable[Response]]


class Listener:
    """One address and port. ``mode``: open, closed (refuses), swallowing (accepts, then silence).

    ``tls`` is asked for its context at the first connection, as a lab may have ten thousand listeners.
    """

    def __init__(
        self, handler: Handler, address: str, port: int, tls: Callable[[], ssl.SSLContext] | None = None
    ) -> None:
        self.handler = handler
        self.address = address
        self.port = port
        self.tls = tls
        self.mode = "closed"
        self.connections: set[asyncio.Protocol] = set()
        self._listening: socket.socket | None = None
        self._welcomes: set[asyncio.Task[None]] = set()

    async def set_mode(self, mode: str) -> None:
        """Open, close or swallow; connections of the old mode are reset. OSError when the port is taken."""
        if mode == self.mode:
            return
        loop = asyncio.get_running_loop()
        if self._listening is not None:
            loop.remove_reader(self._listening)
            self._listening.close()
            self._listening = None
        self.reset_connections()
        self.mode = mode
        if mode != "closed":
            self._listening = _listening_socket(self.address, self.port)
            loop.add_reader(self._listening, self._accept)

    def reset_connections(self) -> None:
        """Send a TCP reset on every open connection."""
        for welcome in list(self._welcomes):
            welcome.cancel()
        for connection in list(self.connections):
            reset(getattr(connection, "transport", None))

    def _accept(self) -> None:
        """Take what waits. Out of file descriptors: leave it waiting, as the kernel does."""
        for _ in range(BACKLOG):
            try:
                accepted, _peer = cast("socket.socket", self._listening).accept()
            except OSError:
                return
            accepted.setblocking(False)
            welcome = asyncio.get_running_loop().create_task(self._welcome(accepted))
            self._welcomes.add(welcome)
            welcome.add_done_callback(self._welcomes.discard)

    async def _welcome(self, accepted: socket.socket) -> None:
        """TLS, if there is any, and a protocol for the connection; a client that gives up on the way is let go."""
        loop = asyncio.get_running_loop()
        try:
            if self.mode == "open":
                context = self.tls() if self.tls is not None else None
                await loop.connect_accepted_socket(lambda: HttpProtocol(self), accepted, ssl=context)
            else:
                await loop.connect_accepted_socket(lambda: SilentProtocol(self), accepted)
        except OSError:
            accepted.close()
        except asyncio.CancelledError:
            accepted.close()
            raise


def _listening_socket(address: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    listening.setblocking(False)
    return listening


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

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._listener.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._listener.connections.discard(self)


class HttpProtocol(asyncio.Protocol):
    """One connection: reads requests one after the other, each answered before the next is read."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._http = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._answering: asyncio.Task[None] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._listener.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._listener.connections.discard(self)
        if self._answering is not None:
            self._answering.cancel()

    def data_received(self, data: bytes) -> None:
        self._http.receive_data(data)
        if self._answering is None:
            self._read_events()

    def eof_received(self) -> bool:
        return False

    def _read_events(self) -> None:
        try:
            while self._answering is None and self.transport and not self.transport.is_closing():
                event = self._http.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                    return
                self._take(event)
        except h11.RemoteProtocolError as problem:
            self._refuse(problem.error_status_hint)

    def _take(self, event: object) -> None:
        if isinstance(event, h11.Request):
            self._request = event
            self._body = bytearray()
            if self._http.they_are_waiting_for_100_continue:
                self._write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])))
        elif isinstance(event, h11.Data):
            self._body += event.data
            if len(self._body) > BODY_LIMIT:
                self._refuse(413)
        elif isinstance(event, h11.EndOfMessage):
            self._answering = asyncio.get_running_loop().create_task(self._answer(self._read_request()))

    def _refuse(self, status: int) -> None:
        if self.transport is not None:
            self._write(
                f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\n\r\n".encode()
            )
            self.transport.close()

    def _write(self, data: bytes | None) -> None:
        if data and self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def _read_request(self) -> Request:
        head = cast("h11.Request", self._request)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        return Request(head.method.decode(), head.target.decode("latin-1"), headers, bytes(self._body))

    async def _answer(self, request: Request) -> None:
        await self._deliver(await self._handled(request))
        if self.transport is None or self.transport.is_closing():
            return
        if self._http.our_state is h11.MUST_CLOSE:
            self.transport.close()
            return
        self._http.start_next_cycle()
        self._answering = None
        self._read_events()

    async def _handled(self, request: Request) -> Response:
        """The handler's answer; a mistake in the lab itself is an answer too, as silence looks like a fault."""
        try:
            return await self._listener.handler(request)
        except Exception as mistake:
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"the lab fell over at {request.path}", "exception": mistake}
            )
            return Response(
                500, b'{"error": "the lab fell over; its own output says why"}', "application/json"
            )

    async def _deliver(self, response: Response) -> None:
        if response.delivery == "hang":
            await asyncio.Event().wait()
        if response.delivery == "reset":
            reset(self.transport)
            return
        wire = self._serialized(response)
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

    def _serialized(self, response: Response) -> bytes:
        headers = {
            "Content-Type": response.content_type,
            "Content-Length": str(len(response.body)),
            **response.headers,
        }
        reason = (
            HTTPStatus(response.status).phrase
            if response.status in HTTPStatus._value2member_map_
            else "Unknown"
        )
        head = h11.Response(
            status_code=response.status, headers=list(headers.items()), reason=reason.encode()
        )
        parts = [self._http.send(head)]
        if self._request is None or self._request.method != b"HEAD":
            parts.append(self._http.send(h11.Data(data=response.body)))
        parts.append(self._http.send(h11.EndOfMessage()))
        return b"".join(part for part in parts if part)
