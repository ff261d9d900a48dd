"""What changed between two looks, as entries of a timeline. Pure: facts in, entries out.

Only what a person would tell another person: the master, HA, hosts, cables, CloudStack's states. A captain that was
silent on one side is not compared, so that nothing seems to vanish and come back with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from pools.cloudstack_facts import CloudStackFacts, CsHost
from pools.facts import Alert, Facts, Host, PoolFacts, Task, Trouble

EPOCH = datetime.fromtimestamp(0, UTC)
TELLING = frozenset(
    {
        "HA_HOST_FAILED",
        "HA_HOST_WAS_FENCED",
        "HA_POOL_OVERCOMMITTED",
        "HA_STATEFILE_LOST",
        "HOST_CLOCK_SKEW_DETECTED",
        "PBD_PLUG_FAILED_ON_SERVER_START",
        "POOL_MASTER_TRANSITION",
    }
)
"""XenServer's alerts that belong into the timeline; the rest (guests started, moved …) is noise there."""


class Source(StrEnum):
    """Who says so."""

    XENSERVER = "xenserver"
    CLOUDSTACK = "cloudstack"
    BATON = "baton"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the timeline. `happened_at` only where a captain tells the moment itself; `not_before` is when it
    was last seen otherwise. `by` is whom a captain names, `trace` its own record of how: an event, a task."""

    source: Source
    kind: str
    subject: str
    says: str
    subject_uuid: str = ""
    before: str = ""
    after: str = ""
    happened_at: datetime | None = None
    not_before: datetime | None = None
    by: str = ""
    trace: str = ""


TASKS = {
    "ha": ("pool.enable_ha", "pool.disable_ha"),
    "ha-timeout": ("pool.enable_ha",),
    "master": ("pool.designate_new_master", "pool.emergency_transition_to_master"),
    "enabled": ("host.disable", "host.enable", "host.evacuate"),
}
"""Kind of a line → XenServer's tasks that bring it about; XAPI tells of no task who started it."""


def entries(before: Facts | None, after: Facts) -> Iterator[Entry]:
    """What became otherwise from one look to the next. Nothing before the first look: then nothing has changed."""
    if before is None:
        return
    yield from _answers("XenServer", before.pool_trouble, after.pool_trouble)
    yield from _answers("CloudStack", before.cloudstack_trouble, after.cloudstack_trouble)
    if before.pool and after.pool:
        tasks = (*before.pool.tasks, *after.pool.tasks)
        yield from (_traced(entry, tasks) for entry in _pool(before.pool, after.pool))
    if before.cloudstack and after.cloudstack:
        yield from _cloudstack(before.cloudstack, after.cloudstack)


def _answers(captain: str, before: Trouble | None, after: Trouble | None) -> Iterator[Entry]:
    was, now = before.code if before else "", after.code if after else ""
    if was == now:
        return
    says = (
        f"{captain} answers again." if not after else f"{captain} cannot be read: {after.says or after.code}"
    )
    yield Entry(
        source=Source.BATON,
        kind="answers",
        subject=captain,
        says=says,
        before=was or "answers",
        after=now or "answers",
    )


def _pool(old: PoolFacts, new: PoolFacts) -> Iterator[Entry]:
    if old.master != new.master:
        was, now = _name(old, new, old.master), _name(new, old, new.master)
        yield _xen("master", now, f"{now} is the master now; before, it was {was}.", new.master, was, now)
    yield from _ha(old, new)
    yield from _guards(old, new)
    known = {h.uuid: h for h in old.hosts}
    for host in new.hosts:
        if host.uuid not in known:
            yield _xen("member", host.name, f"{host.name} joined the pool.", host.uuid, "", "member")
        else:
            yield from _host(known[host.uuid], host)
    members = {h.uuid for h in new.hosts}
    for host in old.hosts:
        if host.uuid not in members:
            yield _xen("member", host.name, f"{host.name} left the pool.", host.uuid, "member", "")
    yield from _cables(old, new)
    heard = {a.uuid for a in old.alerts}
    yield from (_alert(new, a) for a in new.alerts if a.uuid not in heard and a.name in TELLING)


