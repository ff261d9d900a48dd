"""Reading by JSON-RPC 2.0 at `/jsonrpc`, on the connection and the session that XML-RPC uses too.

XAPI has it from 7.0 on; an older host, or something between it and us, answers that path with another kind of content.
A reply of a megabyte costs some twentieth of what the same one costs as XML.
"""

from __future__ import annotations

import json
import xmlrpc.client
from typing import Any

from pools.clients import plain
from pools.clients.errors import BadAnswer, ClientError, Refused, SessionLost
from pools.clients.transport import OneShot

PATH, JSON = "/jsonrpc", "application/json"


class NoJsonHere(Exception):
    """The host does not speak JSON-RPC: nothing was read, ask by XML-RPC."""


class JsonReads:
    """Reads on one session. `offered` until the host has shown that it has no such thing."""

    def __init__(self, transport: OneShot) -> None:
        self._transport, self._number = transport, 0
        self.offered = True

    def call(self, call: str, session: str, args: tuple[Any, ...]) -> Any:
        """A value. Raises Refused, SessionLost, BadAnswer, what the wire raises, and NoJsonHere."""
        self._number += 1
        try:
            reply = self._transport.post(PATH, question(call, (session, *args), self._number), JSON)
            said = answer(reply.body)
        finally:
            self._transport.share.settled()
        if said is not None:
            return value(said, self._transport.place)
        if self._number == 1:
            self.offered = False
            raise NoJsonHere
        raise BadAnswer(self._transport.place, f"HTTP {reply.status} that is no JSON-RPC")


def question(call: str, args: tuple[Any, ...], number: int) -> bytes:
    """A call as it is sent; the session, where it has one, is the first argument."""
    asked = {"jsonrpc": "2.0", "method": call, "params": [_plain(arg) for arg in args], "id": number}
    return json.dumps(asked).encode()


def answer(body: bytes) -> dict[str, Any] | None:
    """What came back; None when it is no JSON-RPC. XAPI calls its JSON by more than one type, so that is not asked."""
    try:
        said = plain.loads(body)
    except ValueError:
        return None
    return said if isinstance(said, dict) and ("result" in said or "error" in said) else None


def value(said: dict[str, Any], place: str) -> Any:
    """The value in an answer of that place. Raises Refused, SessionLost and BadAnswer."""
    error = said.get("error")
    if error:
        raise _refusal(error, place)
    if "result" not in said:
        raise BadAnswer(place, "JSON without a result")
    return said["result"]


def _refusal(error: Any, place: str) -> ClientError:
    """Version 2's shape, or the bare list that XAPI sends before a call reaches its dispatcher."""
    details = error
    if isinstance(error, dict):
        data = error.get("data")
        details = [error.get("message"), *(data if isinstance(data, list) else ())]
    if not isinstance(details, list) or not details or not details[0]:
        return BadAnswer(place, "an error without a code")
    code, *params = (str(part) for part in details)
    return SessionLost(place) if code == "SESSION_INVALID" else Refused("XenServer", code, *params)


def _plain(arg: Any) -> Any:
    return arg.value if isinstance(arg, xmlrpc.client.DateTime) else arg
