"""Faults as data: where, which call, how often, after how many, how late, what.

A fault acts on the wire. What happens to machines, storage and networks is physics: see ``lab/world``.
"""

from __future__ import annotations

import fnmatch
import itertools
from dataclasses import dataclass, field

KINDS = {
    "hang": "accept the call and never answer",
    "slow": "answer `delay` real seconds late (1)",
    "drip": "send the answer a byte at a time, `delay` real seconds between two (1)",
    "reset-before": "reset the connection before the call has any effect",
    "reset-after": "let the call take effect, then reset the connection instead of answering",
    "error": "answer with the error `what` (code and parameters, separated by commas)",
    "garbage": "answer 200 with bytes that are no answer",
    "truncated": "send half of the answer and close",
    "http500": "answer HTTP 500 with a text",
    "endless": "the task of an Async. call, or CloudStack's job, never ends",
    "fails": "the task of an Async. call, or CloudStack's job, ends with the error `what` and does nothing",
}
OF_TASKS = ("endless", "fails")
"""Those that let the call itself be answered as usual."""


@dataclass
class Fault:
    """One rule. ``where`` and ``call`` are shell patterns: a host's name or ``cloudstack``; ``pool.eject``, ``*``."""

    kind: str
    where: str = "*"
    call: str = "*"
    times: int | None = None  # None = until mended
    after: int = 0  # let so many matching calls pass first
    delay: float | None = None  # real seconds: how late it acts; for slow and drip see KINDS
    what: str = ""
    number: int = 0

    def matches(self, where: str, call: str) -> bool:
        """``Async.pool.eject`` is matched by ``pool.eject`` as well."""
        plain = call.removeprefix("Async.")
        here = fnmatch.fnmatchcase(where, self.where)
        return here and (fnmatch.fnmatchcase(call, self.call) or fnmatch.fnmatchcase(plain, self.call))

    @property
    def error(self) -> list[str]:
        """`what` as code and parameters."""
        return [part.strip() for part in self.what.split(",")]

    @property
    def seconds(self) -> float:
        """``delay``, or the kind's own."""
        return self.delay if self.delay is not None else 1.0 if self.kind in ("slow", "drip") else 0.0

    def spent(self) -> bool:
        return self.times is not None and self.times <= 0


@dataclass
class FaultTable:
    """The faults in force, oldest first; the first that matches acts."""

    faults: list[Fault] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def add(self, fault: Fault) -> Fault:
        if fault.kind not in KINDS:
            raise ValueError(f"no fault is called {fault.kind!r}; there are: {', '.join(KINDS)}")
        fault.number = next(self._numbers)
        self.faults.append(fault)
        return fault

    def take(self, where: str, call: str) -> Fault | None:
        """The fault that acts on this call's answer, counted down; None if it is to be answered as usual."""
        return self._take(where, call, [fault for fault in self.faults if fault.kind not in OF_TASKS])

    def take_task(self, where: str, call: str) -> Fault | None:
        """The fault that acts on the task of this call, counted down."""
        return self._take(where, call, [fault for fault in self.faults if fault.kind in OF_TASKS])

    @staticmethod
    def _take(where: str, call: str, faults: list[Fault]) -> Fault | None:
        for fault in faults:
            if fault.matches(where, call) and not fault.spent():
                if fault.after > 0:
                    fault.after -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def at(self, where: str) -> list[Fault]:
        """The faults that act at a host, or at ``cloudstack``."""
        return [f for f in self.faults if fnmatch.fnmatchcase(where, f.where) and not f.spent()]

    def remove(self, where: str = "*", kind: str = "*") -> int:
        """Mend: drop the faults whose ``where`` and ``kind`` match; how many went."""
        kept = [
            f
            for f in self.faults
            if not (fnmatch.fnmatchcase(f.where, where) and fnmatch.fnmatchcase(f.kind, kind))
        ]
        gone = len(self.faults) - len(kept)
        self.faults[:] = kept
        return gone

    def remove_within(self, mended: set[str], everyone: set[str]) -> None:
        """Mend: drop the faults that are at none of the hosts but these. A pattern (amber-*) is one fault."""

        def remains(fault: Fault) -> bool:
            at = set(fnmatch.filter(everyone, fault.where))
            return not at or not at <= mended

        self.faults[:] = [fault for fault in self.faults if remains(fault)]
