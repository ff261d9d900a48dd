"""The pool as it was seen last, in the few lines that matter beside a run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pools.facts import Facts, Host, PoolFacts, Trouble
from pools.pages.now import states
from pools.rules.state import SILENCE


@dataclass(frozen=True, slots=True)
class Line:
    """One fact. `wrong` marks what somebody has to put right."""

    name: str
    value: str
    at: datetime
    wrong: bool = False


def lines(facts: Facts, host: str, owed: Iterable[str]) -> tuple[Line, ...]:
    """Facts about the pool and the run's host (a uuid, or empty). `owed` are kinds of this run's unpaid debts."""
    return tuple(_lines(facts, host, frozenset(owed)))


def _lines(facts: Facts, host: str, owed: frozenset[str]) -> Iterator[Line]:
    if facts.pool is None:
        yield Line("XenServer", _trouble(facts.pool_trouble), facts.at, wrong=True)
    else:
        yield from _xenserver(facts.pool, facts.at, owed)
    if facts.cloudstack is not None:
        yield Line("CloudStack", states(facts.cloudstack), facts.cloudstack_seen_at)
    elif facts.cloudstack_trouble is not None:
        yield Line("CloudStack", _trouble(facts.cloudstack_trouble), facts.cloudstack_seen_at, wrong=True)
    if facts.pool is not None and (about := facts.pool.host(host)):
        yield Line(f"On {about.name}", _on(facts.pool, about), facts.at)


def _xenserver(pool: PoolFacts, at: datetime, owed: frozenset[str]) -> Iterator[Line]:
    master = pool.master_host
    yield Line("Master", master.name if master else pool.master, at)
    if pool.ha.enabled:
        yield Line("HA", f"on, {pool.ha.timeout_s} s" if pool.ha.timeout_s else "on", at)
    else:
        yield Line("HA", "off, by this run" if "ha" in owed else "off", at, wrong="ha" in owed)
    live, enabled = sum(h.live for h in pool.hosts), sum(h.enabled for h in pool.hosts)
    of = f"{live} of {len(pool.hosts)} live" if live < len(pool.hosts) else f"{live} live"
    yield Line("Hosts", f"{of}, {enabled} enabled", at, wrong=live < len(pool.hosts))


def _on(pool: PoolFacts, host: Host) -> str:
    guests = pool.vms_on(host.uuid)
    disks = sum(sr.vdis for sr in pool.local_srs(host.uuid))
    said = [
        "no VM" if not guests else "1 VM, " + guests[0].name if len(guests) == 1 else f"{len(guests)} VMs"
    ]
    return ", ".join(said + ([f"{disks} local disk{'s' if disks > 1 else ''}"] if disks else []))


def _trouble(trouble: Trouble | None) -> str:
    if trouble is None:
        return "not looked at yet"
    met = SILENCE.get(trouble.code)
    return f"does not answer: {met}" if met else trouble.says or trouble.code
