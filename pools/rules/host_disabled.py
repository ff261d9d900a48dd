"""A host is live and takes no guests."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules.case import Case, Finding, Severity
from pools.rules.code import Code
from pools.rules.reasons import only_starting, proof, why_disabled
from pools.rules.state import SETTLING
from pools.rules.words import span, the_host, xenserver

DISABLED = Code(
    slug="host-disabled",
    severity=Severity.WARNING,
    fires="a member is live and not enabled; says the reason found (for the master see `master-disabled`)",
    means="No guest starts there, HA does not count on it, and CloudStack (4.4 and later) takes it to Alert.",
    remedy="reenable-host",
    otherwise=f"info while it is only starting ({span(SETTLING)}), or HA is being turned on",
)
CODES = (DISABLED,)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    for host in pool.hosts if pool else ():
        if pool and host.live and not host.enabled and host.uuid != pool.master:
            says = f"{host.name} is live, but disabled: {why_disabled(case, host)}."
            evidence = (xenserver(case, f"{host.name} enabled", False), *proof(case, host))
            severity, remedy = (Severity.INFO, "") if only_starting(case, host) else (None, None)
            yield DISABLED.found(the_host(host), says, *evidence, severity=severity, remedy=remedy)