def _ha(old: PoolFacts, new: PoolFacts) -> Iterator[Entry]:
    if old.ha.enabled != new.ha.enabled:
        was, now = _on(old.ha.enabled), _on(new.ha.enabled)
        with_ = f" with a timeout of {_seconds(new.ha.timeout_s)}" if new.ha.enabled else ""
        yield _xen("ha", new.name, f"HA was turned {now}{with_}.", new.uuid, was, now)
        return
    if not new.ha.enabled:
        return
    shown = (
        ("ha-timeout", "HA timeout", _seconds(old.ha.timeout_s), _seconds(new.ha.timeout_s)),
        ("ha-storage", "heartbeat SR", _srs(old), _srs(new)),
        (
            "ha-failures",
            "host failures to tolerate",
            *map(str, (old.ha.failures_to_tolerate, new.ha.failures_to_tolerate)),
        ),
    )
    for kind, what, was, now in shown:
        if was != now:
            yield _xen(kind, new.name, f"{what[0].upper()}{what[1:]}: {was} → {now}.", new.uuid, was, now)


def _guards(old: PoolFacts, new: PoolFacts) -> Iterator[Entry]:
    """What guards against another tool's re-enable, and which guests XenServer would restart."""
    was, now = old.ha.default_timeout_s, new.ha.default_timeout_s
    if was != now:
        words = ("not set" if was is None else f"{was} s", "not set" if now is None else f"{now} s")
        yield _xen("ha-guard", new.name, f"default_ha_timeout: {words[0]} → {words[1]}.", new.uuid, *words)
    before, after = _protected(old), _protected(new)
    more, fewer = after.keys() - before.keys(), before.keys() - after.keys()
    for uuids, names, says in ((more, after, "HA protects"), (fewer, before, "HA no longer protects")):
        if uuids:
            first = sorted(names[uuid] for uuid in uuids)
            which = ", ".join(first[:NAMED]) + (
                f" and {len(first) - NAMED} more" if len(first) > NAMED else ""
            )
            yield _xen("protected", new.name, f"{says} {which}.", new.uuid, str(len(before)), str(len(after)))


NAMED = 5


def _protected(pool: PoolFacts) -> dict[str, str]:
    return {vm.uuid: vm.name for vm in pool.vms if vm.ha_restart_priority}


def _traced(entry: Entry, tasks: tuple[Task, ...]) -> Entry:
    """The line with the latest task that may have done it."""
    names = TASKS.get(entry.kind, ())
    fitting = [task for task in tasks if task.name.removeprefix("Async.") in names and task.created]
    if not fitting:
        return entry
    task = max(fitting, key=lambda each: each.created or EPOCH)
    return replace(entry, trace=f"XenServer’s task {task.name} of {task.created:%H:%M:%S} UTC")


def _host(old: Host, new: Host) -> Iterator[Entry]:
    shown = (
        ("live", old.live, new.live, "live", "dead"),
        ("enabled", old.enabled, new.enabled, "enabled", "disabled"),
    )
    for kind, was, now, yes, no in shown:
        if was != now:
            words = (yes, no) if was else (no, yes)
            yield _xen(kind, new.name, f"{new.name} is {words[1]}; it was {words[0]}.", new.uuid, *words)
    if old.version and new.version and old.version != new.version:
        says = f"{new.name} runs {new.version}; it ran {old.version}."
        yield _xen("version", new.name, says, new.uuid, old.version, new.version)
    if _later(old.boot_time, new.boot_time):
        yield _started("boot", f"{new.name} booted.", new, new.boot_time)
    elif _later(old.agent_start_time, new.agent_start_time):
        yield _started("toolstack", f"The toolstack of {new.name} restarted.", new, new.agent_start_time)


def _started(kind: str, says: str, host: Host, epoch: float | None) -> Entry:
    at = datetime.fromtimestamp(epoch, UTC) if epoch else None
    return Entry(
        source=Source.XENSERVER,
        kind=kind,
        subject=host.name,
        subject_uuid=host.uuid,
        says=says,
        happened_at=at,
    )


def _cables(old: PoolFacts, new: PoolFacts) -> Iterator[Entry]:
    was = {p.uuid: p.attached for p in old.pbds}
    for pbd in new.pbds:
        host, sr = new.host(pbd.host), new.sr(pbd.sr)
        if host is None or sr is None or was.get(pbd.uuid, pbd.attached) == pbd.attached:
            continue
        words = ("unplugged", "plugged") if pbd.attached else ("plugged", "unplugged")
        yield _xen(
            "storage", host.name, f"Storage {sr.name} was {words[1]} on {host.name}.", host.uuid, *words
        )


