"""The master answers, but is disabled."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules.case import Case, Finding, Severity
from pools.rules.code import Code
from pools.rules.reasons import only_starting, proof, why_disabled
from pools.rules.state import SETTLING
from pools.rules.words import span, the_host, xenserver

DISABLED = Code(
    slug="master-disabled",
    severity=Severity.CRITICAL,
    fires="the master is disabled in XenServer",
    means=(
        "CloudStack (4.4 and later) connects to no host of a pool whose master is disabled: one by one "
        "they go to Alert."
    ),
    remedy="reenable-host",
    otherwise=f"info while it is only starting ({span(SETTLING)}), or HA is being turned on",
)
CODES = (DISABLED,)


def judge(case: Case) -> Iterator[Finding]:
    master = case.facts.pool.master_host if case.facts.pool else None
    if master and not master.enabled:
        says = f"{master.name} is the master, and disabled: {why_disabled(case, master)}."
        evidence = (xenserver(case, f"{master.name} enabled", False), *proof(case, master))
        severity, remedy = (Severity.INFO, "") if only_starting(case, master) else (None, None)
        yield DISABLED.found(the_host(master), says, *evidence, severity=severity, remedy=remedy)
