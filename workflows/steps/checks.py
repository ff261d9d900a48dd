"""Preconditions that several steps share, each a sentence with a cure."""

from __future__ import annotations

from pools.facts import Host
from workflows.engine.situation import Situation
from workflows.engine.step import Check


def ha_is_off(s: Situation) -> Check:
    return Check(
        not s.pool.ha.enabled, "HA is off", "XAPI answers HA_IS_ENABLED while it is on: turn HA off first."
    )


def all_live(s: Situation, but: str = "") -> Check:
    """Every member, or every one but the host with that uuid."""
    dead = [h.name for h in s.pool.hosts if not h.live and h.uuid != but]
    return Check(
        not dead,
        "Every member is live, as the master sees it",
        f"Bring {_names(dead)} back first, or take it out of the pool with host.destroy if it is dead for good.",
    )


def all_answer(s: Situation, but: str = "") -> Check:
    """XAPI commits a new master in two phases, without a quorum: every member has to answer (xapi_ha.ml:1496)."""
    answering = {p.address for p in s.facts.probes if p.answers}
    silent = [h.name for h in s.pool.hosts if h.address not in answering and h.uuid != but]
    return Check(
        not silent,
        "Every member answers at its own address",
        f"{_names(silent)} does not answer: see why first.",
    )


def managed(s: Situation) -> Check:
    return Check(
        s.cloudstack.managedstate == "Managed",
        "CloudStack manages the cluster",
        "Set the cluster to Managed first, and wait until its hosts are Up.",
    )


def is_live(s: Situation, host: Host) -> Check:
    now = s.pool.host(host.uuid)
    return Check(bool(now and now.live), f"{host.name} is a live member", f"Bring {host.name} back first.")


def is_enabled(s: Situation, host: Host) -> Check:
    now = s.pool.host(host.uuid)
    return Check(
        bool(now and now.enabled),
        f"{host.name} is enabled",
        f"Find out why it is disabled and enable it: start re-enable host, or xe host-enable uuid={host.uuid}.",
    )


def same_version(s: Situation, one: Host, other: Host) -> Check:
    return Check(
        one.version == other.version,
        f"{one.name} and {other.name} run the same version",
        f"{one.name} runs {one.version or 'an unknown version'}, {other.name} {other.version or 'an unknown one'}.",
    )


def one_version(s: Situation) -> Check:
    """XAPI turns HA on only where every host has the same platform (xapi_pool.ml:942)."""
    versions = sorted({h.version for h in s.pool.hosts if h.version})
    return Check(
        len(versions) <= 1,
        "Every host runs the same version",
        f"There are {', '.join(versions)}: XAPI answers NOT_SUPPORTED_DURING_UPGRADE, so HA could not be turned on. "
        "Finish the upgrade first.",
    )


def licensed_for_ha(s: Situation) -> Check:
    """Before 6.2 HA was a paid feature; where nobody tells, XAPI has the last word."""
    without = [h.name for h in s.pool.hosts if h.ha_licensed is False]
    return Check(
        not without,
        "The licence of every host includes HA",
        f"That of {_names(without)} does not: XAPI answers LICENCE_RESTRICTION. Apply one that does; until then say "
        "in the pool's policy that operators recover the master.",
    )


def storage_attached(s: Situation, host: Host) -> Check:
    lost = [sr.name for sr in s.pool.detached(host.uuid)]
    return Check(
        not lost, f"{host.name} has all its storage attached", f"Plug {_names(lost)} on {host.name} first."
    )


def no_guest_on(s: Situation, host: Host) -> Check:
    left = s.pool.vms_on(host.uuid)
    return Check(
        not left,
        f"No guest is left on {host.name}",
        "Move or stop them; a suspended guest counts as well.",
        f"{len(left)} left: {_names([v.name for v in left[:3]])}" if left else "",
    )


def nothing_under_way(s: Situation) -> Check:
    busy = s.pool.current_operations
    return Check(not busy, "No other operation changes the pool", f"Wait for {_names(list(busy))} to end.")


def _names(names: list[str]) -> str:
    return ", ".join(names) or "it"
