"""A host is live and takes no guests."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules.case import Case, Finding, Severity
from pools.rules.code import Code
from pools.rules.state import why_disabled
from pools.rules.words import the_host, xenserver

DISABLED = Code(
    slug="host-disabled",
    severity=Severity.WARNING,
    fires="a member is live and not enabled; says the reason found (for the master see `master-disabled`)",
    means="No guest starts there, HA does not count on it, and CloudStack (4.4 and later) takes it to Alert.",
    remedy="reenable-host",
)
CODES = (DISABLED,)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    for host in pool.hosts if pool else ():
        if pool and host.live and not host.enabled and host.uuid != pool.master:
            says = f"{host.name} is live, but disabled: {why_disabled(case, host)}."
            evidence = [xenserver(case, f"{host.name} enabled", False)]
            evidence += [
                xenserver(case, f"{s.name} attached on {host.name}", False) for s in pool.detached(host.uuid)
            ]
            yield DISABLED.found(the_host(host), says, *evidence)
