"""What a pool's master last said, kept up to date by what it tells (event.from). Pure: batches in, facts out.

The mirror holds the records that facts are made of, cut to the fields that are read (pools/reading/xenserver.py), by
class and reference. It begins with a full look's answers and a token from *before* that look: events carry whole
records, so what they repeat does no harm, and nothing falls between the two.

What events cannot tell, and what is done about it:

- memory free on a host: asked again for a host whose guests or size changed (`restless`), else by the full round;
- the SR of a heartbeat's disk: an SR's record names its disks;
- alerts: the window of days is cut when facts are made;
- sizes of SRs: XAPI tells them when it rescans, as a full look would see them.

A mirror is never trusted for longer than a few minutes: then a full look takes its place.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from pools.facts import PoolFacts
from pools.reading.values import flag, moment, number
from pools.reading.xenserver import NOISE, Answers, Clock, Made, Record, Records, is_guest, pool_facts

ALERTS_SINCE = timedelta(days=2)
Keys = tuple[str, ...]

FIELDS: Mapping[str, Keys] = {
    "pool": (
        *("uuid", "name_label", "master", "default_SR", "current_operations", "other_config", "ha_enabled"),
        *("ha_configuration", "ha_statefiles", "ha_host_failures_to_tolerate", "ha_plan_exists_for"),
        *("ha_overcommitted", "ha_allow_overcommit", "ha_cluster_stack"),
    ),
    "host": (
        *(
            "uuid",
            "name_label",
            "hostname",
            "address",
            "enabled",
            "other_config",
            "software_version",
            "metrics",
        ),
        *("pending_guidances", "pending_guidances_recommended", "pending_guidances_full"),
        *("updates_requiring_reboot", "auto_enable", "ha_statefiles", "license_params", "current_operations"),
    ),
    "host_metrics": ("live", "memory_total"),
    "pbd": ("uuid", "host", "SR", "currently_attached"),
    "sr": (
        *("uuid", "name_label", "type", "shared", "content_type", "physical_size", "physical_utilisation"),
        "VDIs",
    ),
    "vm": (
        *("uuid", "name_label", "power_state", "resident_on", "ha_restart_priority"),
        *("memory_dynamic_max", "memory_static_max"),
    ),
    "vbd": ("VM", "VDI"),
    "task": ("name_label", "status", "created", "progress", "error_info"),
    "message": ("uuid", "name", "priority", "obj_uuid", "timestamp", "body"),
    "certificate": ("host", "type", "not_after"),
}
"""By class, in small letters as events name them."""
OF_MAPS: Mapping[str, Keys] = {
    "other_config": ("default_ha_timeout", "boot_time", "agent_start_time", "MAINTENANCE_MODE"),
    "software_version": ("product_version", "platform_version"),
    "license_params": ("enable_xha",),
}
"""Of these maps, which may be long, only that much is read."""
CLASSES = tuple(FIELDS)
ONLY_SOME = frozenset({"vm", "vbd"})
"""Of these a part is kept: guests, and disks that are plugged."""
UNCOUNTED = frozenset({"message"})
"""XAPI keeps messages outside its database, and counts only that."""


class Doubt(Exception):
    """The mirror may no longer be what the master has: a full look has to say. The message is for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """What the master said up to `token`. A class that could not be read is absent from `records`."""

    token: str
    records: Mapping[str, Records]
    free_memory: Mapping[str, int | None]
    """By reference of the host, in bytes."""
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    """By reference of the host, of the full look behind this."""
    gaps: tuple[str, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)
    """How many there are of a class that is kept in part, beyond those kept; unknown before the first batch."""
    uneven: frozenset[str] = frozenset()
    """Classes whose count was not ours after the last batch. XAPI counts before it writes a record down, so that what
    goes meanwhile is counted once: twice in a row is a doubt."""
    restless: frozenset[str] = frozenset()
    """References of hosts whose free memory has to be asked again."""


def mirror_of(answers: Answers, gaps: tuple[str, ...], token: str) -> Mirror:
    """What a full look read, and the token from before it."""
    read: dict[str, Records | None] = {
        "pool": {answers.pool_ref: answers.pool},
        "host": answers.hosts,
        "host_metrics": answers.metrics,
        "pbd": answers.pbds,
        "sr": answers.srs,
        "vm": answers.vms,
        "vbd": answers.vbds,
        "task": answers.tasks,
        "message": answers.messages,
        "certificate": answers.certificates,
    }
    refused = {
        gap.partition(".")[0].lower() for gap in gaps if ".get_all_records:" in gap or ".get_since:" in gap
    }
    records = {
        name: {sys.intern(ref): cut(name, record) for ref, record in found.items() if _kept(name, record)}
        for name, found in read.items()
        if found is not None and not (name in refused and not found)
    }
    return Mirror(
        token=token,
        records=records,
        free_memory=dict(answers.free_memory),
        clocks=dict(answers.clocks),
        gaps=gaps,
    )


