"""Every pool as one row of the overview: its state, who leads it, and what is being changed in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from pools.models import Change, Pool
from pools.rules.case import Severity
from pools.rules.console import staleness
from pools.summary import Member, Summary
from workflows.models import Run

STATES = ("critical", "warning", "unknown", "ok")
GROUPS = (("attention", "Need attention"), ("changed", "Being changed by a run"), ("well", "Well"))
HEAVY = ("facts", "good_facts", "password", "pins", "ca")
"""Columns that no row needs, and that are most of what is stored."""


@dataclass(frozen=True, slots=True)
class PoolRow:
    """One pool in the table. Looked at, well, and being changed are three columns, never one colour. `stale`: the
    last look is too old to be shown as what is true now."""

    pool: Pool
    state: str
    stale: bool
    group: str
    master: str
    ha: str
    ha_mark: str
    hosts: tuple[Member, ...]
    cloudstack: str
    guests: int | None
    change: Change | None
    run: Run | None


def pool_rows(at: datetime) -> list[PoolRow]:
    """Every pool, worst first, then by name. Three queries, however many pools there are."""
    holders = {run.pool_id: run for run in Run.objects.filter(holds_pool=True).defer("baseline", "plan")}
    last = _last_changes()
    made = [_row(p, holders.get(p.pk), last.get(p.pk), at) for p in Pool.objects.defer(*HEAVY)]
    return sorted(made, key=lambda row: (STATES.index(row.state), row.pool.name))


def _row(pool: Pool, run: Run | None, change: Change | None, at: datetime) -> PoolRow:
    short = pool.last_summary()
    stale = is_stale(pool, at)
    state = "unknown" if short is None or stale else state_of(pool)
    return PoolRow(
        pool=pool,
        state=state,
        stale=stale,
        group="attention" if state != "ok" else "changed" if run else "well",
        master=short.master if short else "",
        ha=_ha(short, run),
        ha_mark=_ha_mark(pool, short, run),
        hosts=short.members if short else (),
        cloudstack=short.cloudstack if short else "",
        guests=short.guests if short else None,
        change=change,
        run=run,
    )


def is_stale(pool: Pool, at: datetime) -> bool:
    """Whether the watcher has missed several turns: nothing of this pool is to be shown as new."""
    return staleness(pool.looked_at, at, pool.policy().look_every_s) is not None


def state_of(pool: Pool) -> str:
    """`critical`, `warning` or `ok`, as judged at the last look."""
    return pool.worst if pool.worst in (Severity.CRITICAL, Severity.WARNING) else "ok"


def headline(rows: list[PoolRow]) -> str:
    """The estate in one sentence."""
    if not rows:
        return "No pools yet"
    odd = sum(row.group == "attention" for row in rows)
    if not odd:
        return f"All {len(rows)} pools are well" if len(rows) > 1 else f"{rows[0].pool.name} is well"
    of = f"{odd} of {len(rows)} pools" if len(rows) > 1 else rows[0].pool.name
    return f"{of} {'needs' if odd == 1 else 'need'} attention"


def matching(rows: Iterable[PoolRow], state: str, zone: str, text: str) -> list[PoolRow]:
    """The rows that a filter leaves; `text` is looked for in names, addresses and uuids of pools and hosts."""
    return [row for row in rows if _matches(row, state, zone, text.lower())]


def counts(rows: Iterable[PoolRow]) -> list[tuple[str, int]]:
    """How many pools are in each state, in the order of urgency."""
    counted = Counter(row.state for row in rows)
    return [(state, counted[state]) for state in STATES]


def _matches(row: PoolRow, state: str, zone: str, text: str) -> bool:
    if (state in STATES and row.state != state) or (zone and row.pool.zone != zone):
        return False
    words = [row.pool.name, row.pool.uuid or "", *row.pool.addresses]
    words += [word for host in row.hosts for word in (host.name, host.address, host.uuid)]
    return not text or any(text in word.lower() for word in words)


def _ha(short: Summary | None, run: Run | None) -> str:
    if short is None or short.ha_enabled is None:
        return "Not known"
    if short.ha_enabled:
        return f"On {short.ha_timeout_s} s" if short.ha_timeout_s else "On, no timeout"
    return f"Off by run {run.pk}" if run else "Off"


def _ha_mark(pool: Pool, short: Summary | None, run: Run | None) -> str:
    if short is None or short.ha_enabled is None:
        return "unknown"
    if not short.ha_enabled:
        return "working" if run else "critical" if pool.wants_ha else ""
    return "" if short.ha_timeout_s and short.ha_timeout_s >= pool.ha_timeout_s else "warning"


def _last_changes() -> dict[int, Change]:
    """The newest timeline row of every pool, in one query however many pools there are."""
    newest = Change.objects.order_by().values("pool").annotate(newest=Max("pk")).values("newest")
    return {change.pool_id: change for change in Change.objects.filter(pk__in=newest)}
