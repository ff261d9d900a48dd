"""Reading by JSON-RPC 2.0 at `/jsonrpc`, on the connection and the session that XML-RPC uses too.

XAPI has it from 7.0 on; an older host, or something between it and us, answers that path with another kind of content.
A reply of a megabyte costs some twentieth of what the same one costs as XML.
"""

from __future__ import annotations

import json
import xmlrpc.client
from typing import Any

from pools.clients.errors import BadAnswer, Refused, SessionLost
from pools.clients.transport import OneShot, Reply

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
        params = [session, *(_plain(arg) for arg in args)]
        asked = {"jsonrpc": "2.0", "method": call, "params": params, "id": self._number}
        return self._value(self._transport.post(PATH, json.dumps(asked).encode(), JSON))

    def _value(self, reply: Reply) -> Any:
        said = self._said(reply)
        error = said.get("error")
        if error:
            raise self._refusal(error)
        if "result" not in said:
            raise BadAnswer(self._transport.place, "JSON without a result")
        return said["result"]

    def _said(self, reply: Reply) -> dict[str, Any]:
        # XAPI itself calls its JSON by more than one name; what counts is whether it is JSON-RPC.
        try:
            said = json.loads(reply.body)
        except (ValueError, RecursionError):
            said = None
        if isinstance(said, dict) and ("result" in said or "error" in said):
            return said
        if self._number == 1:
            self.offered = False
            raise NoJsonHere
        raise BadAnswer(self._transport.place, f"HTTP {reply.status} that is no JSON-RPC")

    def _refusal(self, error: Any) -> Exception:
        """Version 2's shape, or the bare list that XAPI sends before a call reaches its dispatcher."""
        details = error
        if isinstance(error, dict):
            data = error.get("data")
            details = [error.get("message"), *(data if isinstance(data, list) else ())]
        if not isinstance(details, list) or not details or not details[0]:
            return BadAnswer(self._transport.place, "an error without a code")
        code, *params = (str(part) for part in details)
        return (
            SessionLost(self._transport.place)
            if code == "SESSION_INVALID"
            else Refused("XenServer", code, *params)
        )


def _plain(arg: Any) -> Any:
    return arg.value if isinstance(arg, xmlrpc.client.DateTime) else arg