def _alert(pool: PoolFacts, alert: Alert) -> Entry:
    host = pool.host(alert.subject)
    about = host.name if host else pool.name
    says = f"XenServer's alert {alert.name} about {about}{f': {alert.body}' if alert.body else '.'}"
    return Entry(
        source=Source.XENSERVER,
        kind="alert",
        subject=about,
        subject_uuid=alert.subject,
        says=says,
        after=alert.name,
        happened_at=alert.at,
    )


def _cloudstack(old: CloudStackFacts, new: CloudStackFacts) -> Iterator[Entry]:
    if old.managedstate != new.managedstate:
        says = f"Cluster {new.cluster_name} is {new.managedstate} in CloudStack; it was {old.managedstate}."
        entry = _cs("managedstate", new.cluster_name, says, new.cluster, old.managedstate, new.managedstate)
        yield _named(entry, new)
    if old.version and new.version and old.version != new.version:
        says = f"CloudStack runs {new.version}; it ran {old.version}."
        yield _cs("version", new.cluster_name, says, new.cluster, old.version, new.version)
    known = {h.id: h for h in old.hosts}
    for host in new.hosts:
        if host.id in known:
            yield from (_named(entry, new) for entry in _cs_host(known[host.id], host))
        else:
            yield _cs("member", host.name, f"{host.name} was added to CloudStack.", host.id, "", host.state)
    there = {h.id for h in new.hosts}
    for host in old.hosts:
        if host.id not in there:
            yield _cs(
                "member", host.name, f"{host.name} was deleted from CloudStack.", host.id, host.state, ""
            )


def _named(entry: Entry, seen: CloudStackFacts) -> Entry:
    """The line with who did it and when, where CloudStack's event log tells: its latest event about it."""
    kinds = EVENTS.get(entry.kind, ())
    told = (
        [e for e in seen.events if e.subject == entry.subject_uuid and e.type.startswith(kinds)]
        if kinds
        else []
    )
    if not told:
        return entry
    last = max(told, key=lambda e: e.at)
    return replace(entry, by=last.user, trace=last.type, happened_at=last.at)


EVENTS = {"resourcestate": ("MAINT.", "HOST."), "managedstate": ("CLUSTER.",)}
"""Kind of a line → how the types of CloudStack's events begin that tell who did it."""


def _cs_host(old: CsHost, new: CsHost) -> Iterator[Entry]:
    if old.state != new.state:
        says = f"CloudStack shows {new.name} in {new.state}; it was {old.state}."
        yield _cs("state", new.name, says, new.id, old.state, new.state)
    if old.resourcestate != new.resourcestate:
        says = f"{new.name} is {new.resourcestate} in CloudStack; it was {old.resourcestate}."
        yield _cs("resourcestate", new.name, says, new.id, old.resourcestate, new.resourcestate)


def _xen(kind: str, subject: str, says: str, uuid: str, before: str, after: str) -> Entry:
    return Entry(
        source=Source.XENSERVER,
        kind=kind,
        subject=subject,
        says=says,
        subject_uuid=uuid,
        before=before,
        after=after,
    )


def _cs(kind: str, subject: str, says: str, uuid: str, before: str, after: str) -> Entry:
    return Entry(
        source=Source.CLOUDSTACK,
        kind=kind,
        subject=subject,
        says=says,
        subject_uuid=uuid,
        before=before,
        after=after,
    )


def _name(pool: PoolFacts, other: PoolFacts, uuid: str) -> str:
    host = pool.host(uuid) or other.host(uuid)
    return host.name if host else uuid


def _srs(pool: PoolFacts) -> str:
    return (
        ", ".join(sr.name if (sr := pool.sr(uuid)) else uuid for uuid in pool.ha.statefile_srs) or "not known"
    )


def _on(enabled: bool) -> str:
    return "on" if enabled else "off"


def _seconds(timeout_s: int | None) -> str:
    return "the version's default" if timeout_s is None else f"{timeout_s} s"


def _later(old: float | None, new: float | None) -> bool:
    """Whether something started anew; the same start may be told with a second's difference."""
    return old is not None and new is not None and new - old > 2
