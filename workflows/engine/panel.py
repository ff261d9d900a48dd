"""What stands before the button: checks, changes, calls and the danger, and the digest that a yes is bound to. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from workflows.engine.diff import Change, diff
from workflows.engine.situation import NotKnown, Situation, with_known
from workflows.engine.step import Call, Check, Step

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Panel:
    """One step as it stands now. `unknown` is the sentence of what could not be read, empty when all could."""

    key: str
    title: str
    why: str
    risk: str
    danger: str
    undo: str
    checks: tuple[Check, ...]
    changes: tuple[Change, ...]
    calls: tuple[Call, ...]
    unknown: str = ""

    @property
    def blocked(self) -> bool:
        """A check does not hold: nobody may confirm this."""
        return bool(self.unknown) or not all(check.ok for check in self.checks)

    @property
    def digest(self) -> str:
        """SHA-256 over what a person judges; numbers that move by themselves are left out."""
        return fingerprint_of(
            self.key,
            [(check.ok, check.says) for check in self.checks],
            binding(self.changes),
            [call.request for call in self.calls],
            self.unknown,
        )

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "blocked": self.blocked, "digest": self.digest}


def panel(step: Step, s: Situation) -> Panel:
    """The panel of a step in this situation. What can't be read becomes a check that does not hold."""
    checks, unknown = judged(step, s)
    kept = _known(lambda: s.after(s.facts, step.remember(s)), s)
    return Panel(
        key=step.key,
        title=heading(step, s),
        why=step.why,
        risk=step.risk.value,
        danger=step.danger,
        undo=step.undo,
        checks=checks,
        changes=_known(lambda: diff(s.known, with_known(step.expect(kept), s.baseline)), ()),
        calls=_known(lambda: tuple(step.calls(kept)), ()),
        unknown=unknown,
    )


def judged(step: Step, s: Situation) -> tuple[tuple[Check, ...], str]:
    """The step's checks, and what could not be known. Those before the unknown one still count."""
    checks: list[Check] = []
    try:
        checks.extend(step.preconditions(s))
        step.done(s)
    except (NotKnown, ValueError) as unknown:
        says = str(unknown)
        return (*checks, Check(False, says, "Wait until it can be read again.")), says
    return tuple(checks), ""


def heading(step: Step, s: Situation) -> str:
    """The title with names, or as it is while they are not known."""
    return _known(lambda: step.heading(s), step.title)


def binding(changes: Iterable[Change]) -> list[tuple[str, str, str, str, str]]:
    """The changes that a yes hangs on."""
    return [(c.system, c.what, c.field, c.before, c.after) for c in changes if c.binding]


def fingerprint_of(*parts: Any) -> str:
    """SHA-256 of a canonical JSON form."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Sentences: what a person who read panel `old` must know about panel `new` (both as JSON)."""
    was, now = ({c["says"]: c["ok"] for c in p["checks"]} for p in (old, new))
    said = [f"“{says}” holds no longer." for says, ok in now.items() if not ok and was.get(says, True)]
    said += [f"“{says}” holds now." for says, ok in now.items() if ok and was.get(says) is False]
    said += [f"New to check: “{says}”." for says, ok in now.items() if ok and says not in was]
    said += [f"“{says}” is no longer asked." for says in was if says not in now]
    return said + changed(old["changes"], new["changes"]) + _other_calls(old["calls"], new["calls"])


def changed(old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> list[str]:
    """Sentences: how two lists of changes (as JSON) differ, without what moves by itself."""
    was, now = (
        {(c["system"], c["what"], c["field"]): (c["before"], c["after"]) for c in changes if c["binding"]}
        for changes in (old, new)
    )
    said = []
    for key in [*was, *(k for k in now if k not in was)]:
        if was.get(key) != now.get(key):
            said.append(f"{key[1]}, {key[2]}: {_arrow(was.get(key))} before, {_arrow(now.get(key))} now.")
    return said


def _arrow(change: tuple[str, str] | None) -> str:
    return f"{change[0]} → {change[1]}" if change else "no change"


def _other_calls(old: list[Mapping[str, Any]], new: list[Mapping[str, Any]]) -> list[str]:
    was, now = [c["request"] for c in old], [c["request"] for c in new]
    return [f"Will be sent now: {call}." for call in now if call not in was] + [
        f"Will no longer be sent: {call}." for call in was if call not in now
    ]


def _known(ask: Callable[[], T], otherwise: T) -> T:
    try:
        return ask()
    except (NotKnown, ValueError):
        return otherwise
