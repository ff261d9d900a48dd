"""A host is dead by its master's word, or by its own silence."""

from __future__ import annotations

from collections.abc import Iterator

from pools.facts import Host, PoolFacts
from pools.rules.case import Case, Evidence, Finding, Severity
from pools.rules.code import Code
from pools.rules.state import SETTLING, SILENCE, answers, dead, silent
from pools.rules.words import count, span, the_host, xenserver

DEAD = Code(
    slug="host-dead",
    severity=Severity.CRITICAL,
    fires=(
        "the master says that the host is not live, or the host's own address is silent while the master "
        "still says live (up to 600 s without HA)"
    ),
    means="Its guests are down or will be, and without HA the master notices only after 600 s.",
    otherwise=(
        f"none for {span(SETTLING)} after a start of the master, which calls every host dead at first, unless the "
        "host's own address is silent, too"
    ),
)
CODES = (DEAD,)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    for host in pool.hosts if pool else ():
        if pool and dead(case, host):
            though = ", though its own address answers" if answers(case, host) else ""
            says = f"XenServer says that {host.name} is dead{though}.{_guests(pool, host)}"
            yield DEAD.found(the_host(host), says, xenserver(case, f"{host.name} live", False))
        elif pool and host.live and host.uuid != pool.master and (probe := silent(case, host)):
            says = (
                f"{host.name} does not answer at {host.address} ({SILENCE[probe.code]}), and its master still says "
                f"live.{_guests(pool, host)}"
            )
            yield DEAD.found(
                the_host(host),
                says,
                xenserver(case, f"{host.name} live", True),
                Evidence(f"probe of {host.address}", probe.says or probe.code, "Baton", case.facts.at),
            )


def _guests(pool: PoolFacts, host: Host) -> str:
    there = len(pool.vms_on(host.uuid))
    return (
        f" {count(there, 'guest')} still {'counts' if there == 1 else 'count'} as running there."
        if there
        else ""
    )
