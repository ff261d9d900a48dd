"""What is true in the lab's world, beside what the console says of it: a finding that is not true is a false one.

A finding is false when its sentence was not true at any moment of the time that the watch may need to see a change, up
to the moment at which it stood open; or when it says more (a worse severity) than was ever true in that time. What
nature does here is harmless: toolstacks restart and answers are late, so that for most codes nothing is ever true.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from pools.rules import CODES, RANK
from pools.rules.case import Severity
from pools.rules.code import CLOUDSTACK, XENSERVER, Code

if TYPE_CHECKING:
    from lab.testing import RunningLab
    from lab.world import World
    from lab.world.things import Host, Pool

SEES = timedelta(seconds=15)
"""A turn of the watch, and a look: so long may pass until a change is seen."""
LOOKS = timedelta(seconds=15)
"""A look at a master whose answers are late may take so long, and then tell nothing (`watching.LOOK_S`): what its pool
was told of before stands until it is over."""
SWEEPS = timedelta(seconds=60)
"""The same for what CloudStack says: a sweep may rest for as long as it took four times over."""
LATE_S = 0.6
"""A look asks some 20 questions one after the other within 15 s: answers that late cannot all be waited for."""
SAMPLE_S, LAG = 0.1, timedelta(seconds=1)
"""How often it is compared; a finding that was closed so long ago may not have been seen open."""
RESTART_S = 60.0
"""A toolstack that is away for longer than this is no restart any more."""

ANY = "*"
Key = tuple[str, str, str]
"""Pool, code, name of what it is about; ANY for whatever."""


@dataclass(frozen=True)
class Untrue:
    """A finding that was not true, as it was seen."""

    code: str
    severity: str
    says: str
    at: datetime

    def __str__(self) -> str:
        return f"# false: {self.at:%H:%M:%S} {self.severity} {self.code}: {self.says}"


class Said:
    """Every finding that the console has open, beside the truth. `names` has the pools' names by key."""

    def __init__(self, lab: RunningLab, names: Mapping[int, str], sees: timedelta = SEES) -> None:
        self._lab, self._names, self._truth = lab, names, Truth(sees)
        self._seen: set[int] = set()
        self._false: dict[tuple[int, str], Untrue] = {}

    @property
    def false(self) -> list[Untrue]:
        return list(self._false.values())

    @property
    def true(self) -> int:
        """Findings that were told and were true all the time."""
        return len(self._seen - {pk for pk, _ in self._false})

    @contextmanager
    def compared(self) -> Iterator[None]:
        """What is told within the block is compared, in a thread of its own."""
        over = threading.Event()
        thread = threading.Thread(target=self._compare, args=(over,), name="truth")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _compare(self, over: threading.Event) -> None:
        from django.db import connection
        from django.utils import timezone

        since = timezone.now()
        while not over.wait(SAMPLE_S):
            at = timezone.now()
            self._lab.do(partial(self._truth.take, at=at))
            self._judge(since, at)
            since = at
        connection.close()

    def _judge(self, since: datetime, at: datetime) -> None:
        """Every finding that was open since the last time."""
        from django.db.models import Q

        from pools.models import Finding

        rows = Finding.objects.filter(Q(closed_at=None) | Q(closed_at__gte=since - LAG))
        for row in rows:
            self._seen.add(row.pk)
            seen_at = min(at, row.closed_at or at)
            if false := self._truth.judged(self._names[row.pool_id], row, seen_at):
                self._false.setdefault((row.pk, row.severity), false)


