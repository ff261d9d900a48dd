"""Storage that is not plugged into a live host."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules.case import Case, Finding, Severity
from pools.rules.code import Code
from pools.rules.words import listed, the_host, xenserver

DETACHED = Code(
    slug="host-storage-detached",
    severity=Severity.WARNING,
    fires="a PBD of a live host is not attached",
    means=(
        "Guests with disks there cannot run on this host, and with HA on it cannot be enabled again after "
        "a restart."
    ),
    remedy="reenable-host",
)
CODES = (DETACHED,)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    for host in pool.hosts if pool else ():
        lost = pool.detached(host.uuid) if pool and host.live else ()
        if lost:
            says = f"On {host.name}, storage {listed(s.name for s in lost)} is unplugged."
            evidence = [xenserver(case, f"{s.name} attached on {host.name}", False) for s in lost]
            # Enabling is for hosts that are disabled; on an enabled one only the cable is to be plugged.
            remedy = (
                None if not host.enabled else "Plug it again: find out why it came off, then `xe pbd-plug`."
            )
            yield DETACHED.found(the_host(host), says, *evidence, remedy=remedy)
