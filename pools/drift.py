"""Since when something is as it is, and who made it so: of each thing that policies judge, the last change. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pools.timeline import Entry

KINDS = frozenset({"ha", "ha-timeout", "ha-guard", "protected", "managedstate", "resourcestate"})
"""Kinds of the timeline's lines that are kept so; the others are told by the timeline alone."""
MOST = 300
"""Of a pool of 64 hosts there are not so many; hosts that left are forgotten in their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """It was otherwise at `before`, and so at `seen`. `happened` only where a captain tells the moment; `by` is whom
    CloudStack names, `trace` what was seen of how: its event, or XenServer's task."""

    seen: datetime
    before: datetime | None = None
    happened: datetime | None = None
    run: int | None = None
    by: str = ""
    trace: str = ""


Drifts = Mapping[str, Drift]


def key(kind: str, subject: str) -> str:
    """What a drift is found by: kind of the line, and the uuid of what it is about."""
    return f"{kind}:{subject}"


def drifted(old: Drifts, happened: Iterable[Entry], run: int | None, seen: datetime) -> Drifts:
    """The drifts with what has just changed. `run` held the pool meanwhile."""
    found = dict(old)
    for entry in happened:
        if entry.kind not in KINDS:
            continue
        name = key(entry.kind, entry.subject_uuid)
        was = found.pop(name, None)
        fresh = Drift(
            seen=seen,
            before=entry.not_before,
            happened=entry.happened_at,
            run=run,
            by=entry.by,
            trace=entry.trace,
        )
        # A host goes on from being emptied to Maintenance by itself: it was still the first word that made it so.
        goes_on = was and entry.kind == "resourcestate" and entry.before != "Enabled" and not entry.by
        found[name] = was if was and goes_on else fresh
    return dict(list(found.items())[-MOST:])


def drift_to(drifts: Drifts) -> dict[str, Any]:
    """As plain values for a JSON column."""
    return {
        name: [_iso(d.seen), _iso(d.before), _iso(d.happened), d.run, d.by, d.trace]
        for name, d in drifts.items()
    }


def drift_from(plain: Mapping[str, Any]) -> dict[str, Drift]:
    """What `drift_to` wrote."""
    return {name: _drift(*values) for name, values in plain.items()}


def _drift(
    seen: str, before: str | None, happened: str | None, run: int | None, by: str, trace: str
) -> Drift:
    return Drift(
        seen=datetime.fromisoformat(seen),
        before=datetime.fromisoformat(before) if before else None,
        happened=datetime.fromisoformat(happened) if happened else None,
        run=run,
        by=by,
        trace=trace,
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