def cut(name: str, record: Record) -> Record:
    """The fields of a record that are read; references are kept once, however often they occur."""
    return {key: _small(key, record[key]) for key in FIELDS[name] if key in record}


def _small(key: str, value: Any) -> Any:
    if key in OF_MAPS:
        return {inner: value[inner] for inner in OF_MAPS[key] if inner in (value or {})}
    if isinstance(value, str):
        return sys.intern(value) if value.startswith("OpaqueRef:") else value
    if isinstance(value, list):
        return [_small("", inner) for inner in value]
    return value


def _kept(name: str, record: Record) -> bool:
    """Whether a full look would have it."""
    if name == "vm":
        return is_guest(record)
    if name == "vbd":
        return bool(flag(record.get("currently_attached", True)))
    if name == "message":
        return (number(record.get("priority")) or NOISE) < NOISE
    return True


def applied(mirror: Mirror, batch: Any) -> Mirror:
    """The mirror after what `event.from` told; the same records, when it told nothing that is read. Raises Doubt."""
    try:
        token, events, counts = str(batch["token"]), batch["events"], dict(batch["valid_ref_counts"])
        after = _Change(mirror)
        for event in events:
            after.take(str(event["class"]).lower(), str(event["operation"]), str(event["ref"]), event)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise Doubt(f"what it told cannot be read: {type(error).__name__}") from None
    others, uneven = _counted(mirror, after.records, after.others, counts)
    if again := sorted(uneven & mirror.uneven):
        raise Doubt(f"the master has another number of objects of {', '.join(again)}")
    _whole(mirror, after.records)
    return replace(
        mirror,
        token=token,
        records=after.records,
        others=others,
        uneven=uneven,
        restless=mirror.restless | after.restless,
    )


class _Change:
    """A mirror's records while a batch is applied; what no event touches is shared with the mirror."""

    def __init__(self, mirror: Mirror) -> None:
        self.records = mirror.records
        self.others = dict(mirror.others)
        self.restless: set[str] = set()
        self._own: dict[str, dict[str, Record]] = {}

    def take(self, name: str, operation: str, ref: str, event: Mapping[str, Any]) -> None:
        """One event. Raises Doubt when it cannot be what was asked for."""
        if name not in FIELDS or operation not in ("add", "mod", "del"):
            raise Doubt(f"it told of {operation} {name}, which nobody asked for")
        if name not in self.records:
            return  # it could not be read at the full look either
        was = self.records[name].get(ref)
        record = None if operation == "del" else event["snapshot"]
        now = cut(name, record) if record is not None and _kept(name, record) else None
        if name in self.others:
            self.others[name] += (
                (operation == "add") - (operation == "del") + (was is not None) - (now is not None)
            )
        if now == was:
            return
        self._set(name, ref, now)
        self._stir(name, ref, was, now)

    def _set(self, name: str, ref: str, record: Record | None) -> None:
        if name not in self._own:
            self._own[name] = dict(self.records[name])
            self.records = {**self.records, name: self._own[name]}
        if record is None:
            self._own[name].pop(ref, None)
        else:
            self._own[name][sys.intern(ref)] = record

    def _stir(self, name: str, ref: str, was: Record | None, now: Record | None) -> None:
        """Whose free memory is another now."""
        if name == "vm":
            self.restless |= {str(vm.get("resident_on")) for vm in (was, now) if vm}
        elif name == "host" and (was is None or now is None):
            self.restless.add(ref)
        elif name == "host_metrics":
            self.restless |= {h for h, host in self.records["host"].items() if host.get("metrics") == ref}


def _counted(
    mirror: Mirror, records: Mapping[str, Records], others: dict[str, int], counts: Mapping[str, Any]
) -> tuple[dict[str, int], frozenset[str]]:
    """The others of each class, learned at the first batch, and the classes that are not as many as the master has."""
    uneven = set()
    for name, kept in records.items():
        count = number(counts.get(name))
        if count is None or name in UNCOUNTED:
            continue
        if name in ONLY_SOME and name not in mirror.others:
            others[name] = count - len(kept)
        if len(kept) + others.get(name, 0) != count or others.get(name, 0) < 0:
            uneven.add(name)
    return others, frozenset(uneven)


def _whole(mirror: Mirror, records: Mapping[str, Records]) -> None:
    """Whether there is still one pool with hosts, under a master that has not started anew."""
    if len(records["pool"]) != 1 or not records["host"]:
        raise Doubt("no pool or no hosts in it any more")
    before, after = _start(mirror.records), _start(records)
    if before[0] == after[0] and before != after:
        raise Doubt("the master's toolstack has started anew")


