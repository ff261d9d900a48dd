"""HA is off although the pool's policy wants it, or the licence forbids it."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules.case import Case, Finding, Severity
from pools.rules.code import Code
from pools.rules.reasons import arming
from pools.rules.since import done_by
from pools.rules.words import clock, count, the_pool, xenserver

OFF = Code(
    slug="ha-off-unwanted",
    severity=Severity.CRITICAL,
    fires="the policy wants HA on, and it is off",
    means=(
        "A dead master is not replaced, and hosts that lose their storage are not fenced, until HA is on "
        "again."
    ),
    remedy="enable-ha",
    otherwise="remedy `settle-debts` when a run of ours owes it, and to wait while it is being turned on",
)
UNLICENSED = Code(
    slug="ha-unlicensed",
    severity=Severity.WARNING,
    fires="a host's licence forbids HA, and the policy wants it",
    means="HA cannot be turned on: operators must elect a new master when the old one dies.",
    remedy="elect-master",
)
CODES = (OFF, UNLICENSED)
WAIT = "Wait: HA is being turned on. If it is still off when that task has ended, the task's error says why."


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    if pool is None or not case.policy.wants_ha:
        return
    if not pool.ha.enabled:
        yield _off(case)
    without = [h for h in pool.hosts if h.ha_licensed is False]
    if without:
        says = (
            f"The licence of {count(len(without), 'host')} of {case.pool} does not include HA "
            f"({without[0].name})."
        )
        yield UNLICENSED.found(
            the_pool(case), says, xenserver(case, f"enable_xha of {without[0].name}", False)
        )


def _off(case: Case) -> Finding:
    debt = next((d for d in case.obligations.debts if d.kind == "ha"), None)
    since = case.ha_off_since or (debt.since if debt else None)
    # A run may have been asked to turn it off for good: then it owes nothing, and is named by its time.
    did = "owes it" if done_by(case, "ha", the_pool(case)) else "turned it off"
    by = f"run {debt.run} turned it off and owes it" if debt else f"no run of ours {did}"
    when = f" since {clock(since)}" if since else ""
    says = f"HA is off in {case.pool}{when}, and its policy wants it on; {by}."
    off = xenserver(case, "ha_enabled", False)
    if case.facts.pool and arming(case.facts.pool):
        under_way = xenserver(case, "current_operations of the pool", "ha_enable")
        return OFF.found(the_pool(case), f"{says} It is being turned on now.", off, under_way, remedy=WAIT)
    return OFF.found(the_pool(case), says, off, remedy="settle-debts" if debt else None)
