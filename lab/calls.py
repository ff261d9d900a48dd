"""The log of every call received, so that a test can prove that an action was sent exactly once."""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass, field
from typing import Any

SECRET_NAMES = ("password", "pwd", "secret", "signature", "sessionkey")


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
    """Calls in the order they came."""

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
        """Note a call as it arrives; the caller sets ``outcome`` when it is answered. Mask secrets before."""
        call = Call(next(self._numbers), time, server, host, session, name, args, changing)
        self.calls.append(call)
        return call

    def as_data(self, *, changing: bool = False) -> list[dict[str, Any]]:
        """All calls, or only those that change something, as plain data."""
        return [asdict(call) for call in self.calls if call.changing or not changing]

    def clear(self) -> None:
        self.calls.clear()


def masked(args: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the values of secret names replaced by asterisks."""
    return {key: "***" if key.lower() in SECRET_NAMES else value for key, value in args.items()}
