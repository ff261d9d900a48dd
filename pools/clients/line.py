"""A line to one host, held open in an event loop: JSON-RPC over aiohttp, for what waits rather than works.

It asks as the other clients do: trusted before a byte is sent, bounded in time and size, nothing sent twice. Only
reads, and the session's own calls, go over it.
"""

from __future__ import annotations

import asyncio
import ssl
from functools import lru_cache
from typing import Any

import aiohttp

from pools.clients import json_reads
from pools.clients.errors import (
    BadAnswer,
    ClientError,
    LoginRefused,
    NotXenServer,
    Refused,
    TimedOut,
    TlsUntrusted,
    Unreachable,
    without_trace,
)
from pools.clients.large import Share
from pools.clients.trust import Trust, fingerprint
from pools.clients.wire import CONNECT_S, cannot_connect, place_of
from pools.clients.xapi import LOGIN, LOGIN_S, LOGOUT_S, ORIGINATOR, Endpoint

MAX_REPLY = 32 * 1024 * 1024
"""Bytes. 10,000 messages, which is all that XAPI keeps, are some 7 MB."""
CHUNK = 64 * 1024
LARGE = 64 * 1024
"""Bytes of a reply whose buffers, of ours and of TLS, stay with the connection: half a megabyte at most."""
UNSERVED = 500
"""HTTP's statuses from here on tell of the server, not of what was asked: an old host says 404 to JSON's path."""
IDLE_S = 60.0
"""How long a connection may wait for its next request."""


class _OneOf(aiohttp.Fingerprint):
    """Any of the pins, where aiohttp knows one. It is asked after the handshake and before the request."""

    def __init__(self, pins: frozenset[str]) -> None:
        super().__init__(bytes.fromhex(next(iter(pins))))
        self._pins = pins

    def check(self, transport: asyncio.Transport) -> None:
        shown = transport.get_extra_info("ssl_object").getpeercert(binary_form=True) or b""
        if fingerprint(shown) not in self._pins:
            host, port, *_ = transport.get_extra_info("peername")
            raise aiohttp.ServerFingerprintMismatch(self.fingerprint, shown, host, port)


@lru_cache(4096)
def _checked(trust: Trust) -> ssl.SSLContext | aiohttp.Fingerprint:
    """How aiohttp is to check: made once, as a context with the system's authorities takes a megabyte."""
    return _OneOf(trust.pins) if trust.pins else trust.context()


def web() -> aiohttp.ClientSession:
    """What lines share; belongs to the running loop. It follows no environment, keeps no cookie, unpacks nothing."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_S, use_dns_cache=False)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity", "User-Agent": ORIGINATOR},
        skip_auto_headers=("Accept",),
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None),  # each call has its own
    )


class Line:
    """A session with one host. Used by one coroutine at a time."""

    def __init__(self, http: aiohttp.ClientSession, endpoint: Endpoint, address: str) -> None:
        self._http, self._endpoint = http, endpoint
        self.address, self.place = address, place_of(address, endpoint.port)
        self._url = f"{endpoint.trust.scheme}://{self.place}{json_reads.PATH}"
        self._session, self._number = "", 0
        self._share = Share()
        self._swollen = self._leave = False

    def slim(self) -> None:
        """Go on over another connection, from the next call but one, if large replies came over this."""
        self._leave, self._swollen = self._swollen, False

    async def login(self, seconds: float = LOGIN_S) -> None:
        """Open the session. Raises LoginRefused, Refused (HOST_IS_SLAVE with the master's address), NoJsonHere and the
        wire's errors."""
        who = self._endpoint
        try:
            said = (who.user, who.password.reveal(), "1.0", ORIGINATOR)
            self._session = str(await self._ask(LOGIN, said, seconds))
        except Refused as no:
            if no.code == "SESSION_AUTHENTICATION_FAILED":
                raise LoginRefused(self.place, who.user) from None
            raise

    async def call(self, call: str, *args: Any, seconds: float, silent_s: float | None = None) -> Any:
        """The value of a read, within `seconds`, of which none may pass in silence for longer than `silent_s`. Raises
        Refused, SessionLost, BadAnswer, TimedOut, Unreachable, TlsUntrusted."""
        return await self._ask(call, (self._session, *args), seconds, silent_s)

    async def close(self) -> None:
        """Log out, however it goes."""
        if self._session:
            session, self._session = self._session, ""
            try:
                await self._ask("session.logout", (session,), LOGOUT_S)
            except (ClientError, json_reads.NoJsonHere):
                pass

    async def _ask(
        self, call: str, args: tuple[Any, ...], seconds: float, silent_s: float | None = None
    ) -> Any:
        try:
            return await self._asked(call, args, seconds, silent_s)
        finally:
            self._share.settled()

    async def _asked(self, call: str, args: tuple[Any, ...], seconds: float, silent_s: float | None) -> Any:
        self._number += 1
        body = json_reads.question(call, args, self._number)
        problem: ClientError
        try:
            async with asyncio.timeout(seconds):
                status, raw = await self._exchange(body, silent_s)
        except ClientError as error:
            problem = error
        except aiohttp.SocketTimeoutError:
            problem = TimedOut("read", self.place, silent_s or seconds)
        except aiohttp.ConnectionTimeoutError:
            problem = TimedOut("connect", self.place, CONNECT_S)
        except TimeoutError:
            problem = TimedOut("read", self.place, seconds)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            problem = self._broken(error)
        else:
            return self._understood(status, raw)
        # No traceback may lead to frames that hold the password.
        raise without_trace(problem)

    async def _exchange(self, body: bytes, silent_s: float | None) -> tuple[int, bytes]:
        leaving = {"Connection": "close"} if self._leave else {}
        self._leave = False
        async with self._http.post(
            self._url,
            data=body,
            headers={"Content-Type": json_reads.JSON, **leaving},
            ssl=_checked(self._endpoint.trust),
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=silent_s),
        ) as response:
            read = bytearray()
            async for chunk in response.content.iter_chunked(CHUNK):
                read += chunk
                if len(read) > MAX_REPLY:
                    response.close()
                    raise BadAnswer(self.place, f"larger than {MAX_REPLY // 2**20} MB")
                await self._share.grown_in_loop(len(read))
            self._swollen = self._swollen or len(read) > LARGE
            return response.status, bytes(read)

    def _understood(self, status: int, raw: bytes) -> Any:
        said = json_reads.answer(raw)
        if said is not None:
            return json_reads.value(said, self.place)
        if self._session or status >= UNSERVED:  # who cannot serve just now has not said what it speaks
            raise BadAnswer(self.place, f"HTTP {status} that is no JSON-RPC")
        raise json_reads.NoJsonHere

    def _broken(self, error: Exception) -> ClientError:
        """What aiohttp's errors mean in the words of the other clients."""
        if isinstance(error, aiohttp.ServerFingerprintMismatch):
            return TlsUntrusted(self.place, fingerprint(error.got), "it is none of those that were pinned")
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return TlsUntrusted(self.place, "", str(error.certificate_error))
        if isinstance(error, aiohttp.ClientConnectorError):
            return cannot_connect(error.os_error, self.place)
        if isinstance(error, aiohttp.ClientConnectionError | aiohttp.ClientPayloadError | OSError):
            return Unreachable("cut", self.place)
        return NotXenServer(self.place, type(error).__name__)
