"""What CloudStack shows of a host when it is not Up, beside what XenServer says of the same host."""

from __future__ import annotations

from collections.abc import Iterator

from pools.facts import CsHost
from pools.rules.case import Case, Finding, Severity
from pools.rules.code import CLOUDSTACK, Code
from pools.rules.state import gone, says_xenserver
from pools.rules.words import cloudstack, host_of, the_cs_host, xenserver

ALERT = Code(
    slug="cloudstack-alert",
    severity=Severity.CRITICAL,
    fires="CloudStack shows a host in Alert; says what XenServer says beside it",
    means=(
        "CloudStack starts nothing on that host and cannot manage the guests on it. It comes back by "
        "itself when the host is live and enabled; its own reconnect does not heal Alert."
    ),
    remedy="reenable-host",
    otherwise="the remedy is a sentence when XenServer says that the host is dead or well",
    needs=(CLOUDSTACK,),
)
DOWN = Code(
    slug="cloudstack-down",
    severity=Severity.CRITICAL,
    fires="CloudStack shows a host Down that is in no maintenance, in a cluster that no run unmanaged",
    means="CloudStack takes the host for dead, and restarts its guests elsewhere.",
    needs=(CLOUDSTACK,),
)
DISCONNECTED = Code(
    slug="cloudstack-disconnected",
    severity=Severity.WARNING,
    fires=(
        "CloudStack shows a host Disconnected that is in no maintenance, in a cluster that no run unmanaged"
    ),
    means=(
        "CloudStack does not watch the host; it connects again within minutes unless something holds it back."
    ),
    needs=(CLOUDSTACK,),
)
CODES = (ALERT, DOWN, DISCONNECTED)
BY_STATE = {"Alert": ALERT, "Down": DOWN, "Disconnected": DISCONNECTED}
EXCUSED = frozenset({"Maintenance", "PrepareForMaintenance", "Disabled"})
"""A host in these resource states goes Disconnected without investigation when its pings stop."""


def judge(case: Case) -> Iterator[Finding]:
    seen = case.facts.cloudstack
    for host in seen.hosts if seen else ():
        code = BY_STATE.get(host.state)
        if code is None or (
            code is not ALERT and (host.resourcestate in EXCUSED or _unmanaged_by_a_run(case))
        ):
            continue
        yield _finding(case, host, code)


def _finding(case: Case, seen: CsHost, code: Code) -> Finding:
    host = host_of(case, seen)
    subject = the_cs_host(case, seen)
    shows = f"CloudStack shows {subject.name} {'in Alert' if code is ALERT else seen.state}."
    evidence = [cloudstack(case, "state", seen.state), cloudstack(case, "resourcestate", seen.resourcestate)]
    if host and case.facts.pool:
        evidence += [xenserver(case, "live", host.live), xenserver(case, "enabled", host.enabled)]
    return code.found(
        subject, f"{shows} {says_xenserver(case, host)}", *evidence, remedy=_remedy(case, seen, code)
    )


def _remedy(case: Case, seen: CsHost, code: Code) -> str | None:
    host = host_of(case, seen)
    if code is not ALERT or case.facts.pool is None:
        return None if code is not ALERT else "Bring the master back first."
    if host is None:
        return "Remove it from CloudStack, or join it to the pool."
    if gone(case, host):
        return "Bring the host back: CloudStack takes it again when it is live and enabled."
    if host.enabled:
        return (
            "Wait about 4 min: CloudStack's next scan takes it back. If it does not, look for a disabled "
            "master."
        )
    return None


def _unmanaged_by_a_run(case: Case) -> bool:
    seen = case.facts.cloudstack
    owed = any(d.kind == "unmanaged" for d in case.obligations.debts)
    return seen is not None and seen.managedstate != "Managed" and owed
