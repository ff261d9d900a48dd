"""CloudStack's maintenance: failed, or not coming to an end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pools.cloudstack_facts import CloudStackFacts, CsHost
from pools.rules.case import Case, Finding, Severity
from pools.rules.code import CLOUDSTACK, Code
from pools.rules.words import clock, cloudstack, count, listed, the_cs_host
from pools.timing import timing

FAILED = Code(
    slug="cloudstack-maintenance-error",
    severity=Severity.CRITICAL,
    fires="resource state ErrorInMaintenance or ErrorInPrepareForMaintenance",
    means=(
        "CloudStack could not move every guest away and gave up; no other host of the cluster can go into "
        "maintenance until this is resolved."
    ),
    needs=(CLOUDSTACK,),
)
STUCK = Code(
    slug="cloudstack-maintenance-stuck",
    severity=Severity.WARNING,
    fires=(
        "PrepareForMaintenance for longer than CloudStack gives one migration (`migratewait`, an hour unless it was "
        "changed); says the guests that are left"
    ),
    means="The host empties too slowly or not at all, and holds up maintenance in the whole cluster.",
    needs=(CLOUDSTACK,),
)
CODES = (FAILED, STUCK)


def judge(case: Case) -> Iterator[Finding]:
    seen = case.facts.cloudstack
    if seen is None:
        return
    within = timedelta(seconds=timing(seen).migration_s)
    for host in seen.hosts:
        about, wanted = the_cs_host(case, host), host.resourcestate
        since = case.preparing_since.get(host.id)
        if wanted in ("ErrorInMaintenance", "ErrorInPrepareForMaintenance"):
            says = f"CloudStack could not put {about.name} into maintenance: {wanted}. {_left(seen, host)}"
            yield FAILED.found(about, says, cloudstack(case, "resourcestate", wanted))
        elif wanted == "PrepareForMaintenance" and since and case.ago(since) > within:
            says = f"CloudStack has been emptying {about.name} since {clock(since)}. {_left(seen, host)}"
            yield STUCK.found(about, says, cloudstack(case, "resourcestate", wanted))


def _left(seen: CloudStackFacts, host: CsHost) -> str:
    guests = [v.instance for v in seen.vms if v.host == host.id]
    return f"{count(len(guests), 'guest')} left: {listed(guests)}." if guests else "No guest is left on it."
