"""What the strip draws: every finding from when it opened until it was mended, and the moments between. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from pools.pages.strip import Happening
from pools.rules.words import brief

MASTER, XENSERVER, CLOUDSTACK, HA, RUNS = LANES = ("Master", "XenServer", "CloudStack", "HA", "Runs")

LANE_OF = (
    ("cloudstack-", CLOUDSTACK),
    ("host-unknown-to-cloudstack", CLOUDSTACK),
    ("master-", MASTER),
    ("ha-", HA),
    ("no-master-recovery", HA),
    ("two-captains", HA),
    ("vm-protected", HA),
    ("debt-", RUNS),
    ("run-", RUNS),
)
"""Where a finding belongs, by how its code begins; all others are XenServer's."""


class Lasting(Protocol):
    """The part of a finding that is drawn."""

    code: str
    severity: str
    subject_name: str
    says: str
    since: datetime
    closed_at: datetime | None
    expected_by: int | None


class Moment(Protocol):
    """The part of a timeline row that is drawn."""

    at: datetime
    happened_at: datetime | None
    kind: str
    subject: str
    says: str
    run: int | None


def happenings(found: Iterable[Lasting], rows: Iterable[Moment], now: datetime) -> tuple[Happening, ...]:
    """Findings as bars, notes left out; changes of master and boots as moments; runs from their first to last row."""
    ordered = sorted(rows, key=lambda row: row.at)
    return (*_lasting(found, now), *_moments(ordered), *_runs(ordered))


def lane_of(code: str) -> str:
    return next((lane for begins, lane in LANE_OF if code.startswith(begins)), XENSERVER)


def _lasting(found: Iterable[Lasting], now: datetime) -> Iterator[Happening]:
    worst_last = sorted(found, key=lambda f: f.severity == "critical")
    for finding in worst_last:
        if finding.severity != "info":
            mark = "working" if finding.expected_by else finding.severity
            said = brief(finding.says)
            says = said if finding.subject_name in said else f"{finding.subject_name}: {said}"
            yield Happening(lane_of(finding.code), finding.since, says, mark, finding.closed_at or now)


def _moments(rows: list[Moment]) -> Iterator[Happening]:
    for row in rows:
        at = row.happened_at or row.at
        if row.kind == "master":
            yield Happening(MASTER, at, f"{row.subject} became master", "none")
        elif row.kind in ("boot", "alert"):
            yield Happening(XENSERVER, at, row.says, "none")


def _runs(rows: list[Moment]) -> Iterator[Happening]:
    spans: dict[int, list[datetime]] = {}
    for row in rows:
        if row.run is not None:
            spans.setdefault(row.run, []).append(row.at)
    for run, times in spans.items():
        yield Happening(RUNS, times[0], f"run {run}", "run", times[-1], f"/runs/{run}/")
