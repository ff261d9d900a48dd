"""Facts and cases in one kind of trouble each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from pools.exposure import Kind
from pools.facts import Alert, Facts, Trouble
from pools.rules.case import Case, Debt, Obligations, Unreviewed, Waiting
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


def waiting(minutes: int) -> Obligations:
    return Obligations(
        waiting=(Waiting(run=7, title="Remove amber-1", since=NOW - timedelta(minutes=minutes)),)
    )


def alone() -> Obligations:
    return Obligations(unreviewed=(Unreviewed(id=3, run=7, by="bo", reason="SAN is down", at=NOW),))


def exposed(kind: Kind, minutes: int) -> Case:
    return judged(amber(), exposed_since={kind: NOW - timedelta(minutes=minutes)})


def protected() -> Facts:
    pool = amber().pool
    assert pool
    return amber().with_pool(vms=(replace(pool.vms[0], ha_restart_priority="restart"), *pool.vms[1:]))


def only_local_storage() -> Facts:
    pool = amber().pool
    assert pool
    return amber().with_pool(srs=tuple(replace(s, type="ext", shared=False) for s in pool.srs))


def stale(intervals: float) -> Case:
    return judged(master_silent(), good_at=NOW - timedelta(seconds=10 * intervals))
