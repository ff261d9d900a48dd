"""Sockets with an end: every connection, read and reply is bounded in time and size, even when a host drips.

A socket's own timeout starts anew with each byte; the deadline here does not.
"""

from __future__ import annotations

import errno
import http.client
import io
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pools.clients.errors import ClientError, TimedOut, TlsFailed, TlsUntrusted, Unreachable
from pools.clients.trust import Trust, fingerprint, unchecked_context

CONNECT_S = 4.0
MAX_REPLY = 64 * 1024 * 1024
"""Bytes. 2,000 VMs are 25 MB of XML."""
NO_ROUTE = {
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.EHOSTDOWN,
    errno.EADDRNOTAVAIL,
    errno.EACCES,
    errno.EPERM,
}


_may_send: ContextVar[Callable[[], None] | None] = ContextVar("may_send", default=None)


@contextmanager
def gated(may_send: Callable[[], None]) -> Iterator[None]:
    """Within the block `may_send` is asked right before each write to a captain, and what it raises (a `Withheld`) ends
    the call: a request that is cut before its last byte is acted on by nobody."""
    before = _may_send.set(may_send)
    try:
        yield
    finally:
        _may_send.reset(before)


def ask_to_send() -> None:
    """Right before a write. Raises what `gated` was told to ask."""
    if may_send := _may_send.get():
        may_send()


class Deadline:
    """The moment at which a whole piece of work must be over."""

    def __init__(self, seconds: float | None = None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self, at_most: float) -> float:
        """Seconds that an operation may still take. Raises TimeoutError when none are left."""
        if self._end is None:
            return at_most
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole look is over")
        return min(left, at_most)

    def within(self, seconds: float) -> Deadline:
        """A deadline at most that many seconds away, and never later than this one."""
        sooner = Deadline(seconds)
        if self._end is not None and sooner._end is not None:
            sooner._end = min(self._end, sooner._end)
        return sooner


class _Reader(socket.SocketIO):
    """Reads with what is left of the reply's time, asked anew before each read."""

    def __init__(self, sock: socket.socket, deadline: Deadline, read_s: float) -> None:
        super().__init__(sock, "rb")
        self._socket, self._deadline, self._read_s = sock, deadline, read_s

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._deadline.left(self._read_s))
        return super().readinto(buffer)


class TimedSocket:
    """A connected socket whose replies must be complete `read_s` after they were asked for."""

    def __init__(self, sock: socket.socket, deadline: Deadline, read_s: float) -> None:
        self._sock, self._deadline, self._read_s = sock, deadline, read_s

    def makefile(self, mode: str = "rb", *_: Any, **__: Any) -> io.BufferedReader:
        self._sock._io_refs += 1  # type: ignore[attr-defined]  # as socket.makefile does: close() waits for the reader
        return io.BufferedReader(_Reader(self._sock, self._deadline.within(self._read_s), self._read_s))

    def sendall(self, data: Any, *flags: int) -> None:
        self._sock.settimeout(self._deadline.left(self._read_s))
        ask_to_send()
        self._sock.sendall(data, *flags)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def allow(self, read_s: float) -> None:
        self._read_s = read_s

    @property
    def stale(self) -> bool:
        """Whether the other side has closed it, or sent what nobody asked for."""
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return bool(poll.poll(0))


def connect(host: str, port: int, trust: Trust, deadline: Deadline, read_s: float) -> TimedSocket:
    """A connection that is trusted; nothing has been sent over it but the handshake.

    Raises Unreachable, TimedOut, TlsUntrusted or TlsFailed."""
    place = place_of(host, port)
    raw = _tcp(host, port, place, deadline)
    if trust.plain:
        return TimedSocket(raw, deadline, read_s)
    try:
        secure = _handshake(raw, host, place, trust.context(), deadline)
    except ssl.SSLCertVerificationError as error:
        seen = first_contact(host, port, deadline)
        raise TlsUntrusted(place, seen, error.verify_message) from None
    seen = fingerprint(secure.getpeercert(binary_form=True) or b"")
    if not trust.accepts(seen):
        secure.close()
        raise TlsUntrusted(place, seen, "it is none of those that were pinned")
    return TimedSocket(secure, deadline, read_s)


def first_contact(host: str, port: int, deadline: Deadline | None = None) -> str:
    """The SHA-256 fingerprint of the certificate shown there. Nothing is sent, and nothing is believed."""
    deadline = deadline or Deadline(2 * CONNECT_S)
    place = place_of(host, port)
    secure = _handshake(_tcp(host, port, place, deadline), host, place, unchecked_context(), deadline)
    with secure:
        return fingerprint(secure.getpeercert(binary_form=True) or b"")


def place_of(host: str, port: int) -> str:
    """An address and a port as people write them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _tcp(host: str, port: int, place: str, deadline: Deadline) -> socket.socket:
    try:
        sock = socket.create_connection((host, port), timeout=deadline.left(CONNECT_S))
    except OSError as error:
        raise cannot_connect(error, place) from None
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _handshake(
    raw: socket.socket, host: str, place: str, context: ssl.SSLContext, deadline: Deadline
) -> ssl.SSLSocket:
    try:
        raw.settimeout(deadline.left(CONNECT_S))
        return context.wrap_socket(raw, server_hostname=host)
    except OSError as error:
        raw.close()
        if isinstance(error, ssl.SSLCertVerificationError):
            raise
        raise cannot_connect(error, place) from None


def cannot_connect(error: OSError, place: str) -> ClientError:
    """What an error before the first byte of a request means."""
    if isinstance(error, TimeoutError):
        return TimedOut("connect", place, CONNECT_S)
    if isinstance(error, ssl.SSLError):
        return TlsFailed(place, (error.reason or "handshake").replace("_", " ").lower())
    if isinstance(error, socket.gaierror | UnicodeError):
        return Unreachable("unknown-name", place)
    if isinstance(error, ConnectionRefusedError):
        return Unreachable("refused", place)
    if error.errno in NO_ROUTE:
        return Unreachable("no-route", place)
    return Unreachable("cut", place)


class Connection(http.client.HTTPConnection):
    """An HTTP connection over a trusted, timed socket."""

    def __init__(self, host: str, port: int, trust: Trust, deadline: Deadline, read_s: float) -> None:
        super().__init__(host, port)
        self._trust, self._deadline, self._read_s = trust, deadline, read_s

    def connect(self) -> None:
        """Raises what `wire.connect` raises, and nothing was sent then."""
        self.sock = connect(self.host, self.port, self._trust, self._deadline, self._read_s)

    def allow(self, read_s: float) -> None:
        """How long each reply may take from now on, in seconds."""
        self._read_s = read_s
        if isinstance(self.sock, TimedSocket):
            self.sock.allow(read_s)

    @property
    def stale(self) -> bool:
        return isinstance(self.sock, TimedSocket) and self.sock.stale
