"""Asking one address by itself, in an event loop: does it answer, whom does it follow, and does it reach that master?

A few small questions, each over a connection of its own, bounded in time and size. A member that runs refuses a login
with its master's address before it looks at the password, so that asking it costs no session and locks no account.
"""

from __future__ import annotations

import asyncio
import ssl
import time
import xmlrpc.client
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any
from xml.parsers.expat import ExpatError

from pools.clients.errors import (
    ClientError,
    LoginRefused,
    NotXenServer,
    Refused,
    TimedOut,
    TlsFailed,
    TlsUntrusted,
    Unreachable,
)
from pools.clients.trust import Trust, fingerprint, unchecked_context
from pools.clients.wire import CONNECT_S, cannot_connect, place_of
from pools.clients.xapi import LOCAL_LOGIN, LOGIN, ORIGINATOR, Endpoint
from pools.facts import Probe

ASK_S = 6.5
"""XAPI waits five seconds before it refuses a password: asked for less, a refusal would be taken for silence."""
THROUGH_S = 2.0
"""A member that lost its master's database never answers a read: so long it may take to be believed."""
LEAVE_S = 1.5
LARGEST = 64 * 1024
"""Bytes of a reply; none of these questions has a longer answer than a line or two."""
NOBODY = "OpaqueRef:NULL"


PAUSES_S = (300.0, 600.0, 1200.0, 1800.0)
"""Seconds until the next login, after the first, the second … in a row that gave no session."""


class Door:
    """Logins of one kind at one host. A wrong password counts there, and its refusal may come later than we wait: what
    gave no session was refused, and the next tries are ever further apart, as refused logins at a master are."""

    def __init__(self) -> None:
        self._tries, self._until = 0, float("-inf")

    @property
    def open(self) -> bool:
        return time.monotonic() >= self._until

    def knocked(self) -> None:
        """A password is about to be sent."""
        self._until = time.monotonic() + PAUSES_S[min(self._tries, len(PAUSES_S) - 1)]
        self._tries += 1

    def opened(self) -> None:
        """It was the right one."""
        self._tries, self._until = 0, float("-inf")


async def touch(address: str, port: int) -> bool:
    """Whether somebody takes a connection there; says no word. For the quiet hours: it costs a tenth of a question."""
    try:
        async with asyncio.timeout(CONNECT_S):
            _, writer = await asyncio.open_connection(address, port)
    except (OSError, UnicodeError):
        return False
    _drop(writer)
    return True


async def ask(
    address: str,
    way: Endpoint,
    *,
    login: bool = True,
    through: bool = False,
    seconds: float = ASK_S,
    wary: bool = False,
    door: Door | None = None,
    front: Door | None = None,
) -> Probe:
    """How that address answers, within so many seconds; nothing is followed. Raises nothing but CancelledError.

    Without `login` no password is sent: then only TLS is asked for. With `through`, a member is asked for something
    that its master must tell it: that is a local login, so not for quiet hours. `wary` is for one that left a login
    open: it must answer something smaller first, or it would wake up with a session for each time we asked. `door` says
    whether a local login may be tried there, and remembers how it went; `front` remembers that of the login, and wants
    `wary` too: who answers the smaller question and no login may refuse the password, only later than we wait."""
    line = _Line(address, way, door)
    began = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            await line.open()
            if wary:
                await line.knock()
            if login and front:
                front.knocked()
            said = await line.questions(through=through) if login else Probe(address=address, answers=True)
    except ClientError as error:
        said = line.failed(error)
    except TimeoutError:
        said = line.told or line.failed(TimedOut("read" if line.reached else "connect", line.place, seconds))
    finally:
        line.close()
    if login and front and said.answers and said.code != LoginRefused.code:
        front.opened()
    return replace(said, seconds=round(time.monotonic() - began, 3), reached=line.reached)


