"""Who was there when: the pool and each of its hosts over a span of time, and who was the master. Pure.

Drawn backwards from what is true at the end, by the timeline's entries. When nobody looked, or the master was silent,
nothing is claimed: a gap is a gap, and counts neither for nor against a host.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pools.facts import PoolFacts
from pools.pages.strip import Tick

UNSEEN = timedelta(minutes=2)
"""Longer between two looks, and nobody was looking."""
NONE = timedelta(0)
WIDTH = 1000
OK, DISABLED, DEAD, SILENT, GAP, ABSENT = "ok", "disabled", "dead", "silent", "gap", "absent"
WORDS = {
    OK: "live and enabled",
    DISABLED: "live, disabled",
    DEAD: "dead",
    SILENT: "the master was silent",
    GAP: "nobody looked",
    ABSENT: "not a member",
}
KINDS = ("live", "enabled", "member", "answers", "master")
"""Entries of the timeline that are needed here."""
Span = tuple[datetime, datetime]


class Entry(Protocol):
    """The part of a timeline's row that is needed."""

    at: datetime
    kind: str
    subject: str
    subject_uuid: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one row: where it is drawn (of WIDTH), what was so, and in words with its times."""

    x: float
    width: float
    state: str
    says: str


@dataclass(frozen=True, slots=True)
class Row:
    """`share` is the part of the known time in which it was well, in percent; None when nothing is known."""

    name: str
    pieces: tuple[Piece, ...]
    share: float | None
    is_master: bool = False

    @property
    def label(self) -> str:
        """The row for those who do not see it."""
        odd = "; ".join(p.says for p in self.pieces if p.state != OK)
        known = "nothing is known" if self.share is None else f"well {self.share:g} % of the time seen"
        return f"{self.name}: {known}{'; ' + odd if odd else ''}"

    @property
    def quiet(self) -> bool:
        """Nothing to see: it was well whenever somebody looked."""
        return self.share == 100 and all(p.state in (OK, GAP, SILENT) for p in self.pieces)


def rows(
    pool: PoolFacts,
    entries: Sequence[Entry],
    looked: Sequence[Span],
    span: Span,
    *,
    answers: bool,
) -> tuple[Row, ...]:
    """The pool's row and one for each member, those with trouble first. `pool` is as it was at the end of the span, or
    when it last answered; `looked` is when somebody looked, `answers` whether the master does so at the end."""
    newest_first = sorted(entries, key=lambda e: e.at, reverse=True)
    gaps = _without(span, looked)
    silent = [each for cut in _silences(newest_first, span, answers) for each in _minus(cut, gaps)]
    unknown = sorted([*gaps, *silent])
    common = [(s, e, GAP) for s, e in gaps] + [(s, e, SILENT) for s, e in silent]
    spoken = [(s, e, OK) for s, e in _without(span, unknown)]
    hosts = [
        _row(host.name, [*common, *_of_host(newest_first, host.uuid, host.live, host.enabled, span, unknown)], span,
             is_master=host.uuid == pool.master)
        for host in pool.hosts
    ]  # fmt: skip
    hosts.sort(key=lambda row: (row.quiet, row.name))
    whole = _row(f"pool {pool.name}", [*common, *spoken], span, against=(SILENT,))
    return whole, *hosts


def looked_at(moments: Iterable[Span], span: Span, last: datetime | None) -> list[Span]:
    """When somebody looked, from the moments kept; `last` is the last look of all."""
    seen: list[Span] = []
    ends = [*moments]
    if ends and last and last > ends[-1][1] and last - ends[-1][1] <= UNSEEN:
        ends[-1] = (ends[-1][0], last)
    for start, end in ends:
        if seen and start - seen[-1][1] <= UNSEEN:
            seen[-1] = (seen[-1][0], max(seen[-1][1], end))
        else:
            seen.append((start, end))
    if seen and span[1] - seen[-1][1] <= UNSEEN:
        seen[-1] = (seen[-1][0], span[1])
    return [(max(s, span[0]), min(e, span[1])) for s, e in seen if e > span[0] and s < span[1]]


def ticks(span: Span) -> tuple[Tick, ...]:
    """Five moments along the axis."""
    start, end = span
    form = "time" if end - start <= timedelta(days=1) else "date"
    return tuple(Tick(start + (end - start) * i / 4, form) for i in range(5))


def _silences(newest_first: Iterable[Entry], span: Span, answers: bool) -> Iterator[Span]:
    end, well = span[1], answers
    for entry in newest_first:
        if entry.kind != "answers" or entry.subject != "XenServer":
            continue
        if not well:
            yield entry.at, end
        end, well = entry.at, entry.before == "answers"
    if not well:
        yield span[0], end


def _of_host(
    newest_first: Iterable[Entry], uuid: str, live: bool, enabled: bool, span: Span, unknown: Sequence[Span]
) -> Iterator[tuple[datetime, datetime, str]]:
    end, member = span[1], True
    for entry in [
        e for e in newest_first if e.subject_uuid == uuid and e.kind in ("live", "enabled", "member")
    ]:
        state = _state(member, live, enabled)
        yield from ((s, e, state) for s, e in _minus((entry.at, end), unknown))
        end = entry.at
        if entry.kind == "live":
            live = entry.before == "live"
        elif entry.kind == "enabled":
            enabled = entry.before == "enabled"
        else:
            member = entry.before == "member"
    yield from ((s, e, _state(member, live, enabled)) for s, e in _minus((span[0], end), unknown))


def _state(member: bool, live: bool, enabled: bool) -> str:
    if not member:
        return ABSENT
    return DEAD if not live else OK if enabled else DISABLED


def _row(
    name: str,
    stretches: list[tuple[datetime, datetime, str]],
    span: Span,
    *,
    against: Sequence[str] = (DISABLED, DEAD),
    is_master: bool = False,
) -> Row:
    lengths: dict[str, timedelta] = {}
    for start, end, state in stretches:
        lengths[state] = lengths.get(state, NONE) + (end - start)
    well = lengths.get(OK, NONE)
    known = well + sum((lengths.get(state, NONE) for state in against), NONE)
    # Rounded down: a host that was away for a minute of a week was not there 100 % of the time.
    share = (1000 * well // known) / 10 if known else None
    drawn = tuple(_piece(*stretch, span) for stretch in sorted(stretches))
    return Row(name, drawn, share, is_master)


def _piece(start: datetime, end: datetime, state: str, span: Span) -> Piece:
    whole = (span[1] - span[0]).total_seconds()
    x = WIDTH * (start - span[0]).total_seconds() / whole
    width = WIDTH * (end - start).total_seconds() / whole
    says = f"{WORDS[state]} from {start:%d %b %H:%M:%S} to {end:%H:%M:%S} UTC"
    return Piece(round(x, 1), round(max(width, 0.0 if state == OK else 2.0), 1), state, says)


def _without(span: Span, parts: Sequence[Span]) -> list[Span]:
    return list(_minus(span, parts))


def _minus(span: Span, parts: Sequence[Span]) -> Iterator[Span]:
    """What is left of a stretch without these, which are in order."""
    start, end = span
    for cut_start, cut_end in parts:
        if cut_end <= start or cut_start >= end:
            continue
        if cut_start > start:
            yield start, cut_start
        start = max(start, cut_end)
    if start < end:
        yield start, end


class Handover(Protocol):
    """A change of the master, as the timeline has it. `seen_until` is when the one before was last seen so."""

    at: datetime
    before: str
    after: str
    run: int | None
    seen_until: datetime | None


@dataclass(frozen=True, slots=True)
class Reign:
    """Who was the master. `since` None: already at the first look. `not_before` is set when nobody looked for a while
    before the change was seen: it happened in between. `run` moved it, or none of ours did."""

    host: str
    since: datetime | None
    until: datetime | None
    not_before: datetime | None = None
    run: int | None = None


def reigns(handovers: Sequence[Handover], now_master: str) -> tuple[Reign, ...]:
    """The masters one after the other, the present one first; `handovers` newest first."""
    told: list[Reign] = []
    host, until = now_master, None
    for change in handovers:
        blind = change.seen_until is not None and change.at - change.seen_until > UNSEEN
        told.append(Reign(host, change.at, until, change.seen_until if blind else None, change.run))
        host, until = change.before, change.at
    return (*told, Reign(host, None, until))
