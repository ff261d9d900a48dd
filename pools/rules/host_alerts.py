"""What hosts said of themselves in XenServer's alerts: fenced, or a clock that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pools.facts import Host
from pools.rules.case import Case, Evidence, Finding, Severity
from pools.rules.code import Code
from pools.rules.words import clock, the_host

LATELY = timedelta(hours=24)
LOOP, LOOP_WITHIN = 3, timedelta(hours=1)

FENCED = Code(
    slug="host-fenced",
    severity=Severity.WARNING,
    fires="HA_HOST_WAS_FENCED within a day",
    means=(
        "The host lost its heartbeats and rebooted itself to protect the storage: its network or storage "
        "failed for longer than the timeout."
    ),
    remedy="break-fence-loop",
    otherwise=f"critical at {LOOP} times in an hour: a fence loop",
)
CLOCK = Code(
    slug="host-clock-skew",
    severity=Severity.WARNING,
    fires="HOST_CLOCK_SKEW_DETECTED within a day (XenServer raises it beyond 300 s)",
    means="Sessions, certificates and heartbeats rest on the time; check NTP on that host.",
)
CODES = (FENCED, CLOCK)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    for host in pool.hosts if pool else ():
        if times := _times(case, host, "HA_HOST_WAS_FENCED"):
            yield _fenced(case, host, times)
        if times := _times(case, host, "HOST_CLOCK_SKEW_DETECTED"):
            says = f"XenServer found the clock of {host.name} more than 300 s off at {clock(times[-1])}."
            yield CLOCK.found(the_host(host), says, *_evidence("HOST_CLOCK_SKEW_DETECTED", times))


def _fenced(case: Case, host: Host, times: list[datetime]) -> Finding:
    hour = [at for at in times if case.ago(at) <= LOOP_WITHIN]
    loop = len(hour) >= LOOP
    how = f"{len(hour)} times within an hour: a fence loop" if loop else f"last at {clock(times[-1])}"
    severity = Severity.CRITICAL if loop else Severity.WARNING
    # One fence is history; only a loop wants the workflow that breaks it.
    remedy = None if loop else ""
    evidence = _evidence("HA_HOST_WAS_FENCED", times)
    return FENCED.found(
        the_host(host), f"{host.name} fenced itself, {how}.", *evidence, severity=severity, remedy=remedy
    )


def _times(case: Case, host: Host, name: str) -> list[datetime]:
    """When that alert was raised for the host within the last day, oldest first."""
    alerts = case.facts.pool.alerts if case.facts.pool else ()
    mine = [a.at for a in alerts if a.name == name and a.subject == host.uuid and a.at]
    return sorted(at for at in mine if case.ago(at) <= LATELY)


def _evidence(name: str, times: list[datetime]) -> list[Evidence]:
    return [Evidence(name, clock(at), "XenServer", at) for at in times[-LOOP:]]
