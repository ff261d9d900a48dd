"""Why a host is disabled: every reason that XAPI has for it, with the value that proves it, the surest first.

XAPI enables a host again by itself once its start is complete, unless one of these holds (xapi_host_helpers.ml:387):
a person disabled it, HA is armed and a PBD of it is not attached, mandatory guidance is pending, `auto_enable` is off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pools.facts import Host, PoolFacts
from pools.rules.case import Case, Evidence
from pools.rules.state import SETTLING, probe_of, started, started_within
from pools.rules.words import BATON, clock, known_at, last_known, listed, xenserver

LATELY = timedelta(hours=24)
STARTING = timedelta(minutes=10)
"""Until then a start may still be the reason; a start that takes longer hangs."""
LOST = ("HA_HOST_WAS_FENCED", "HA_HOST_FAILED")
PLUG_FAILED = "PBD_PLUG_FAILED_ON_SERVER_START"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason in words, and its proof. `passing`: the host enables itself when that is over."""

    says: str
    proof: tuple[Evidence, ...]
    passing: bool = False


Finder = Callable[[Case, PoolFacts, Host], Iterator[Reason]]


def reasons(case: Case, host: Host) -> tuple[Reason, ...]:
    """What the facts tell, the surest first; empty when they tell of no reason."""
    pool = last_known(case)
    return tuple(r for finder, _ in LOOKED_AT for r in finder(case, pool, host)) if pool else ()


def why_disabled(case: Case, host: Host) -> str:
    """The reasons in words."""
    found = reasons(case, host)
    return "; ".join(r.says for r in found) or "no reason is found in what XenServer tells"


def proof(case: Case, host: Host) -> tuple[Evidence, ...]:
    """The values behind the reasons; with none found, what was looked at."""
    found = reasons(case, host)
    if found:
        return tuple(dict.fromkeys(e for r in found for e in r.proof))
    looked_at = ", ".join(words for _, words in LOOKED_AT if words)
    return (Evidence("looked for a reason in", looked_at, BATON, known_at(case)),)


def only_starting(case: Case, host: Host) -> bool:
    """Whether the host is disabled because it, or its master, has just started, or HA is being turned on: that ends by
    itself."""
    pool = last_known(case)
    found = reasons(case, host)
    if pool and arming(pool):
        return all(r.passing for r in found)
    settling = any(
        started_within(case, each, SETTLING) for each in (host, pool.master_host if pool else None)
    )
    return bool(found) and all(r.passing for r in found) and settling


def _by_a_run(case: Case, _pool: PoolFacts, host: Host) -> Iterator[Reason]:
    about = {"*", host.uuid, host.name}
    for each in case.obligations.expected:
        ours = each.code in ("host-disabled", "master-disabled") and each.subject in about
        if ours and case.now <= each.until:
            value = f"run {each.run}, until {clock(each.until)}"
            yield Reason(f"run {each.run} of ours works on it", (Evidence("run", value, BATON, case.now),))
            return


def _storage(case: Case, pool: PoolFacts, host: Host) -> Iterator[Reason]:
    if pool.ha.enabled and (lost := pool.detached(host.uuid)):
        is_ = "is" if len(lost) == 1 else "are"
        names = listed(s.name for s in lost)
        yield Reason(
            f"storage {names} {is_} unplugged (with HA on, that keeps a host disabled)",
            (*_unplugged(case, pool, host), *_alerts(case, host, PLUG_FAILED)),
        )


def _guidance(case: Case, _pool: PoolFacts, host: Host) -> Iterator[Reason]:
    if host.pending_guidances:
        asked = listed(host.pending_guidances)
        yield Reason(f"guidance is pending: {asked}", (xenserver(case, "pending_guidances", asked),))


def _auto_enable(case: Case, _pool: PoolFacts, host: Host) -> Iterator[Reason]:
    if host.auto_enable is False:
        proof_ = (xenserver(case, "auto_enable", False),)
        yield Reason("it is set not to enable itself after a boot", proof_)


def _maintenance(case: Case, _pool: PoolFacts, host: Host) -> Iterator[Reason]:
    if host.maintenance_mode:
        proof_ = (xenserver(case, "other_config:MAINTENANCE_MODE", True),)
        yield Reason("XenCenter's maintenance mode is set", proof_)