def _start(records: Mapping[str, Records]) -> tuple[str, str]:
    (pool,) = records["pool"].values()
    master = str(pool.get("master"))
    host = records["host"].get(master, {})
    return master, str((host.get("other_config") or {}).get("agent_start_time"))


def settled(mirror: Mirror, free_memory: Mapping[str, int | None]) -> Mirror:
    """The mirror with the free memory that was asked again."""
    hosts = mirror.records["host"]
    known = {ref: free for ref, free in {**mirror.free_memory, **free_memory}.items() if ref in hosts}
    return replace(mirror, free_memory=known, restless=frozenset())


def renewed(fresh: Mirror, before: Mirror) -> Mirror:
    """What was just read, with the very records of the mirror before it wherever they are the same: what was made from
    those still holds, and is not made anew."""
    return replace(
        fresh,
        records={name: _same(kept, before.records.get(name, {})) for name, kept in fresh.records.items()},
    )


def _same(fresh: Records, before: Records) -> Records:
    same = {ref: before[ref] if before.get(ref) == record else record for ref, record in fresh.items()}
    unchanged = len(same) == len(before) and all(record is before.get(ref) for ref, record in same.items())
    return before if unchanged else same


def measured_otherwise(before: Mirror, after: Mirror) -> bool:
    """Whether free memory is another, or a clock goes otherwise by more than either measurement may be off."""
    if before.free_memory != after.free_memory:
        return True
    unknown = (0.0, float("inf"))
    pairs = ((before.clocks.get(ref, unknown), now) for ref, now in after.clocks.items())
    return any(abs(now[0] - was[0]) > now[1] + was[1] for was, now in pairs)


def facts_of(mirror: Mirror, now: datetime) -> PoolFacts:
    """The facts that a full look would give at this moment."""
    return made_of(mirror, now).facts


def made_of(mirror: Mirror, now: datetime, before: Made | None = None) -> Made:
    """The same with what they were made of, out of earlier ones of this mirror where nothing has changed."""
    answers = _answers(mirror, now)
    return Made(answers, pool_facts(answers, before))


def _answers(mirror: Mirror, now: datetime) -> Answers:
    records = mirror.records
    ((ref, pool),) = records["pool"].items()
    recent = {
        ref: message
        for ref, message in records.get("message", {}).items()
        if (at := moment(message.get("timestamp"))) is None or now - at <= ALERTS_SINCE
    }
    return Answers(
        pool_ref=ref,
        pool=pool,
        hosts=records["host"],
        metrics=records.get("host_metrics"),
        pbds=records.get("pbd", {}),
        srs=records.get("sr", {}),
        vms=records.get("vm", {}),
        vbds=records.get("vbd"),
        tasks=records.get("task", {}),
        messages=recent,
        certificates=records.get("certificate", {}),
        statefile_srs=_homes(pool, records.get("sr", {})),
        free_memory=mirror.free_memory,
        clocks=mirror.clocks,
    )


def _homes(pool: Record, srs: Records) -> tuple[str, ...]:
    """References of the SRs that hold the heartbeat's disks."""
    return tuple(
        ref
        for vdi in pool.get("ha_statefiles") or ()
        for ref, sr in srs.items()
        if vdi in (sr.get("VDIs") or ())
    )


def mirror_to(mirror: Mirror) -> dict[str, Any]:
    """As plain values, to be put down."""
    return {
        "fields": _shape(),
        "token": mirror.token,
        "records": {name: dict(records) for name, records in mirror.records.items()},
        "free_memory": dict(mirror.free_memory),
        "clocks": dict(mirror.clocks),
        "gaps": list(mirror.gaps),
        "others": dict(mirror.others),
    }


def mirror_from(plain: dict[str, Any]) -> Mirror | None:
    """What `mirror_to` gave, or None where it is of a release that kept other fields."""
    if plain.get("fields") != _shape():
        return None
    try:
        records = {
            name: {sys.intern(ref): cut(name, record) for ref, record in plain["records"][name].items()}
            for name in FIELDS
            if name in plain["records"]
        }
        return Mirror(
            token=plain["token"],
            records=records,
            free_memory=plain["free_memory"],
            clocks={ref: (ahead, within) for ref, (ahead, within) in plain.get("clocks", {}).items()},
            gaps=tuple(plain["gaps"]),
            others=plain["others"],
        )
    except (LookupError, TypeError, AttributeError):
        return None


def _shape() -> dict[str, list[str]]:
    return {name: list(fields) for name, fields in FIELDS.items()}
