"""A host that lost its master and says so itself."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules.case import Case, Evidence, Finding, Severity
from pools.rules.code import BATON, Code
from pools.rules.words import host_of_address, last_known, the_host

EMERGENCY = Code(
    slug="host-emergency",
    severity=Severity.CRITICAL,
    fires="a host's own toolstack says that it is in emergency mode",
    means=(
        "Its toolstack started and found no master: it obeys only emergency calls, and its guests run "
        "unwatched."
    ),
    remedy="break-fence-loop",
    otherwise="remedy `elect-master` when the pool has no master and HA was off",
    needs=(BATON,),
)
CODES = (EMERGENCY,)


def judge(case: Case) -> Iterator[Finding]:
    for probe in case.facts.probes:
        host = host_of_address(case, probe.address)
        if probe.emergency and host:
            why = f": {probe.says.rstrip('.')}" if probe.says else ""
            says = f"{host.name} is in emergency mode{why}."
            remedy = None if case.facts.pool or _ha_was_on(case) else "elect-master"
            evidence = Evidence(f"emergency mode of {probe.address}", "true", "XenServer", case.facts.at)
            yield EMERGENCY.found(the_host(host), says, evidence, remedy=remedy)


def _ha_was_on(case: Case) -> bool:
    """Then a member without a master may be one of those that fence each other."""
    pool = last_known(case)
    return pool is not None and pool.ha.enabled
