"""JSON-RPC 1.0 and 2.0 the way xapi speaks them at /jsonrpc since 7.0 (api_server.ml; mirage/ocaml-rpc jsonrpc.ml)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from lab.world.refusal import Refusal
from lab.xapi.values import Stamp
from lab.xapi.wire import Unreadable

ERROR_CODE = 1  # always; it is there only because the standard wants one


@dataclass(frozen=True)
class JsonCall:
    """A request and the shape of its answers."""

    method: str
    args: list[Any]
    version: int
    number: int | str
    content_type = "application/json"

    def success(self, value: Any) -> bytes:
        if self.version == 1:
            return _body({"result": plain(value), "error": None, "id": self.number})
        return _body({"jsonrpc": "2.0", "result": plain(value), "id": self.number})

    def failure(self, refusal: Refusal) -> bytes:
        """1.0 has the array of code and parameters as the error, 2.0 an object around it."""
        if self.version == 1:
            return _body({"result": None, "error": refusal.description, "id": self.number})
        error = {"code": ERROR_CODE, "message": refusal.code, "data": refusal.params}
        return _body({"jsonrpc": "2.0", "error": error, "id": self.number})

    def early_failure(self, refusal: Refusal) -> bytes:
        """Raised before the call is looked at (emergency mode): always half of 2.0, with an array and the id 0."""
        return _body({"jsonrpc": "2.0", "error": refusal.description, "id": 0})


def read_call(body: bytes) -> JsonCall:
    """The call in a request body. Unreadable if it is none, also if nobody waits for its answer (no id)."""
    try:
        data = json.loads(body, parse_constant=_reject)
    except (ValueError, RecursionError) as problem:
        raise Unreadable(str(problem)) from problem
    if not isinstance(data, dict):
        raise Unreadable("not an object")
    version = _version(data)
    method, number, args = data.get("method"), data.get("id"), data.get("params")
    if not isinstance(method, str) or not method:
        raise Unreadable("no method name")
    if isinstance(number, bool) or not isinstance(number, int | str):
        raise Unreadable("no id")
    if args is None and version > 1:
        args = []
    if not isinstance(args, list):
        raise Unreadable("params is no array")
    return JsonCall(method, args, version, number)


def _version(data: dict[str, Any]) -> int:
    if "jsonrpc" not in data:
        return 1
    if data["jsonrpc"] != "2.0":
        raise Unreadable("unknown version")
    return 2


def _reject(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _body(envelope: dict[str, Any]) -> bytes:
    return json.dumps(envelope, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def plain(value: Any) -> Any:
    """A value as JSON has it: dates are texts, nothing is an empty text."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Stamp):
        return value.text()
    return "" if value is None else value
