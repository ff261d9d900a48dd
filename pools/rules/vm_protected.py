"""Guests that XenServer would restart, under a CloudStack that restarts them too."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules.case import Case, Finding, Severity
from pools.rules.code import Code
from pools.rules.words import count, listed, the_pool, xenserver

EVIDENCE = 20
"""Guests named one by one as evidence."""

PROTECTED = Code(
    slug="vm-protected",
    severity=Severity.CRITICAL,
    fires="a guest has `ha_restart_priority` set in a pool that belongs to a CloudStack",
    means=(
        "XenServer and CloudStack would both start the guest after a crash: twice running on one disk "
        "destroys its file system."
    ),
    remedy="unprotect-vms",
)
CODES = (PROTECTED,)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    if pool is None or (case.facts.cloudstack is None and case.facts.cloudstack_trouble is None):
        return
    guests = [v for v in pool.vms if v.ha_restart_priority]
    if guests:
        says = f"HA protects {count(len(guests), 'guest')} of {case.pool}: {listed(v.name for v in guests)}."
        evidence = [
            xenserver(case, f"ha_restart_priority of {v.name}", v.ha_restart_priority)
            for v in guests[:EVIDENCE]
        ]
        yield PROTECTED.found(the_pool(case), says, *evidence)