def _operation(case: Case, _pool: PoolFacts, host: Host) -> Iterator[Reason]:
    for operation in host.current_operations:
        if words := OPERATIONS.get(operation):
            yield Reason(words, (xenserver(case, "current_operations", operation),))


def _emergency(case: Case, _pool: PoolFacts, host: Host) -> Iterator[Reason]:
    probe = probe_of(case, host)
    if probe and probe.emergency:
        proof_ = (Evidence(f"emergency mode of {probe.address}", "true", "XenServer", case.facts.at),)
        yield Reason("it is in emergency mode", proof_)


def arming(pool: PoolFacts) -> bool:
    """Whether HA is being turned on just now."""
    return "ha_enable" in pool.current_operations


def _arming(case: Case, pool: PoolFacts, _host: Host) -> Iterator[Reason]:
    if arming(pool):
        proof_ = (xenserver(case, "current_operations of the pool", "ha_enable"),)
        yield Reason("HA is being turned on", proof_, passing=True)


def _lost(case: Case, _pool: PoolFacts, host: Host) -> Iterator[Reason]:
    """HA took it for dead; it stays disabled until a start of it is complete."""
    at = started(host)
    for alert in _alerts(case, host, *LOST):
        if alert.at and at and alert.at >= at - STARTING:
            how = "fenced itself" if alert.what == LOST[0] else "was declared failed by HA"
            yield Reason(f"it {how} at {clock(alert.at)} and has not enabled itself since", (alert,))
            return


def _start(case: Case, pool: PoolFacts, host: Host) -> Iterator[Reason]:
    at = started(host)
    if at and started_within(case, host, STARTING):
        value = (xenserver(case, "agent_start_time", clock(at)),)
        yield Reason(f"it started at {clock(at)} and may not be ready yet", value, passing=True)
        return
    master = pool.master_host
    at = started(master) if master else None
    if master and at and master.uuid != host.uuid and started_within(case, master, SETTLING):
        says = f"the master started at {clock(at)}, which disables every host until it reports"
        value = (xenserver(case, f"agent_start_time of {master.name}", clock(at)),)
        yield Reason(says, value, passing=True)


def _storage_without_ha(case: Case, pool: PoolFacts, host: Host) -> Iterator[Reason]:
    if not pool.ha.enabled and (lost := pool.detached(host.uuid)):
        is_ = "is" if len(lost) == 1 else "are"
        says = f"storage {listed(s.name for s in lost)} {is_} unplugged (with HA off, that alone keeps none disabled)"
        yield Reason(says, _unplugged(case, pool, host))


def _unplugged(case: Case, pool: PoolFacts, host: Host) -> tuple[Evidence, ...]:
    return tuple(
        xenserver(case, f"{s.name} attached on {host.name}", False) for s in pool.detached(host.uuid)
    )


def raised(case: Case, host: Host, name: str) -> list[datetime]:
    """When XenServer raised that alert for the host within the last day, oldest first."""
    pool = last_known(case)
    mine = [a.at for a in pool.alerts if a.name == name and a.subject == host.uuid and a.at] if pool else []
    return sorted(at for at in mine if case.ago(at) <= LATELY)


def _alerts(case: Case, host: Host, *names: str) -> tuple[Evidence, ...]:
    """The host's latest alert of each of these names."""
    latest = ((name, times[-1]) for name in names if (times := raised(case, host, name)))
    return tuple(Evidence(name, clock(at), "XenServer", at) for name, at in latest)


OPERATIONS = {
    "evacuate": "it is being evacuated",
    "shutdown": "it is being shut down",
    "reboot": "it is being rebooted",
    "apply_updates": "updates are being installed on it",
}
LOOKED_AT: tuple[tuple[Finder, str], ...] = (
    (_by_a_run, "runs of ours"),
    (_storage, "PBDs"),
    (_guidance, "pending guidance"),
    (_auto_enable, ""),  # host.disable takes it, but no release so far has it in the host's record
    (_maintenance, "XenCenter's maintenance mode"),
    (_operation, "operations under way"),
    (_emergency, "emergency mode"),
    (_arming, "HA being turned on"),
    (_lost, "HA's alerts of the last day"),
    (_start, "the last start"),
    (_storage_without_ha, ""),
)
"""In this order: what certainly keeps a host disabled, then what may, then what by itself does not."""
