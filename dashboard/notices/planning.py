"""What is news to a route: pure, from what is open now and what the route was told before.

One trouble is one code on one pool, however many hosts have it. A route hears of it once when it begins, again when it
becomes worse, spreads to another host, or has something to be done that was to be waited for before; once when it is
over; and as a reminder while nobody has said that they know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from pools.rules import RANK
from pools.rules.case import Severity

Key = tuple[int, str]
"""id of the pool, code of the finding."""

HOLD = timedelta(seconds=5)
"""A trouble is this old before it is told, so that what one look finds on several hosts is one message."""


class Kind(StrEnum):
    """Why a route is told."""

    NEW = "new"
    WORSE = "worse"
    STUCK = "stuck"
    MENDED = "mended"


@dataclass(frozen=True, slots=True)
class Trouble:
    """The open, unexpected findings of one code on one pool. `says` is the worst one's sentence, `subjects` are the
    names of what has it."""

    pool_id: int
    pool: str
    zone: str
    code: str
    severity: Severity
    says: str
    remedy: str
    subjects: tuple[str, ...]
    since: datetime
    run: int | None = None
    """The run that was prepared for it, and waits for people."""

    @property
    def key(self) -> Key:
        return self.pool_id, self.code


@dataclass(frozen=True, slots=True)
class Told:
    """What a route knows of a trouble. `says`, `pool`, `remedy` and `run` are from the last message about it."""

    pool_id: int
    pool: str
    code: str
    severity: Severity
    says: str
    subjects: tuple[str, ...]
    at: datetime
    remedy: str = ""
    run: int | None = None

    @property
    def key(self) -> Key:
        return self.pool_id, self.code


@dataclass(frozen=True, slots=True)
class Wish:
    """What a route wants to hear. No zones means all; `remind` is None for never."""

    at_least: Severity = Severity.WARNING
    zones: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset(Kind)
    remind: timedelta | None = timedelta(hours=4)

    def wants(self, trouble: Trouble) -> bool:
        return RANK[trouble.severity] <= RANK[self.at_least] and (
            not self.zones or trouble.zone in self.zones
        )


@dataclass(frozen=True, slots=True)
class Quiet:
    """Until then nobody is told of this pool (None: of any) and this code (empty: of any)."""

    pool_id: int | None
    code: str
    until: datetime

    def covers(self, key: Key, now: datetime) -> bool:
        return now < self.until and self.pool_id in (None, key[0]) and self.code in ("", key[1])


@dataclass(frozen=True, slots=True)
class News:
    """One message to one route. `quietly` only updates what the route knows: its kind is one it does not want. `due`:
    it is told because something can be done now."""

    kind: Kind
    pool_id: int
    pool: str
    code: str
    severity: Severity
    was: Severity | None
    says: str
    remedy: str
    subjects: tuple[str, ...]
    since: datetime
    run: int | None = None
    due: bool = False
    quietly: bool = False


@dataclass(frozen=True, slots=True)
class Estate:
    """What is so at one moment, for all routes. `open` has every open finding's key, expected ones too."""

    now: datetime
    troubles: tuple[Trouble, ...]
    open: frozenset[Key] = frozenset()
    quiet: tuple[Quiet, ...] = ()
    known: frozenset[Key] = field(default_factory=frozenset)
    """Troubles that somebody has acknowledged."""

    def is_quiet(self, key: Key) -> bool:
        return any(quiet.covers(key, self.now) for quiet in self.quiet)


def news(estate: Estate, told: Mapping[Key, Told], wish: Wish) -> Iterator[News]:
    """What this route is to be told now, worst first."""
    wanted = [t for t in estate.troubles if wish.wants(t) and not estate.is_quiet(t.key)]
    for trouble in sorted(wanted, key=lambda t: (RANK[t.severity], t.since, t.pool)):
        kind = _kind(trouble, told.get(trouble.key), estate, wish)
        if kind:
            yield _of(trouble, kind, told.get(trouble.key), wish)
    yield from _mended(estate, told.values(), wish)


def _kind(trouble: Trouble, told: Told | None, estate: Estate, wish: Wish) -> Kind | None:
    if told is None:
        return Kind.NEW if estate.now - trouble.since >= HOLD else None
    spread = set(trouble.subjects) - set(told.subjects)
    if RANK[trouble.severity] < RANK[told.severity] or spread or _is_due(trouble, told):
        return Kind.WORSE
    overdue = wish.remind is not None and estate.now - told.at >= wish.remind
    return Kind.STUCK if overdue and trouble.key not in estate.known else None


def _is_due(trouble: Trouble, told: Told) -> bool:
    """What was to be waited for, as for XenServer's own election, is a workflow's now; or its run lies ready."""
    waited = " " in told.remedy and trouble.remedy != "" and " " not in trouble.remedy
    return waited or (trouble.run is not None and trouble.run != told.run)


def _of(trouble: Trouble, kind: Kind, told: Told | None, wish: Wish) -> News:
    return News(
        kind=kind,
        pool_id=trouble.pool_id,
        pool=trouble.pool,
        code=trouble.code,
        severity=trouble.severity,
        was=told.severity if told else None,
        says=trouble.says,
        remedy=trouble.remedy,
        subjects=trouble.subjects,
        since=trouble.since,
        run=trouble.run,
        due=told is not None and _is_due(trouble, told),
        quietly=kind not in wish.kinds,
    )


def _mended(estate: Estate, told: Iterable[Told], wish: Wish) -> Iterator[News]:
    """Over is what no captain shows any more: a trouble that a run has come to expect is not over yet."""
    for each in sorted(told, key=lambda t: (t.pool, t.code)):
        if each.key in estate.open:
            continue
        yield News(
            kind=Kind.MENDED,
            pool_id=each.pool_id,
            pool=each.pool,
            code=each.code,
            severity=each.severity,
            was=each.severity,
            says=each.says,
            remedy="",
            subjects=each.subjects,
            since=each.at,
            quietly=Kind.MENDED not in wish.kinds or estate.is_quiet(each.key),
        )
