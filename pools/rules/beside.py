"""What stands beside CloudStack's word about a host: XenServer's, the causes that keep it from coming back, and what
to do next.

CloudStack pings a host through the pool's master, and takes it for well only when XenServer has it enabled (4.4 and
later). One that it lost is taken back by a scan every 90 s, at the earliest 150 s after the last ping, while the
cluster is managed and the pool's master is enabled.
"""

from __future__ import annotations

from collections.abc import Iterator

from pools.cloudstack_facts import CsHost
from pools.facts import Host
from pools.rules.case import Case, Evidence
from pools.rules.reasons import proof, why_disabled
from pools.rules.state import dead, gone, silent
from pools.rules.words import cloudstack, xenserver

NEXT_SCAN = "Wait about 4 min: CloudStack's next scan takes it back. Its own reconnect does not heal Alert."


def says_xenserver(case: Case, host: Host | None) -> str:
    """What XenServer says of the host, and what else holds CloudStack back from it."""
    return " ".join((_own(case, host), *_held_back(case, host)))


def _own(case: Case, host: Host | None) -> str:
    if case.facts.pool is None:
        return "XenServer does not answer, so nothing is known from its side."
    if host is None:
        return "XenServer does not have it in the pool."
    if dead(case, host):
        return "XenServer says it is dead."
    if not host.live:
        return "XenServer's master has just started, and has not heard of it yet."
    if silent(case, host):
        return "XenServer says it is live, but its own address does not answer."
    if not host.enabled:
        return f"XenServer says it is live, but disabled: {why_disabled(case, host)}."
    return "XenServer says it is live and enabled."


def _held_back(case: Case, host: Host | None) -> Iterator[str]:
    if master := _disabled_master(case, host):
        yield f"The master {master.name} is disabled: until it is enabled, CloudStack connects to no host of the pool."
    if _let_go(case):
        yield "CloudStack does not manage the cluster now, so it does not look for the host."


def evidence(case: Case, seen: CsHost, host: Host | None) -> list[Evidence]:
    """Both captains' values, and the proof of why XenServer has it disabled."""
    values = [cloudstack(case, "state", seen.state), cloudstack(case, "resourcestate", seen.resourcestate)]
    if case.facts.cloudstack and _let_go(case):
        values.append(cloudstack(case, "managedstate", case.facts.cloudstack.managedstate))
    if host and case.facts.pool:
        values += [xenserver(case, "live", host.live), xenserver(case, "enabled", host.enabled)]
        if host.live and not host.enabled:
            values += proof(case, host)
        if master := _disabled_master(case, host):
            values.append(xenserver(case, f"{master.name} enabled", False))
    return values


def next_step(case: Case, host: Host | None) -> str | None:
    """What brings a host in Alert back; None when that is to enable it."""
    if case.facts.pool is None:
        return "Bring the master back first."
    if host is None:
        return "Remove it from CloudStack, or join it to the pool."
    if gone(case, host):
        return "Bring the host back: CloudStack takes it again when it is live and enabled."
    if not host.enabled:
        return None
    if master := _disabled_master(case, host):
        return f"Enable the master {master.name} first (reenable-host): CloudStack then takes it back in about 4 min."
    if _let_go(case):
        return "Set the cluster to Managed: CloudStack then takes it back in about 4 min."
    return NEXT_SCAN


def _disabled_master(case: Case, host: Host | None) -> Host | None:
    """The master, when it is disabled and is not the host itself."""
    master = case.facts.pool.master_host if case.facts.pool else None
    return master if master and not master.enabled and host and master.uuid != host.uuid else None


def _let_go(case: Case) -> bool:
    return case.facts.cloudstack is not None and case.facts.cloudstack.managedstate != "Managed"
