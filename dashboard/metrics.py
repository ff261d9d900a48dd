"""The estate as numbers, for Prometheus: `/metrics`. Read from what the watcher stored; nobody is asked for a scrape.

Times are seconds, counts are counts, states are 0 or 1. What is not known now has no sample, so that an alert on its
absence is possible and an old value is never passed on as a new one.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0
from prometheus_client.registry import Collector

from dashboard.poolrows import HEAVY, is_stale
from pools.captains import ABSENT, OK, UNKNOWN, WORKING
from pools.exposure import Kind as WithoutWhat
from pools.models import Exposure, Finding, Pool
from workflows.engine.states import ENDED, FOR_A_PERSON, RunState
from workflows.models import Debt, Run

Family = GaugeMetricFamily
OF_HOST = ("pool", "host", "xenserver", "cloudstack")
UNWELL = {"warning", "critical"}
"""Marks of a captain's word."""
REFUSED = "Metrics are for Prometheus: send METRICS_TOKEN as `Authorization: Bearer …`, or sign in.\n"


@require_GET
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics in Prometheus' text format; 401 without the token or a signed-in person."""
    if not (_has_token(request) or request.user.has_perm("pools.view_pool")):
        headers = {"WWW-Authenticate": "Bearer"}
        return HttpResponse(REFUSED, status=401, content_type="text/plain; charset=utf-8", headers=headers)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Estate(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_1_0_0)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and scheme == "Bearer" and hmac.compare_digest(given.encode(), wanted.encode())


class Estate(Collector):
    """Everything at one moment. A handful of queries, however many pools there are."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def collect(self) -> Iterator[Family]:
        pools = list(Pool.objects.defer(*HEAVY))
        yield from of_watching(pools, self._at)
        fresh = [pool for pool in pools if not is_stale(pool, self._at)]
        yield from of_hosts(fresh)
        yield from of_ha(fresh, self._at)
        yield of_findings()
        yield from of_runs(self._at)


def _family(name: str, help: str, *labels: str) -> Family:
    return Family(f"baton_{name}", help, labels=labels)


def of_watching(pools: Iterable[Pool], at: datetime) -> Iterator[Family]:
    """Whether what we say is new: the age of each pool's facts, and how late the watcher is."""
    known = _family("pools", "Pools that are watched.")
    age = _family("facts_age_seconds", "Age of the last look in which the master answered.", "pool")
    answers = _family("pool_answers", "Whether the master answered at the last look.", "pool")
    lag = _family("watcher_lag_seconds", "How long the look that is most overdue has been due.")
    pools, overdue = list(pools), timedelta()
    for pool in pools:
        overdue = max(overdue, at - pool.next_look_at)
        if pool.good_at:
            age.add_metric([pool.name], _seconds(at - pool.good_at))
        if pool.looked_at:
            answers.add_metric([pool.name], float(pool.good_at == pool.looked_at))
    known.add_metric([], len(pools))
    lag.add_metric([], _seconds(overdue))
    yield from (known, age, answers, lag)


def of_hosts(pools: Iterable[Pool]) -> Iterator[Family]:
    """Hosts by what each captain says of them, and how many they disagree about."""
    xenserver = _family("hosts_xenserver", "Hosts by what XenServer says of them.", "pool", "state")
    cloudstack = _family("hosts_cloudstack", "Hosts by what CloudStack says of them.", "pool", "state")
    odd = _family("hosts_disagreed", "Hosts that only one of the captains calls well.", "pool")
    alert = _family("hosts_in_alert", "Hosts that CloudStack holds in Alert.", "pool")
    ill = _family("host_unwell", "1 for a host that a captain calls unwell, by what each says.", *OF_HOST)
    for pool in pools:
        short = pool.last_summary()
        if short is None:
            continue
        _count(xenserver, pool.name, (m.xenserver.says for m in short.members))
        _count(cloudstack, pool.name, (m.cloudstack.says for m in short.members))
        marks = [
            (m.xenserver.mark, m.cloudstack.mark)
            for m in short.members
            if m.cloudstack.says != "Not connected"
        ]
        if any(UNKNOWN not in pair for pair in marks):
            odd.add_metric([pool.name], sum(_disagree(*pair) for pair in marks))
        if any(theirs not in (UNKNOWN, ABSENT) for _, theirs in marks):
            alert.add_metric([pool.name], sum(m.cloudstack.says == "Alert" for m in short.members))
        for m in short.members:
            if {m.xenserver.mark, m.cloudstack.mark} & UNWELL:
                ill.add_metric([pool.name, m.name, m.xenserver.says, m.cloudstack.says], 1.0)
    yield from (xenserver, cloudstack, odd, alert, ill)


