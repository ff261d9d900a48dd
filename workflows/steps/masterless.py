"""What is asked while no master answers: of the members by themselves, and of what the pool was when it last answered.

Until then only local sessions work, and only emergency calls are right on them: a normal call on one skips roles, is
not forwarded, and writes to the wrong database or hangs.
"""

from __future__ import annotations

from datetime import datetime

from pools.elections import elected_within, elects_master
from pools.facts import Facts, Host
from pools.rules.state import SILENCE
from pools.rules.words import clock
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Causes, Check
from workflows.steps.dead import ABSENT, power_of

SYNC_S = 300
"""XAPI copies its database to one member after the other, and waits so long before each (pool_db_backup.ml:316)."""
WITHOUT_MASTER = Causes(
    pool=("master-moved", "master-unreachable", "no-master-recovery", "ha-off-unwanted"),
    host=ABSENT.host,
    passing=(
        "master-suspect",
        "master-disputed",
        "master-disabled",
        "host-emergency",
        "host-disabled",
        "host-dead",
        "host-storage-detached",
        "cloudstack-alert",
        "cloudstack-disconnected",
        "cloudstack-stale-up",
    ),
)


def old_master(s: Situation) -> Host:
    """The master when it last answered."""
    was = s.baseline.pool.master_host if s.baseline.pool else None
    if was is None:
        raise NotKnown("It is not known who was master when the pool last answered.")
    return was


def ha_was_on(s: Situation) -> bool:
    """Whether HA was on when the master answered last: then the members are armed."""
    return bool(s.baseline.pool and s.baseline.pool.ha.enabled)


def others(s: Situation) -> tuple[Host, ...]:
    """The members but for the successor, and for the run's host where it is about a dead one."""
    return tuple(h for h in s.known_pool.hosts if h.uuid not in (s.inputs.get("host"), s.successor.uuid))


def answers(s: Situation, host: Host) -> bool:
    seen = s.probe(host)
    return bool(seen and seen.answers)


def no_master_answers(s: Situation) -> Check:
    old = old_master(s)
    return Check(
        s.facts.pool is None and not answers(s, old),
        f"{old.name} does not answer, and nobody else does as master",
        "A master lives. While it answers use change master; while it only half answers, mend it or switch it off.",
        _how_silent(s, old),
    )


def _how_silent(s: Situation, old: Host) -> str:
    """What the silence was met by, and that it proves nothing about the machine."""
    trouble = s.facts.pool_trouble
    if trouble is None:
        return ""
    met = SILENCE.get(trouble.code, trouble.says.rstrip("."))
    if power := power_of(s, old):
        return f"{met}; out-of-band management says {power}"
    return f"{met}; whether {old.name} has power, only a look at the machine tells"


def nobody_took_over(s: Situation) -> Check:
    """Members go on naming a dead master; one that names another has heard of an election."""
    named = {p.master for p in s.facts.probes if p.answers and p.master} - {old_master(s).address}
    names = ", ".join(next((h.name for h in s.known_pool.hosts if h.address == a), a) for a in sorted(named))
    return Check(
        not named, "No member follows another master", f"{names} is named as master: look there first."
    )


def ha_had_its_time(s: Situation) -> Check:
    """Two elections at once are worse than a late one."""
    until = elects_until(s.baseline)
    return Check(
        until is None or s.facts.at >= until,
        "HA has had its time to elect",
        f"HA was on: XenServer elects by itself until about {clock(until)}." if until else "",
    )


def elects_until(known: Facts) -> datetime | None:
    """Until when HA may still elect, counted from the last answer of the master; None while HA was off."""
    if known.pool is None or not known.pool.ha.enabled:
        return None
    return known.at + elected_within(known.pool.ha.timeout_s)


def cloudstack_leaves_it(s: Situation) -> Check:
    """An old CloudStack makes a member the master as soon as it finds the pool without one. With HA armed XAPI refuses
    it that; in a cluster that it does not manage it does not try."""
    seen = s.facts.cloudstack
    elects = bool(seen and seen.managedstate == "Managed" and elects_master(seen.version))
    version = seen.version if seen else ""
    return Check(
        not elects or ha_was_on(s),
        "CloudStack leaves the election to us",
        f"CloudStack {version} makes a member the master by itself: give it some minutes. If it does not come to that, "
        "set the cluster to Unmanaged first, so that two are not elected.",
    )


def candidate_answers(s: Situation) -> Check:
    return Check(
        answers(s, s.successor),
        f"{s.successor.name} answers at its own address",
        "It is silent now. Wait until it answers, or plan anew with another host.",
    )


def is_master_now(s: Situation) -> Check:
    return Check(
        s.pool.master == s.successor.uuid,
        f"{s.successor.name} is the master",
        "Another host is: look at the pool before you go on.",
    )


def no_second_master(s: Situation) -> Check:
    """The old master demotes itself when it sees the new one; cut off from it, it does not."""
    old = old_master(s)
    seen = s.probe(old)
    second = old.uuid != s.successor.uuid and bool(seen and seen.answers and seen.master == old.address)
    return Check(
        not second,
        f"{old.name} is not back as a second master",
        "It answers as a master: switch it off now, or cut it off from network and storage.",
    )
