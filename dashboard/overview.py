"""The whole estate at a glance: what needs a human, what is being changed, and every pool as one row."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from pools.facts import Facts
from pools.models import Change, Finding, Pool
from pools.pages import captains, now
from pools.rules.case import Severity
from workflows.models import Run
from workflows.pages import strips

STATES = ("critical", "warning", "unknown", "ok")
GROUPS = (("attention", "Need attention"), ("changed", "Being changed by a run"), ("well", "Well"))
PARTS = ("head", "findings", "work", "pools")
MOST_FINDINGS = 12
"""More than these are counted, and found on the pools' own pages."""


@dataclass(frozen=True, slots=True)
class PoolRow:
    """One pool in the table. Looked at, well, and being changed are three columns, never one colour."""

    pool: Pool
    state: str
    group: str
    master: str
    ha: str
    ha_mark: str
    hosts: tuple[captains.Row, ...]
    cloudstack: str
    guests: int | None
    change: Change | None
    run: Run | None


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The first page; `?part=` gives one of its live parts alone."""
    context = page(request)
    part = request.GET.get("part", "")
    name = f"dashboard/overview/_{part}.html" if part in PARTS else "dashboard/overview/page.html"
    return render(request, name, context)


def page(request: HttpRequest) -> dict[str, Any]:
    rows = pool_rows(Pool.objects.select_related("cloudstack"))
    urgent = Finding.objects.open().exclude(severity=Severity.INFO).filter(expected_by=None).worst_first()
    findings = list(urgent.select_related("pool"))
    wanted = request.GET.get("state", "")
    text = request.GET.get("q", "").strip()
    shown = [row for row in rows if _matches(row, wanted, request.GET.get("zone", ""), text)]
    return {
        "title": headline(rows),
        "lead": lead(findings),
        "findings": findings[:MOST_FINDINGS],
        "more_findings": max(len(findings) - MOST_FINDINGS, 0),
        "rows": shown,
        "groups": [(key, name, [row for row in shown if row.group == key]) for key, name in GROUPS],
        "counts": _counts(rows),
        "total": len(rows),
        "state": wanted,
        "q": text,
        "zone": request.GET.get("zone", ""),
        "zones": sorted({row.pool.zone for row in rows if row.pool.zone}),
        "query": _query(request),
        **strips.context(request),
    }


def _query(request: HttpRequest) -> str:
    """The filter alone, for a part's own address: with `part` in it, that would grow at each refresh."""
    given = request.GET.copy()
    given.pop("part", None)
    return given.urlencode()


def pool_rows(pools: QuerySet[Pool]) -> list[PoolRow]:
    """Every pool, worst first, then by name."""
    holders = {run.pool_id: run for run in Run.objects.filter(holds_pool=True)}
    last = _last_changes()
    made = [_row(pool, holders.get(pool.pk), last.get(pool.pk), timezone.now()) for pool in pools]
    return sorted(made, key=lambda row: (STATES.index(row.state), row.pool.name))


def _row(pool: Pool, run: Run | None, change: Change | None, at: datetime) -> PoolRow:
    facts, known = pool.last_facts(), pool.last_good_facts()
    state = state_of(pool, facts)
    group = "attention" if state != "ok" else "changed" if run else "well"
    return PoolRow(
        pool=pool,
        state=state,
        group=group,
        master=_master(facts or known),
        ha=_ha(facts, run),
        ha_mark=_ha_mark(pool, facts, run),
        hosts=tuple(sorted(captains.rows(facts, known, ()), key=lambda r: r.name)) if facts else (),
        cloudstack=now.states(facts.cloudstack) if facts and facts.cloudstack else "",
        guests=len(facts.pool.vms) if facts and facts.pool else None,
        change=change,
        run=run,
    )


def state_of(pool: Pool, facts: Facts | None) -> str:
    """`critical`, `warning`, `unknown` (never looked at) or `ok`."""
    if facts is None:
        return "unknown"
    return pool.worst if pool.worst in (Severity.CRITICAL, Severity.WARNING) else "ok"


def headline(rows: list[PoolRow]) -> str:
    if not rows:
        return "No pools yet"
    odd = sum(row.group == "attention" for row in rows)
    if not odd:
        return f"All {len(rows)} pools are well" if len(rows) > 1 else f"{rows[0].pool.name} is well"
    need = "needs" if odd == 1 else "need"
    return f"{odd} of {len(rows)} pools {need} attention"


def lead(findings: list[Finding]) -> str:
    """The worst of each of the two worst pools, in a sentence each."""
    said: dict[int, str] = {}
    for finding in findings:
        said.setdefault(finding.pool_id, finding.says)
    return " ".join(list(said.values())[:2]) or "Nothing needs attention."


def _matches(row: PoolRow, state: str, zone: str, text: str) -> bool:
    if state in STATES and row.state != state:
        return False
    if zone and row.pool.zone != zone:
        return False
    pool = row.pool
    words = [pool.name, pool.uuid or "", *pool.addresses]
    words += [word for host in row.hosts for word in (host.name, host.address, host.uuid)]
    return not text or any(text.lower() in word.lower() for word in words)


def _counts(rows: list[PoolRow]) -> list[tuple[str, int]]:
    counted = Counter(row.state for row in rows)
    return [(state, counted[state]) for state in STATES]


def _master(facts: Facts | None) -> str:
    master = facts.pool.master_host if facts and facts.pool else None
    return master.name if master else ""


def _ha(facts: Facts | None, run: Run | None) -> str:
    if facts is None or facts.pool is None:
        return "Not known"
    ha = facts.pool.ha
    if ha.enabled:
        return f"On {ha.timeout_s} s" if ha.timeout_s else "On, no timeout"
    return f"Off by run {run.pk}" if run else "Off"


def _ha_mark(pool: Pool, facts: Facts | None, run: Run | None) -> str:
    if facts is None or facts.pool is None:
        return "unknown"
    ha, policy = facts.pool.ha, pool.policy()
    if not ha.enabled:
        return "working" if run else "critical" if policy.wants_ha else ""
    return "" if ha.timeout_s and ha.timeout_s >= policy.ha_timeout_s else "warning"


def _last_changes() -> dict[int, Change]:
    """The newest timeline row of every pool, in one query however many pools there are."""
    newest = Change.objects.order_by().values("pool").annotate(newest=Max("pk")).values("newest")
    return {change.pool_id: change for change in Change.objects.filter(pk__in=newest)}