class _Line:
    """One connection to one address."""

    def __init__(self, address: str, way: Endpoint, door: Door | None = None) -> None:
        self._address, self._way = address, way
        self._door = door or Door()
        self.place = place_of(address, way.port)
        self.reached = ""
        self.told: Probe | None = None
        """What it has answered already, should the next question stay open."""
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect, and trust. Raises the clients' errors."""
        context = None if self._way.trust.plain else _context(self._way.trust)
        try:
            try:
                await self._connect(context)
            except ssl.SSLCertVerificationError as error:
                self.close()
                await self._connect(_unchecked())
                raise TlsUntrusted(self.place, self._shown(), error.verify_message) from None
        except OSError as error:
            raise cannot_connect(error, self.place) from None
        except UnicodeError:
            raise Unreachable("unknown-name", self.place) from None
        if context and not self._way.trust.accepts(seen := self._shown()):
            raise TlsUntrusted(self.place, seen, "it is none of those that were pinned")
        self.reached = "tls"

    async def _connect(self, context: ssl.SSLContext | None) -> None:
        async with asyncio.timeout(CONNECT_S):
            self._reader, self._writer = await asyncio.open_connection(
                self._address, self._way.port, limit=LARGEST
            )
            self.reached = "tcp"
            if context:
                await self._writer.start_tls(context, server_hostname=self._address)

    def _shown(self) -> str:
        shown = self._writer.get_extra_info("ssl_object") if self._writer else None
        if shown is None:
            raise TlsFailed(self.place, "the connection was lost")
        return fingerprint(shown.getpeercert(binary_form=True) or b"")

    async def questions(self, *, through: bool) -> Probe:
        """Whom it follows; of one that follows nobody, whether it is in emergency mode."""
        who = self._way
        try:
            session = await self._call(LOGIN, who.user, who.password.reveal(), "1.0", ORIGINATOR)
        except Refused as no:
            if no.code == "SESSION_AUTHENTICATION_FAILED":
                raise LoginRefused(self.place, who.user) from None
            if no.code == "HOST_IS_SLAVE" and no.params:
                self.told = self._answers(master=no.params[0], emergency=False)
                return await self._witnessed(self.told) if through and self._door.open else self.told
            self.told = self._answers(code=no.code, says=no.says)
            return replace(self.told, emergency=await self._in_emergency() if self._door.open else None)
        self.told = self._answers(master=self._address, emergency=False)
        with suppress(ClientError):
            await self._call("session.logout", str(session))
        return self.told

    def _answers(self, **said: Any) -> Probe:
        return Probe(address=self._address, answers=True, **said)

    def failed(self, error: ClientError) -> Probe:
        """What is known of an address that could not be asked."""
        answers = isinstance(error, Refused | LoginRefused)
        return Probe(address=self._address, answers=answers, code=error.code, says=error.says)

    async def knock(self) -> None:
        """Let it say anything at all: this needs no session and no database, and any refusal is an answer."""
        with suppress(Refused):
            await self._call("session.local_logout", NOBODY)

    async def _in_emergency(self) -> bool | None:
        with suppress(ClientError):
            return await self._locally("host.is_in_emergency_mode") in (True, "true", "1")
        return None

    async def _witnessed(self, told: Probe) -> Probe:
        """With whether it reaches its master: the one that it names afterwards too, as another may have taken over."""
        if not await self._through():
            return replace(told, sees_master=False)
        again = await self.questions(through=False)
        return replace(again, sees_master=again.master == told.master or None)

    async def _through(self) -> bool:
        """Whether the master's database answers this member: its reads come from there."""
        try:
            await self._locally("pool.get_all")
        except (ClientError, TimeoutError):
            return False
        return True

    async def _locally(self, call: str) -> Any:
        """One read on a session with this very host, which is closed in any case: over a connection of its own, since
        a read that hangs keeps this one."""
        who = self._way
        self._door.knocked()
        session = str(await self._call(LOCAL_LOGIN, who.user, who.password.reveal()))
        self._door.opened()
        try:
            async with asyncio.timeout(THROUGH_S):
                return await self._call(call, session)
        finally:
            await _Line(self._address, self._way).leave(session)

    async def leave(self, session: str) -> None:
        """End a local session."""
        with suppress(ClientError, TimeoutError):
            async with asyncio.timeout(LEAVE_S):
                await self.open()
                await self._call("session.local_logout", session)
        self.close()

    async def _call(self, call: str, *args: str) -> Any:
        """XAPI's value. Raises Refused, and NotXenServer for anything else that comes back."""
        body = xmlrpc.client.dumps(args, call).encode()
        head = (
            f"POST / HTTP/1.1\r\nHost: {self.place}\r\nUser-Agent: {ORIGINATOR}\r\nContent-Type: text/xml\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            return self._value(await self._exchange(head.encode() + body))
        except OSError:
            raise Unreachable("cut", self.place) from None
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            raise NotXenServer(self.place, "its answer is cut short or too long") from None

    async def _exchange(self, request: bytes) -> bytes:
        if self._writer is None:
            raise ConnectionResetError
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")):
            raise NotXenServer(self.place, f"it answers {head[:40].decode('ascii', 'replace').strip()}")
        length = next(
            (
                int(v)
                for k, _, v in (ln.partition(b":") for ln in head.lower().splitlines())
                if k == b"content-length"
            ),
            LARGEST + 1,
        )
        if not 0 <= length <= LARGEST:
            raise NotXenServer(self.place, "its answer is too long")
        return await self._reader.readexactly(length)

    def _value(self, body: bytes) -> Any:
        if b"<!" in body:  # a document type: entities that grow without end
            raise NotXenServer(self.place, "its answer has a document type")
        try:
            said: Any = xmlrpc.client.loads(body)[0][0]
            if said["Status"] == "Success":
                return said["Value"]
            code, *params = [str(part) for part in said["ErrorDescription"]]
        except (xmlrpc.client.Error, ExpatError, TypeError, LookupError, ValueError) as error:
            raise NotXenServer(self.place, f"its answer is not XML-RPC: {type(error).__name__}") from None
        raise Refused("XenServer", code, *params)

    def close(self) -> None:
        """At once: whatever is under way is of no use any more."""
        if self._writer is not None:
            _drop(self._writer)
            self._writer = None


def _drop(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


@lru_cache(maxsize=256)
def _context(trust: Trust) -> ssl.SSLContext:
    """Made once: reading the system's authorities takes longer than a handshake."""
    return _unchecked() if trust.pins else trust.context()


@lru_cache(maxsize=1)
def _unchecked() -> ssl.SSLContext:
    return unchecked_context()
