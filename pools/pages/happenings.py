"""From rows of the timeline to what the strip draws: from when until when something was not as it should be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from pools.pages.strip import Happening

MASTER, XENSERVER, CLOUDSTACK, HA, RUNS = LANES = ("Master", "XenServer", "CloudStack", "HA", "Runs")

BAD = {
    ("live", "dead"): "critical",
    ("enabled", "disabled"): "warning",
    ("storage", "unplugged"): "warning",
    ("ha", "off"): "critical",
    ("state", "Alert"): "critical",
    ("state", "Down"): "critical",
    ("state", "Disconnected"): "warning",
    ("resourcestate", "Maintenance"): "working",
    ("resourcestate", "PrepareForMaintenance"): "working",
    ("resourcestate", "ErrorInMaintenance"): "critical",
    ("resourcestate", "ErrorInPrepareForMaintenance"): "critical",
    ("managedstate", "Unmanaged"): "critical",
}
"""(kind, what it became) → how bad it is while it lasts."""


class Row(Protocol):
    """The part of a timeline row that is drawn."""

    at: datetime
    happened_at: datetime | None
    source: str
    kind: str
    subject: str
    subject_uuid: str
    says: str
    after: str
    run: int | None


def happenings(rows: Iterable[Row], now: datetime) -> tuple[Happening, ...]:
    """`rows` in any order. A bad state lasts until the next row about the same thing, or until now."""
    ordered = sorted(rows, key=lambda row: row.at)
    return (*_states(ordered, now), *_moments(ordered), *_runs(ordered))


def _states(rows: list[Row], now: datetime) -> Iterator[Happening]:
    open_: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = (row.kind, row.subject_uuid or row.subject)
        if before := open_.pop(key, None):
            yield _lasting(before, row.at)
        if (row.kind, row.after) in BAD:
            open_[key] = row
    yield from (_lasting(row, now) for row in open_.values())


def _lasting(row: Row, until: datetime) -> Happening:
    says = f"{row.subject} {row.after}" if row.kind != "ha" else "HA off"
    return Happening(_lane(row), row.happened_at or row.at, says, BAD[row.kind, row.after], until)


def _moments(rows: list[Row]) -> Iterator[Happening]:
    for row in rows:
        if row.kind == "master":
            yield Happening(MASTER, row.happened_at or row.at, f"{row.subject} became master", "warning")
        elif row.kind in ("boot", "alert"):
            yield Happening(XENSERVER, row.happened_at or row.at, row.says, "none")


def _runs(rows: list[Row]) -> Iterator[Happening]:
    spans: dict[int, list[datetime]] = {}
    for row in rows:
        if row.run is not None:
            spans.setdefault(row.run, []).append(row.at)
    for run, times in spans.items():
        yield Happening(RUNS, times[0], f"run {run}", "run", times[-1], f"/runs/{run}/")


def _lane(row: Row) -> str:
    if row.kind == "ha":
        return HA
    return CLOUDSTACK if row.source == "cloudstack" else XENSERVER
