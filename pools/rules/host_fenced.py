"""A host that fenced itself, by XenServer's alerts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pools.facts import Host
from pools.rules.case import Case, Evidence, Finding, Severity
from pools.rules.code import Code
from pools.rules.reasons import raised
from pools.rules.words import clock, the_host

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
CODES = (FENCED,)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    for host in pool.hosts if pool else ():
        if times := raised(case, host, "HA_HOST_WAS_FENCED"):
            yield _fenced(case, host, times)


def _fenced(case: Case, host: Host, times: list[datetime]) -> Finding:
    hour = [at for at in times if case.ago(at) <= LOOP_WITHIN]
    loop = len(hour) >= LOOP
    how = f"{len(hour)} times within an hour: a fence loop" if loop else f"last at {clock(times[-1])}"
    severity = Severity.CRITICAL if loop else Severity.WARNING
    # One fence is history; only a loop wants the workflow that breaks it.
    remedy = None if loop else ""
    evidence = (Evidence("HA_HOST_WAS_FENCED", clock(at), "XenServer", at) for at in times[-LOOP:])
    return FENCED.found(
        the_host(host), f"{host.name} fenced itself, {how}.", *evidence, severity=severity, remedy=remedy
    )
