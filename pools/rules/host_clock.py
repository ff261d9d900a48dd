"""A host whose clock is wrong, by XenServer's alert.

Smaller skews are not measured: the call that tells a member's time is forwarded to it by the master, and hangs on one
that has just died.
"""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules.case import Case, Evidence, Finding, Severity
from pools.rules.code import Code
from pools.rules.reasons import raised
from pools.rules.words import clock, the_host

ALERT, BEYOND_S = "HOST_CLOCK_SKEW_DETECTED", 300

CLOCK = Code(
    slug="host-clock-skew",
    severity=Severity.WARNING,
    fires=f"{ALERT} within a day (XenServer raises it beyond {BEYOND_S} s)",
    means="Sessions, certificates and heartbeats rest on the time; check NTP on that host.",
)
CODES = (CLOCK,)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    for host in pool.hosts if pool else ():
        if times := raised(case, host, ALERT):
            last = times[-1]
            says = f"XenServer found the clock of {host.name} more than {BEYOND_S} s off at {clock(last)}."
            yield CLOCK.found(the_host(host), says, Evidence(ALERT, clock(last), "XenServer", last))
