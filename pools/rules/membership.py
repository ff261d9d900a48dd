"""Hosts that only one of the captains has."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules.case import Case, Finding, Severity, Subject
from pools.rules.code import CLOUDSTACK, XENSERVER, Code
from pools.rules.words import cloudstack, the_host, xenserver

UNKNOWN = Code(
    slug="host-unknown-to-cloudstack",
    severity=Severity.WARNING,
    fires="a host is in the pool and not in the cluster",
    means="CloudStack does not use its capacity; it may still become the master.",
    remedy="add-hosts",
    needs=(XENSERVER, CLOUDSTACK),
)
STRANGER = Code(
    slug="host-not-in-pool",
    severity=Severity.CRITICAL,
    fires="a host is in the cluster and not in the pool",
    means=(
        "CloudStack counts on a host that the pool does not have: its capacity is imaginary, and storage "
        "is not shared with it."
    ),
    needs=(XENSERVER, CLOUDSTACK),
)
CODES = (UNKNOWN, STRANGER)
REMOVED = "Removed"
"""CloudStack's status of a host that it has deleted and still remembers."""


def judge(case: Case) -> Iterator[Finding]:
    pool, seen = case.facts.pool, case.facts.cloudstack
    if pool is None or seen is None or not seen.cluster:
        return
    for host in pool.hosts:
        other = seen.host_at(host.address)
        if other is None or other.state == REMOVED:
            says = (
                f"{host.name} ({host.address}) is in the pool, but CloudStack has no host at that address "
                f"in cluster {seen.cluster_name}."
            )
            yield UNKNOWN.found(the_host(host), says, xenserver(case, "address", host.address))
    addresses = {h.address for h in pool.hosts}
    for other in seen.hosts:
        if other.address not in addresses and other.state != REMOVED:
            says = (
                f"CloudStack has {other.name} ({other.address}, {other.state}) in cluster "
                f"{seen.cluster_name}, but pool {case.pool} has no host at that address."
            )
            yield STRANGER.found(
                Subject("host", other.name, other.id), says, cloudstack(case, "ipaddress", other.address)
            )
