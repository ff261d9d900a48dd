"""The log of every call received, so that a test can prove that an action was sent exactly once."""

from __future__ import annotations

import itertools
import re
from dataclasses import asdict, dataclass, field
from typing import Any

SECRET = re.compile(r"passw|pwd|secret|signature|sessionkey", re.IGNORECASE)
MOST = 100_000  # calls that are kept; the oldest go first


@dataclass
class Call:
    """One call. ``outcome`` is "pending" until it is answered, then "ok", an error code, or what the fault did."""

    number: int
    time: float
    server: str  # xapi or cloudstack
    host: str  # name of the host, or "cloudstack"
    session: str
    name: str
    args: list[Any] | dict[str, Any]
    changing: bool
    outcome: str = "pending"


@dataclass
class CallLog:
    """Calls in the order they came: the last hundred thousand or so."""

    calls: list[Call] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def record(
        self,
        time: float,
        server: str,
        host: str,
        name: str,
        args: list[Any] | dict[str, Any],
        *,
        session: str = "",
        changing: bool = False,
    ) -> Call:
        """Note a call as it arrives; the caller sets ``outcome`` when it is answered.

        Values under secret names are masked here, at any depth; what is secret by its position the caller masks.
        """
        call = Call(next(self._numbers), time, server, host, session, name, masked(args), changing)
        self.calls.append(call)
        if len(self.calls) > MOST * 1.1:
            del self.calls[: len(self.calls) - MOST]
        return call

    def as_data(self, *, changing: bool = False, last: int = MOST) -> list[dict[str, Any]]:
        """The last calls, or only those of them that change something, as plain data."""
        chosen = [call for call in self.calls if call.changing or not changing]
        return [asdict(call) for call in chosen[-last:]]

    def clear(self) -> None:
        self.calls.clear()


def masked(value: Any) -> Any:
    """The value with what stands under secret names replaced by asterisks."""
    if isinstance(value, dict):
        return {key: "***" if SECRET.search(str(key)) else masked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value