def _count(family: Family, pool: str, states: Iterable[str]) -> None:
    for state, number in sorted(Counter(states).items()):
        family.add_metric([pool, state], number)


def _disagree(one: str, other: str) -> bool:
    """Maintenance is somebody's wish, and silence says nothing: neither is a disagreement."""
    return not {one, other} & {UNKNOWN, WORKING} and (one == OK) != (other == OK)


def of_ha(pools: Iterable[Pool], at: datetime) -> Iterator[Family]:
    """HA as it is set, what it can still bear, and for how long a pool that wants it is without."""
    on = _family("ha_enabled", "Whether pool HA is on.", "pool")
    timeout = _family("ha_timeout_seconds", "HA timeout, where one is set.", "pool")
    plan = _family("ha_plan_exists_for", "Failed hosts for which XenServer has a plan.", "pool")
    margin = _family("ha_margin", "Failed hosts planned for, less those to be tolerated.", "pool")
    without = _family("without_ha_seconds", "For how long a pool that wants HA has been without.", "pool")
    off_since = dict(Exposure.objects.filter(kind=WithoutWhat.HA, until=None).values_list("pool_id", "since"))
    for pool in pools:
        short = pool.last_summary()
        if short is None or short.ha_enabled is None:
            continue
        on.add_metric([pool.name], float(short.ha_enabled))
        if pool.wants_ha:
            since = off_since.get(pool.pk, at)
            without.add_metric([pool.name], 0.0 if short.ha_enabled else _seconds(at - since))
        if short.ha_enabled and short.ha_timeout_s is not None:
            timeout.add_metric([pool.name], short.ha_timeout_s)
        if short.ha_enabled and short.ha_plan is not None and short.ha_tolerates is not None:
            plan.add_metric([pool.name], short.ha_plan)
            margin.add_metric([pool.name], short.ha_plan - short.ha_tolerates)
    yield from (on, timeout, plan, margin, without)


def of_findings() -> Family:
    """Open findings; `expected` is what a run of ours causes."""
    found = _family("findings", "Open findings.", "pool", "code", "severity", "expected")
    rows = Finding.objects.open().order_by().values("pool__name", "code", "severity")
    for row in rows.annotate(ours=Count("pk", ~Q(expected_by=None)), all=Count("pk")):
        for expected, number in (("yes", row["ours"]), ("no", row["all"] - row["ours"])):
            if number:
                found.add_metric([row["pool__name"], row["code"], row["severity"], expected], number)
    return found


def of_runs(at: datetime) -> Iterator[Family]:
    """What people still have to do: approve, decide, pay."""
    runs = _family("runs", "Runs that have not ended, by state.", "state")
    approvals = _family("approvals_waiting", "Runs that wait for an approval.")
    waiting = _family("run_waiting_seconds", "How long the run that waits longest for a person has waited.")
    debts = _family("debts", "Unpaid debts, by kind.", "pool", "kind")
    oldest = _family("debt_age_seconds", "Age of the oldest unpaid debt.", "pool", "kind")
    moving = Run.objects.exclude(state__in=ENDED).order_by()
    by_state = dict(moving.values_list("state").annotate(Count("pk")))
    for state in sorted(set(RunState) - ENDED):
        runs.add_metric([state], by_state.get(state, 0))
    approvals.add_metric([], by_state.get(RunState.APPROVAL, 0))
    stands = moving.filter(state__in=FOR_A_PERSON).aggregate(since=Min("state_since"))["since"]
    waiting.add_metric([], _seconds(at - stands) if stands else 0.0)
    owed = Debt.objects.filter(paid_at=None).order_by().values("run__pool__name", "kind")
    for debt in owed.annotate(number=Count("pk"), first=Min("incurred_at")):
        labels = [debt["run__pool__name"], debt["kind"]]
        debts.add_metric(labels, debt["number"])
        oldest.add_metric(labels, _seconds(at - debt["first"]))
    yield from (runs, approvals, waiting, debts, oldest)


def _seconds(age: timedelta) -> float:
    return max(0.0, age.total_seconds())
