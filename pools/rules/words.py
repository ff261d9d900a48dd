"""How rules name things and put values into sentences.

A sentence gives the time when something began, not how long ago: it stays the same while nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pools.cloudstack_facts import CsHost
from pools.facts import Host, PoolFacts
from pools.rules.case import Case, Evidence, Subject

XENSERVER, CLOUDSTACK, BATON = "XenServer", "CloudStack", "Baton"
MANY = 5
"""A sentence names this many things before it only counts them."""


def the_pool(case: Case) -> Subject:
    """The pool as a subject; its uuid as last known."""
    pool = last_known(case)
    return Subject("pool", case.pool, pool.uuid if pool else "")


def the_host(host: Host) -> Subject:
    return Subject("host", host.name, host.uuid)


def the_cs_host(case: Case, seen: CsHost) -> Subject:
    """CloudStack's host, under XenServer's name and uuid where the pool has it."""
    host = host_of(case, seen)
    return the_host(host) if host else Subject("host", seen.name, seen.id)


def the_cluster(case: Case) -> Subject:
    """The CloudStack cluster; when it could not be read, under the pool's name."""
    seen = case.facts.cloudstack
    return Subject("cluster", seen.cluster_name, seen.cluster) if seen else Subject("cluster", case.pool, "")


def last_known(case: Case) -> PoolFacts | None:
    """The pool as read now, or else as read when it last answered."""
    if case.facts.pool:
        return case.facts.pool
    return case.known.pool if case.known else None


def known_at(case: Case) -> datetime:
    """When what `last_known` gives was read."""
    return case.facts.at if case.facts.pool or not case.known else case.known.at


def host_of_address(case: Case, address: str) -> Host | None:
    """The pool's host at that address, as last known."""
    pool = last_known(case)
    return next((h for h in pool.hosts if h.address == address), None) if pool else None


def host_of(case: Case, seen: CsHost) -> Host | None:
    """XenServer's host behind CloudStack's: the address is the only link."""
    return host_of_address(case, seen.address)


def xenserver(case: Case, what: str, value: object) -> Evidence:
    """A value as XenServer gave it last."""
    return Evidence(what, shown(value), XENSERVER, known_at(case))


def cloudstack(case: Case, what: str, value: object) -> Evidence:
    """A value as CloudStack gave it last."""
    return Evidence(what, shown(value), CLOUDSTACK, case.facts.cloudstack_seen_at)


def shown(value: object) -> str:
    """A raw value as text, in XAPI's spelling of truth."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`; beyond five only how many more."""
    all_names = list(names)
    if len(all_names) > MANY:
        return f"{', '.join(all_names[:MANY])} and {len(all_names) - MANY} more"
    if len(all_names) < 2:
        return "".join(all_names)
    return f"{', '.join(all_names[:-1])} and {all_names[-1]}"


def count(number: int, one: str) -> str:
    """`1 guest`, `2 guests`."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def span(time: timedelta) -> str:
    """A length of time in its largest fitting unit, rounded down: `40 s`, `12 min`, `3 h`, `5 days`."""
    seconds = max(0, int(time.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 172_800 else f"{seconds // 86_400} days"


def brief(says: str) -> str:
    """What a finding says, without its reasons: the first sentence up to a colon, and no full stop."""
    return says.split(". ", maxsplit=1)[0].split(": ", maxsplit=1)[0].rstrip(".")


def clock(at: datetime) -> str:
    """A moment in a sentence, e.g. `2026-11-22 13:40:05 UTC`; pages show it by the reader's own clock."""
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
