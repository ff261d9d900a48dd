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
    otherwise="with HA off: remedy `elect-master` when the pool has no master, a sentence when it has one",
    needs=(BATON,),
)
FOLLOW = "The pool has a master: once this host reaches it, `xe pool-recover-slaves` there makes it follow."
CODES = (EMERGENCY,)


def judge(case: Case) -> Iterator[Finding]:
    for probe in case.facts.probes:
        host = host_of_address(case, probe.address)
        if probe.emergency and host:
            why = f": {probe.says.rstrip('.')}" if probe.says else ""
            says = f"{host.name} is in emergency mode{why}."
            evidence = Evidence(f"emergency mode of {probe.address}", "true", "XenServer", case.facts.at)
            yield EMERGENCY.found(the_host(host), says, evidence, remedy=_remedy(case))


def _remedy(case: Case) -> str | None:
    pool = last_known(case)
    if pool and pool.ha.enabled:
        return None  # a member without a master may be one of those that fence each other
    return FOLLOW if case.facts.pool else "elect-master"
