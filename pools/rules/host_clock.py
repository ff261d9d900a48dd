"""A host whose clock is wrong: as measured at the last full look, or by XenServer's alert.

Each clock is compared with the console's and with the master's. Where all of a pool's are off alike, it may as well be
the console's. A sentence says beyond which step a clock is off, since two measurements are never the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from pools.facts import Host, PoolFacts
from pools.rules.case import Case, Evidence, Finding, Severity, Subject
from pools.rules.code import Code
from pools.rules.reasons import raised
from pools.rules.words import BATON, clock, count, known_at, the_host, the_pool

ALERT, BEYOND_S = "HOST_CLOCK_SKEW_DETECTED", 300
STEPS_S = (5, 10, 30, 60, BEYOND_S, 3600, 86_400)

CLOCK = Code(
    slug="host-clock-skew",
    severity=Severity.WARNING,
    fires=(
        f"a clock is measured more than {STEPS_S[0]} s off the console's or the master's (one finding about the pool "
        f"where all are off the console's alike), or {ALERT} within a day (XenServer raises it beyond {BEYOND_S} s)"
    ),
    means="Sessions, certificates and heartbeats rest on the time; check NTP on that host.",
    otherwise=f"critical when more than {BEYOND_S} s are measured",
)
CODES = (CLOCK,)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    if pool is None:
        return
    together = _together(case, pool)
    if together:
        yield together
    for host in pool.hosts:
        yield from _alerted(case, host)
        if not together:
            yield from _measured(case, pool, host)


def _alerted(case: Case, host: Host) -> Iterator[Finding]:
    if times := raised(case, host, ALERT):
        last = times[-1]
        says = f"XenServer found the clock of {host.name} more than {BEYOND_S} s off at {clock(last)}."
        yield CLOCK.found(the_host(host), says, Evidence(ALERT, clock(last), "XenServer", last))


def _measured(case: Case, pool: PoolFacts, host: Host) -> Iterator[Finding]:
    """Against the console's clock, or else against the master's: of two that are off a little, to either side."""
    if host.clock_ahead_s is None:
        return
    master = pool.master_host
    pairs = [("the console's", 0.0, 0.0)]
    if master and master is not host and master.clock_ahead_s is not None:
        pairs.append((f"that of its master {master.name}", master.clock_ahead_s, master.clock_within_s))
    for other, its, within in pairs:
        off = host.clock_ahead_s - its
        if step := _beyond(off, host.clock_within_s + within):
            says = f"The clock of {host.name} is more than {step} s {_way(off)} {other}."
            yield _found(case, the_host(host), says, step, f"clock of {host.name}")
            return


def _together(case: Case, pool: PoolFacts) -> Finding | None:
    """All clocks, of more than one host, off the console's alike."""
    known = [(h.clock_ahead_s, h.clock_within_s) for h in pool.hosts if h.clock_ahead_s is not None]
    if len(known) < 2:
        return None
    ahead, within = [a for a, _ in known], max(w for _, w in known)
    least = min(ahead, key=abs)
    step = _beyond(least, within)
    if not step or _beyond(max(ahead) - min(ahead), 2 * within):
        return None
    says = (
        f"The clocks of {case.pool} are more than {step} s {_way(least)} the console's, all "
        f"{count(len(known), 'host')} alike: either its time server or the console's is wrong."
    )
    return _found(case, the_pool(case), says, step, f"clocks of {case.pool}")


def _found(case: Case, subject: Subject, says: str, step: int, what: str) -> Finding:
    severity = Severity.CRITICAL if step >= BEYOND_S else None
    return CLOCK.found(
        subject, says, Evidence(what, f"off by more than {step} s", BATON, known_at(case)), severity=severity
    )


def _beyond(off_s: float, within_s: float) -> int:
    """The largest step that it is off beyond for certain; 0 for none."""
    return max((step for step in STEPS_S if abs(off_s) - within_s > step), default=0)


def _way(off_s: float) -> str:
    return "ahead of" if off_s > 0 else "behind"
