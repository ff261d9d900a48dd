"""How tests reach the lab with the product's clients, and a server for bytes that no lab would send."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from lab.testing import RunningLab
from pools.clients.cloudstack import CloudStackEndpoint
from pools.clients.trust import Trust
from pools.clients.xapi import Endpoint
from pools.secret import Secret


def to_pool(lab: RunningLab, *hosts: str, pinned: tuple[str, ...] = (), password: str = "") -> Endpoint:
    """The way to a pool by some of its hosts. All certificates of its pool are pinned unless `pinned` names hosts."""
    members = [h.name for h in lab.world.host(hosts[0]).pool.hosts]
    return Endpoint(
        addresses=tuple(lab.address(host) for host in hosts),
        port=lab.port,
        user=lab.user,
        password=Secret(password or lab.password),
        trust=Trust(frozenset(lab.fingerprint(host) for host in pinned or members)),
    )


def to_cloudstack(lab: RunningLab, api_key: str = "", secret_key: str = "") -> CloudStackEndpoint:
    """The way to the lab's CloudStack."""
    return CloudStackEndpoint(
        lab.cloudstack_url, Secret(api_key or lab.api_key), Secret(secret_key or lab.secret_key), Trust()
    )


Behaviour = Callable[[socket.socket], None]


class OddServer:
    """Behaves as told after each request, and remembers what it was sent. A greeting is said before anything else."""

    def __init__(self, behaviour: Behaviour, greeting: bytes) -> None:
        self._behaviour, self._greeting = behaviour, greeting
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.sendall(self._greeting)
                while request := self._read(connection):
                    self.requests.append(request)
                    self._behaviour(connection)
            except OSError:
                return

    def _read(self, connection: socket.socket) -> bytes:
        """One whole request: its head, and as much body as that says."""
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = connection.recv(65536)
            if not chunk:
                return b""
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(ln.split(b":")[1]) for ln in head.lower().splitlines() if ln.startswith(b"content-length")),
            0,
        )
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        """From now on connections are refused; closing alone would not end a waiting accept."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def odd_server(behaviour: Behaviour, greeting: bytes = b"") -> Iterator[OddServer]:
    """A server on a free port of 127.0.0.1."""
    server = OddServer(behaviour, greeting)
    try:
        yield server
    finally:
        with suppress(OSError):  # the test may have closed it
            server.close()


def answering(body: bytes, status: str = "200 OK", **headers: str) -> Behaviour:
    """Answers the same to every request."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in headers.items())]
    return lambda connection: connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def first(once: Behaviour, then: Behaviour) -> Behaviour:
    """One way at the first request, another at all later ones."""
    turns = iter([once])

    def behave(connection: socket.socket) -> None:
        next(turns, then)(connection)

    return behave


def hanging_up(connection: socket.socket) -> None:
    """Closes without a word."""
    connection.shutdown(socket.SHUT_RDWR)


def dripping(connection: socket.socket) -> None:
    """A head that never ends, a byte at a time: each byte is in time, the whole is not."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        connection.sendall(b"a")
        time.sleep(0.05)


def silent(connection: socket.socket) -> None:
    """Never answers; ends when the other side does."""
    connection.recv(1)


def xml(value: str, status: str = "Success", name: str = "Value") -> bytes:
    """A reply of XAPI with a text, or with what is XML already."""
    inner = value if value.startswith("<") else f"<string>{value}</string>"
    return (
        "<?xml version='1.0'?><methodResponse><params><param><value><struct>"
        f"<member><name>Status</name><value><string>{status}</string></value></member>"
        f"<member><name>{name}</name><value>{inner}</value></member>"
        "</struct></value></param></params></methodResponse>"
    ).encode()


def plainly(server: OddServer) -> Endpoint:
    """The way to an odd server, as if it were a pool without TLS."""
    return Endpoint(("127.0.0.1",), server.port, "root", Secret("a-very-secret-word"), Trust(plain=True))
