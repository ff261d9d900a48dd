"""The pool in a few lines: what matters at a glance. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pools.captains import states
from pools.facts import Facts, PoolFacts
from pools.rules.case import Policy


@dataclass(frozen=True, slots=True)
class Line:
    """One fact. `wrong` marks what somebody has to put right."""

    name: str
    value: str
    wrong: bool = False


def lines(facts: Facts, policy: Policy) -> tuple[Line, ...]:
    return tuple(_lines(facts, policy))


def _lines(facts: Facts, policy: Policy) -> Iterator[Line]:
    if facts.pool:
        yield from _xenserver(facts.pool, policy)
    else:
        yield Line("XenServer", "does not answer", wrong=True)
    if facts.cloudstack:
        yield Line(
            "CloudStack", states(facts.cloudstack), any(h.state != "Up" for h in facts.cloudstack.hosts)
        )
        yield Line("Cluster", facts.cloudstack.managedstate, facts.cloudstack.managedstate != "Managed")
    elif facts.cloudstack_trouble:
        yield Line("CloudStack", "does not answer", wrong=True)
    else:
        yield Line("CloudStack", "not connected")


def _xenserver(pool: PoolFacts, policy: Policy) -> Iterator[Line]:
    master = pool.master_host
    yield Line("Master", master.name if master else "not known", master is None)
    yield Line("Recovery", recovery(pool, policy), not pool.ha.enabled and policy.wants_ha)
    yield Line("HA", ha(pool), not pool.ha.enabled and policy.wants_ha)
    well = sum(h.live and h.enabled for h in pool.hosts)
    yield Line("Hosts", f"{well} of {len(pool.hosts)} live and enabled", well < len(pool.hosts))
    loose = len({p.sr for p in pool.pbds if not p.attached})
    yield Line("Storage", f"{loose} not plugged everywhere" if loose else "all plugged", bool(loose))
    protected = sum(bool(v.ha_restart_priority) for v in pool.vms)
    yield Line("Protected", f"{protected} of {len(pool.vms)} VMs", bool(protected))
    pending = sum(bool(h.pending_guidances) for h in pool.hosts)
    yield Line("Restarts", f"pending on {pending} hosts" if pending else "none pending")
    versions = sorted({h.version for h in pool.hosts if h.version})
    yield Line("Versions", " and ".join(versions) or "not known", len(versions) > 1)


def ha(pool: PoolFacts) -> str:
    """`on, 180 s, 1 failure`, or `off`."""
    if not pool.ha.enabled:
        return "off"
    number = pool.ha.failures_to_tolerate
    timeout = f"{pool.ha.timeout_s} s" if pool.ha.timeout_s else "default timeout"
    return f"on, {timeout}, {number} {'failure' if number == 1 else 'failures'}"


def recovery(pool: PoolFacts, policy: Policy) -> str:
    """Who recovers the master if it dies now."""
    if pool.ha.enabled:
        return "XenServer HA elects"
    return "operators elect by hand" if policy.recovery == "operators" else "nobody recovers the master"