@dataclass
class Truth:
    """What was true last, and when. `sees`: how long a change may go unseen."""

    sees: timedelta = SEES
    _masters: dict[str, set[str]] = field(default_factory=dict)
    """Pool → who has been its master."""
    _blind: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    """Pool → from when to when nobody could read it: what was seen before stays open."""
    _late: dict[str, datetime] = field(default_factory=dict)
    """Pool → when its master's answers were late the last time."""
    _down_since: dict[str, float] = field(default_factory=dict)
    _last: dict[tuple[Key, Severity], datetime] = field(default_factory=dict)

    def take(self, world: World, at: datetime) -> None:
        """What is true at this moment. In the lab's thread."""
        for pool in world.pools:
            self._masters.setdefault(pool.name, set()).update({pool.master.name} if pool.master else ())
            lateness = _lateness(world, pool)
            if lateness:
                self._late[pool.name] = at
            if lateness >= LATE_S or (pool.master and not world.reachable(pool.master)):
                began, ended = self._blind.get(pool.name, (at, at))
                self._blind[pool.name] = (began if at - ended <= self._sees(pool.name, at) else at, at)
            for code, subject, severity in self._of(world, pool):
                self._last[(pool.name, code, subject), severity] = at

    def judged(self, pool: str, row: Any, at: datetime) -> Untrue | None:
        """What is false about an open row of the console's findings; None when it is, or just was, true."""
        said = Severity(row.severity)
        lag = self._lag(pool, CODES[row.code], at)
        for subject in (ANY, row.subject_name):
            for severity in Severity:
                last = self._last.get(((pool, row.code, subject), severity))
                if last and at - last <= lag and RANK[said] >= RANK[severity]:
                    return None
        return Untrue(row.code, row.severity, row.says, at)

    def _lag(self, pool: str, code: Code, at: datetime) -> timedelta:
        sees = self._sees(pool, at)
        began, ended = self._blind.get(pool, (at, at))
        blind = at - began if XENSERVER in code.needs and at - ended <= sees else timedelta(0)
        return blind + (SWEEPS if CLOUDSTACK in code.needs else sees)

    def _sees(self, pool: str, at: datetime) -> timedelta:
        late = self._late.get(pool)
        return self.sees + LOOKS if late and at - late <= self.sees + LOOKS else self.sees

    def _of(self, world: World, pool: Pool) -> Iterator[tuple[str, str, Severity]]:
        yield from self._of_master(world, pool)
        short = Severity.WARNING if _has_lost(pool) else Severity.INFO
        if pool.ha_plan_exists_for < pool.ha_host_failures_to_tolerate:
            yield "ha-plan-short", ANY, short
        if pool.ha_overcommitted:
            yield "ha-overcommitted", ANY, short
        for host in pool.hosts:
            yield from _of_host(host, is_master=host is pool.master)
        for row in world.cloudstack.hosts.values():
            if row.machine in pool.hosts and row.status in ("Alert", "Down", "Disconnected"):
                yield f"cloudstack-{row.status.lower()}", row.name, Severity.CRITICAL

    def _of_master(self, world: World, pool: Pool) -> Iterator[tuple[str, str, Severity]]:
        master, now = pool.master, world.now()
        if master is None or world.reachable(master):
            self._down_since.pop(pool.name, None)
        else:
            away = now - self._down_since.setdefault(pool.name, now)
            yield "master-unreachable", ANY, Severity.WARNING if away < RESTART_S else Severity.CRITICAL
            yield "facts-stale", ANY, Severity.WARNING
        if _lateness(world, pool) >= LATE_S:
            yield "master-suspect", ANY, Severity.WARNING
            yield "facts-stale", ANY, Severity.WARNING
        if _has_lost(pool):
            yield "master-suspect", ANY, Severity.WARNING
        if len(self._masters.get(pool.name, ())) > 1:
            yield "master-moved", ANY, Severity.WARNING


def _has_lost(pool: Pool) -> bool:
    """Whether it has a member in emergency mode, which counts for nothing until it leaves that mode."""
    return any(host.emergency is not None for host in pool.hosts)


def _lateness(world: World, pool: Pool) -> float:
    """Seconds by which the master's answers are late; without end where they drip."""
    acting = world.faults.at(pool.master.name)[:1] if pool.master else []
    return sum(math.inf if fault.kind == "drip" else fault.seconds for fault in acting)


def _of_host(host: Host, *, is_master: bool) -> Iterator[tuple[str, str, Severity]]:
    """A host that starts is disabled until it is ready: worth knowing, and no more."""
    if not host.enabled and (host.live or host.emergency is not None):  # the two are told by two mouths
        severity = Severity.INFO if host.emergency is None else Severity.WARNING
        yield "master-disabled" if is_master else "host-disabled", host.name, severity
    if host.emergency is not None:
        yield "host-emergency", host.name, Severity.CRITICAL
    if any(not pbd.attached for pbd in host.pbds):
        yield "host-storage-detached", host.name, Severity.WARNING
