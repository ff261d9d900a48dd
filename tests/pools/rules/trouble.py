"""Facts and cases in one kind of trouble each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from pools.exposure import Kind
from pools.facts import Alert, Facts, Trouble
from pools.rules.case import Case, Debt, Expected, Obligations, Unreviewed, Waiting
from tests.pools.world import NOW, amber, judged, master_silent


def cloudstack(**changes: Any) -> Facts:
    return amber().with_cloudstack(**changes)


def no_cloudstack(code: str = "timeout") -> Facts:
    return replace(amber(), cloudstack=None, cloudstack_trouble=Trouble(code=code))


def alerts(name: str, *minutes: int) -> Facts:
    raised = (
        Alert(uuid=f"{m}", name=name, priority=4, subject="amber-3", at=NOW - timedelta(minutes=m))
        for m in minutes
    )
    return amber().with_pool(alerts=tuple(raised))


def refused(code: str) -> Facts:
    return replace(amber(), pool=None, pool_trouble=Trouble(code=code, says="No."))


def owing(kind: str, moving: bool = False) -> Obligations:
    return Obligations(
        debts=(Debt(kind=kind, says="Put it back.", run=7, since=NOW - timedelta(hours=1), moving=moving),)
    )


def waiting(minutes: float) -> Obligations:
    return Obligations(
        waiting=(Waiting(run=7, title="Remove amber-1", since=NOW - timedelta(minutes=minutes)),)
    )


def alone() -> Obligations:
    return Obligations(unreviewed=(Unreviewed(id=3, run=7, by="bo", reason="SAN is down", at=NOW),))


def exposed(kind: Kind, minutes: int) -> Case:
    return judged(amber(), exposed_since={kind: NOW - timedelta(minutes=minutes)})


def protected(priority: str = "restart", number: int = 1) -> Facts:
    pool = amber().pool
    assert pool
    guests = (replace(vm, ha_restart_priority=priority) for vm in pool.vms[:number])
    return amber().with_pool(vms=(*guests, *pool.vms[number:]))


def versions(version: str, *hosts: str) -> Facts:
    """That release on these hosts, or on all."""
    facts = amber()
    for host in hosts or ("amber-1", "amber-2", "amber-3", "amber-4"):
        facts = facts.with_host(host, version=version)
    return facts


def everywhere(**changes: Any) -> Facts:
    """Every address answering otherwise."""
    return replace(amber(), probes=tuple(replace(p, **changes) for p in amber().probes))


def expecting(code: str, subject: str, minutes: float = 5) -> Obligations:
    """Run 7 causes that trouble, for so long."""
    until = NOW + timedelta(minutes=minutes)
    return Obligations(expected=(Expected(code=code, subject=subject, run=7, until=until),), holder=7)


def stale(intervals: float) -> Case:
    return judged(master_silent(), good_at=NOW - timedelta(seconds=10 * intervals))
