"""A small HTTP server on asyncio that can also misbehave on purpose.

A handler is ``async def handler(request) -> Response``. How the answer travels is data in the response (``delivery``),
so that a handler need not know about sockets. A ``Listener`` can be closed and opened again while the lab runs: a host
without power refuses connections, one behind a cut network swallows them.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import cast

from lab.server.messages import Handler, Request, Response
from lab.server.protocol import HttpProtocol, SilentProtocol, reset

__all__ = ["Handler", "Listener", "Request", "Response"]

BACKLOG = 128


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
    # With its protocol named, asyncio sends small answers at once (TCP_NODELAY): else the first over TLS waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    listening.setblocking(False)
    return listening
