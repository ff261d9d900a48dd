"""The difference between two situations, as a person reads it: system, object, field, before → after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pools.cloudstack_facts import CloudStackFacts
from pools.facts import Facts, PoolFacts

XENSERVER, CLOUDSTACK = "XenServer", "CloudStack"
PRESENT = "member"
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a preview. `sign` is `~` change, `+` added, `-` removed. A change that is not `binding` moves by
    itself (how many guests there are), so that a plan or a confirmation does not hang on it."""

    system: str
    what: str
    field: str
    before: str
    after: str
    sign: str = "~"
    binding: bool = True


def diff(before: Facts, after: Facts) -> tuple[Change, ...]:
    """What differs, in the order in which it stands in the facts. An object that is gone is one line, not ten."""
    old, new = dict(_flat(before)), dict(_flat(after))
    gone, come = _objects(old) - _objects(new), _objects(new) - _objects(old)
    changes = []
    for key in [*old, *(k for k in new if k not in old)]:
        system, what, name = key
        if (system, what) in gone | come and name != PRESENT:
            continue
        was, now = old.get(key, ""), new.get(key, "")
        if was != now:
            sign = "-" if key not in new else "+" if key not in old else "~"
            changes.append(Change(system, what, name, was or "–", now or "–", sign, name != "guests"))
    return tuple(changes)


def _objects(flat: dict[Key, str]) -> set[tuple[str, str]]:
    return {(system, what) for system, what, _ in flat}


def _flat(facts: Facts) -> Iterator[tuple[Key, str]]:
    if facts.pool:
        yield from _pool(facts.pool)
    if facts.cloudstack:
        yield from _cloudstack(facts.cloudstack)


def _pool(pool: PoolFacts) -> Iterator[tuple[Key, str]]:
    what = f"pool {pool.name}"
    master = pool.master_host
    yield (XENSERVER, what, "master"), master.name if master else pool.master
    yield (XENSERVER, what, "HA"), "on" if pool.ha.enabled else "off"
    if pool.ha.enabled:
        yield (
            (XENSERVER, what, "HA timeout"),
            f"{pool.ha.timeout_s} s" if pool.ha.timeout_s else "the version's default",
        )
        yield (
            (XENSERVER, what, "heartbeat SR"),
            ", ".join(_sr(pool, u) for u in pool.ha.statefile_srs) or "not known",
        )
        yield (XENSERVER, what, "host failures to tolerate"), str(pool.ha.failures_to_tolerate)
    guard = pool.ha.default_timeout_s
    yield (XENSERVER, what, "default_ha_timeout"), f"{guard} s" if guard else "not set"
    for guest in pool.vms:
        yield (XENSERVER, what, f"guest {guest.name}, restarted by HA"), guest.ha_restart_priority or "no"
    for host in pool.hosts:
        it = f"host {host.name}"
        yield (XENSERVER, it, PRESENT), pool.name
        yield (XENSERVER, it, "enabled"), "yes" if host.enabled else "no"
        yield (XENSERVER, it, "live"), "yes" if host.live else "no"
        yield (XENSERVER, it, "guests"), str(len(pool.vms_on(host.uuid)))
        for pbd in pool.pbds:
            if pbd.host == host.uuid:
                yield (
                    (XENSERVER, it, f"storage {_sr(pool, pbd.sr)}"),
                    "plugged" if pbd.attached else "unplugged",
                )


def _sr(pool: PoolFacts, uuid: str) -> str:
    sr = pool.sr(uuid)
    return sr.name if sr else uuid


def _cloudstack(facts: CloudStackFacts) -> Iterator[tuple[Key, str]]:
    if not facts.cluster:
        return
    yield (CLOUDSTACK, f"cluster {facts.cluster_name}", PRESENT), facts.zone or "there"
    yield (CLOUDSTACK, f"cluster {facts.cluster_name}", "managed state"), facts.managedstate
    for host in facts.hosts:
        it = f"host {host.name}"
        yield (CLOUDSTACK, it, PRESENT), facts.cluster_name
        yield (CLOUDSTACK, it, "state"), host.state
        yield (CLOUDSTACK, it, "resource state"), host.resourcestate
