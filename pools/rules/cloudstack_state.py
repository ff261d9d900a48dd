"""What CloudStack shows of a host when it is not Up, beside what XenServer says of the same host."""

from __future__ import annotations

from collections.abc import Iterator

from pools.cloudstack_facts import CsHost
from pools.rules.beside import evidence, next_step, says_xenserver
from pools.rules.case import Case, Finding, Severity
from pools.rules.code import CLOUDSTACK, Code
from pools.rules.words import host_of, the_cs_host

ALERT = Code(
    slug="cloudstack-alert",
    severity=Severity.CRITICAL,
    fires="CloudStack shows a host in Alert; says what XenServer says beside it",
    means=(
        "CloudStack starts nothing on that host and cannot manage the guests on it. It comes back by "
        "itself when the host is live and enabled; its own reconnect does not heal Alert."
    ),
    remedy="reenable-host",
    otherwise="the remedy is a sentence when the host is dead, well, or held back by something else",
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
EXCUSED = {
    "Down": frozenset({"Maintenance"}),
    "Disconnected": frozenset({"Maintenance", "PrepareForMaintenance", "Disabled"}),
}
"""Resource states in which nobody minds. A host in maintenance, or disabled, goes Disconnected without investigation
when its pings stop; one that still has guests and is called Down has lost them."""


def judge(case: Case) -> Iterator[Finding]:
    seen = case.facts.cloudstack
    for host in seen.hosts if seen else ():
        code = BY_STATE.get(host.state)
        if code is None or host.resourcestate in EXCUSED.get(host.state, ()):
            continue
        if code is ALERT or not _unmanaged_by_a_run(case):
            yield _finding(case, host, code)


def _finding(case: Case, seen: CsHost, code: Code) -> Finding:
    host = host_of(case, seen)
    subject = the_cs_host(case, seen)
    shows = f"CloudStack shows {subject.name} {'in Alert' if code is ALERT else seen.state}."
    remedy = next_step(case, host) if code is ALERT else None
    says = f"{shows} {says_xenserver(case, host)}"
    return code.found(subject, says, *evidence(case, seen, host), remedy=remedy)


def _unmanaged_by_a_run(case: Case) -> bool:
    seen = case.facts.cloudstack
    owed = any(d.kind == "unmanaged" for d in case.obligations.debts)
    return seen is not None and seen.managedstate != "Managed" and owed
