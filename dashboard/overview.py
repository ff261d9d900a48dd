"""The whole estate at a glance: what needs a human, what is being changed, and every pool as one row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from dashboard.poolrows import GROUPS, PoolRow, counts, headline, matching, pool_rows
from dashboard.troubles import troubles
from pools.models import Finding
from pools.rules.case import Severity
from pools.rules.console import STALE
from pools.rules.words import brief
from workflows.pages import strips

DENSE = 60
"""With more pools than this, rows are low and say only what is odd."""
MOST_ROWS = 200
"""The worst so many are shown; `?rows=all` shows every one."""
MOST_FINDINGS = 12
"""More than these are counted, and found on the pools' own pages."""


@require_GET
@gzip_page
def overview(request: HttpRequest) -> HttpResponse:
    """The first page; `?part=` gives one of its live parts alone, and reads only what that part shows."""
    part = request.GET.get("part", "")
    if part in PARTS:
        return render(request, f"dashboard/overview/_{part}.html", _context(request, (part,)))
    return render(request, "dashboard/overview/page.html", _context(request, tuple(PARTS)))


def _context(request: HttpRequest, parts: tuple[str, ...]) -> dict[str, Any]:
    at = timezone.now()
    context: dict[str, Any] = {"query": _query(request), "stale_s": STALE * settings.WATCH_INTERVAL}
    if "head" in parts or "pools" in parts:
        rows = pool_rows(at)
        context |= {"all_rows": rows, "total": len(rows), "title": headline(rows)}
    if "head" in parts or "findings" in parts:
        context["all_findings"] = list(
            _urgent().select_related("pool", "pool__cloudstack").defer(*POOL_IN_FINDING)
        )
    for part in parts:
        context |= PARTS[part](request, context)
    return context


def _urgent() -> Any:
    """Open findings that a person has to do something about."""
    return Finding.objects.open().exclude(severity=Severity.INFO).filter(expected_by=None).worst_first()


POOL_IN_FINDING = tuple(f"pool__{name}" for name in ("facts", "good_facts", "summary", "password", "ca"))


def _head(_request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    stale = sorted((row for row in context["all_rows"] if row.stale), key=lambda row: row.pool.looked_at)
    return {
        "lead": lead([trouble.finding for trouble in troubles(context["all_findings"])]),
        "stale_rows": stale,
    }


def _findings(_request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    found = troubles(context["all_findings"])
    return {
        "troubles": found[:MOST_FINDINGS],
        "more_findings": sum(trouble.size for trouble in found[MOST_FINDINGS:]),
        "findings_in_all": len(context["all_findings"]),
    }


def _work(request: HttpRequest, _context: dict[str, Any]) -> dict[str, Any]:
    return strips.context(request)


def _pools(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    rows = context["all_rows"]
    state, zone = request.GET.get("state", ""), request.GET.get("zone", "")
    text = request.GET.get("q", "").strip()
    found = matching(rows, state, zone, text)
    shown = found if request.GET.get("rows") == "all" else found[:MOST_ROWS]
    dense = len(rows) > DENSE
    return {
        "rows": shown,
        "hidden": len(found) - len(shown),
        "dense": dense,
        "odd": _odd(shown) if dense else {},
        "groups": [(key, name, [row for row in shown if row.group == key]) for key, name in GROUPS],
        "counts": counts(rows),
        "state": state,
        "q": text,
        "zone": zone,
        "zones": sorted({row.pool.zone for row in rows if row.pool.zone}),
    }


def _odd(rows: list[PoolRow]) -> dict[int, str]:
    """The worst open finding of each pool, in its own words."""
    said: dict[int, str] = {}
    ill = [row.pool.pk for row in rows if row.state != "ok"]
    for pool, says in _urgent().filter(pool__in=ill).values_list("pool", "says"):
        said.setdefault(pool, says)
    return said


PARTS: dict[str, Callable[[HttpRequest, dict[str, Any]], dict[str, Any]]] = {
    "head": _head,
    "findings": _findings,
    "work": _work,
    "pools": _pools,
}


def lead(findings: list[Finding]) -> str:
    """The worst of each of the two worst pools, in a few words each."""
    said: dict[int, str] = {}
    for finding in findings:
        said.setdefault(finding.pool_id, f"{brief(finding.says)}.")
    return " ".join(list(said.values())[:2]) or "Nothing needs attention."


def _query(request: HttpRequest) -> str:
    """The filter alone, for a part's own address: with `part` in it, that would grow at each refresh."""
    given = request.GET.copy()
    given.pop("part", None)
    return given.urlencode()
