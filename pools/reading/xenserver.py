"""XAPI's records as facts about one pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from pools.facts import Alert, Ha, Host, Pbd, PoolFacts, Sr, Task, Vm
from pools.reading.values import decimal, flag, moment, number, text, words

Record = dict[str, Any]
Records = Mapping[str, Record]
Clock = tuple[float, float]
"""Seconds by which a host's clock is ahead of ours, and how far off that may be."""
NOISE = 5
"""Priority of messages that only inform: VM_STARTED and the like."""
NEAR = frozenset(f"HA_{what}_APPROACHING_TIMEOUT" for what in ("STATEFILE", "HEARTBEAT", "XAPI_HEALTHCHECK"))
"""Kept although their priority is that of noise: they tell how slow the heartbeat was."""
ALERTS = 200
"""How many of the newest messages are kept."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What XAPI answered, by reference. `metrics` is None when it was not told who is live."""

    pool_ref: str
    pool: Record
    hosts: Records
    metrics: Records | None = None
    pbds: Records = field(default_factory=dict)
    srs: Records = field(default_factory=dict)
    vms: Records = field(default_factory=dict)
    vbds: Records | None = None
    """Of running guests; None when they were not told."""
    tasks: Records = field(default_factory=dict)
    messages: Records = field(default_factory=dict)
    certificates: Records = field(default_factory=dict)
    statefile_srs: tuple[str, ...] = ()
    """References of the SRs that hold the statefile VDIs."""
    free_memory: Mapping[str, int | None] = field(default_factory=dict)
    clocks: Mapping[str, Clock] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """Facts, and the answers that they were made of."""

    answers: Answers
    facts: PoolFacts


def pool_facts(answers: Answers, before: Made | None = None) -> PoolFacts:
    """One pool, with references resolved to uuids. What is made of the very records that `before` was made of is taken
    from there: what one change costs does not grow with what has not changed."""
    pool = answers.pool
    master = text(pool, "master")
    same = _Same(answers, before)
    return PoolFacts(
        uuid=text(pool, "uuid"),
        ref=answers.pool_ref,
        name=text(pool, "name_label"),
        master=_uuid(answers.hosts, master),
        ha=_ha(answers),
        hosts=same.hosts
        or tuple(sorted((_host(answers, r, master) for r in answers.hosts), key=lambda h: h.name)),
        srs=same.srs
        or tuple(sorted((_sr(r, sr) for r, sr in answers.srs.items()), key=lambda s: (s.name, s.uuid))),
        pbds=same.pbds or tuple(sorted((_pbd(answers, ref) for ref in answers.pbds), key=lambda p: p.uuid)),
        vms=same.vms or _vms(answers, same),
        tasks=tuple(
            sorted((task_facts(ref, task) for ref, task in answers.tasks.items()), key=lambda t: t.ref)
        ),
        alerts=_alerts(answers.messages),
        current_operations=words(pool.get("current_operations")),
        default_sr=_uuid(answers.srs, text(pool, "default_SR")),
    )


class _Same:
    """What of earlier facts still holds, since the very same records are behind it."""

    hosts: tuple[Host, ...] = ()
    srs: tuple[Sr, ...] = ()
    pbds: tuple[Pbd, ...] = ()
    vms: tuple[Vm, ...] = ()

    def __init__(self, now: Answers, before: Made | None) -> None:
        self._vms: dict[str, Vm] = {}
        self._records: Records = {}
        self._storage = False
        if before is None:
            return
        was, facts = before.answers, before.facts
        srs = was.srs is now.srs
        homes = _uuids(was.hosts) == _uuids(now.hosts)
        if _is(was, now, "hosts", "metrics", "certificates", "free_memory", "clocks") and _led_as(was, now):
            self.hosts = facts.hosts
        if srs:
            self.srs = facts.srs
        if was.pbds is now.pbds and homes and (srs or _uuids(was.srs) == _uuids(now.srs)):
            self.pbds = facts.pbds
        if homes:
            self._vms, self._records = {vm.ref: vm for vm in facts.vms}, was.vms
        self._storage = srs and was.vbds is now.vbds
        if homes and self._storage and was.vms is now.vms:
            self.vms = facts.vms

    def vm(self, ref: str, record: Record, storage: Storage) -> Vm | None:
        """The guest as it was, if it is as it was."""
        known = self._vms.get(ref)
        if known is None or self._records.get(ref) is not record:
            return None
        return known if self._storage or known.srs == storage.of(ref) else None


class Storage:
    """On which SRs guests have their disks; worked out when somebody asks."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    @cached_property
    def _all(self) -> Mapping[str, set[str]] | None:
        return _storage_of_guests(self._answers)

    def of(self, guest: str) -> tuple[str, ...] | None:
        """uuids, in order; None where it was not told."""
        return None if self._all is None else tuple(sorted(self._all.get(guest, ())))


def _is(was: Answers, now: Answers, *names: str) -> bool:
    return all(getattr(was, name) is getattr(now, name) for name in names)


def _led_as(was: Answers, now: Answers) -> bool:
    return text(was.pool, "master") == text(now.pool, "master")


def _uuids(records: Records) -> dict[str, Any]:
    return {ref: record.get("uuid") for ref, record in records.items()}


def _vms(answers: Answers, same: _Same) -> tuple[Vm, ...]:
    storage = Storage(answers)
    found = (same.vm(ref, vm, storage) or _vm(answers, ref, storage) for ref, vm in answers.vms.items())
    return tuple(sorted(found, key=lambda v: (v.name, v.uuid)))


def _uuid(records: Records, ref: str) -> str:
    return text(records[ref], "uuid") if ref in records else ""


def _ha(answers: Answers) -> Ha:
    pool = answers.pool
    asked = {str(key): str(value) for key, value in (pool.get("ha_configuration") or {}).items()}
    return Ha(
        enabled=bool(flag(pool.get("ha_enabled"))),
        timeout_s=number(asked.get("timeout")),
        default_timeout_s=number((pool.get("other_config") or {}).get("default_ha_timeout")),
        statefile_srs=tuple(
            dict.fromkeys(uuid for ref in answers.statefile_srs if (uuid := _uuid(answers.srs, ref)))
        ),
        failures_to_tolerate=number(pool.get("ha_host_failures_to_tolerate")) or 0,
        plan_exists_for=number(pool.get("ha_plan_exists_for")) or 0,
        overcommitted=bool(flag(pool.get("ha_overcommitted"))),
        allow_overcommit=bool(flag(pool.get("ha_allow_overcommit"))),
        cluster_stack=text(pool, "ha_cluster_stack"),
        configuration=tuple(sorted(asked.items())),
    )


def _host(answers: Answers, ref: str, master: str) -> Host:
    host = answers.hosts[ref]
    other: Record = host.get("other_config") or {}
    installed: Record = host.get("software_version") or {}
    metrics = None if answers.metrics is None else answers.metrics.get(text(host, "metrics"), {})
    ahead, within = answers.clocks.get(ref, (None, 0.0))
    return Host(
        uuid=text(host, "uuid"),
        ref=ref,
        name=text(host, "name_label") or text(host, "hostname"),
        address=text(host, "address"),
        enabled=bool(flag(host.get("enabled"))),
        # Without its metrics a host counts as dead; without anybody's metrics nothing is known against it.
        live=True if metrics is None else bool(flag(metrics.get("live"))),
        version=str(installed.get("product_version") or installed.get("platform_version") or ""),
        is_master=ref == master,
        boot_time=decimal(other.get("boot_time")),
        agent_start_time=decimal(other.get("agent_start_time")),
        memory_total=number((metrics or {}).get("memory_total")),
        memory_free=answers.free_memory.get(ref),
        pending_guidances=words(host.get("pending_guidances")),
        reboot_due=_reboot_due(host),
        maintenance_mode=bool(flag(other.get("MAINTENANCE_MODE"))),
        auto_enable=flag(host.get("auto_enable")),
        ha_statefiles=words(host.get("ha_statefiles")),
        ha_licensed=flag((host.get("license_params") or {}).get("enable_xha")),
        current_operations=words(host.get("current_operations")),
        certificate_expires=_expires(answers.certificates, ref),
        clock_ahead_s=ahead,
        clock_within_s=within,
    )


def _reboot_due(host: Record) -> bool:
    """By the guidance of 8.3 and later, in any of its grades, or the updates that 7.1 to 8.2 name."""
    grades = ("pending_guidances", "pending_guidances_recommended", "pending_guidances_full")
    asked = any(guidance.startswith("reboot_host") for grade in grades for guidance in words(host.get(grade)))
    return asked or bool(words(host.get("updates_requiring_reboot")))


def _expires(certificates: Records, host: str) -> datetime | None:
    """When the certificate ends that the host shows to us."""
    mine = (c for c in certificates.values() if c.get("host") == host and c.get("type", "host") == "host")
    return min((at for c in mine if (at := moment(c.get("not_after")))), default=None)


def _pbd(answers: Answers, ref: str) -> Pbd:
    pbd = answers.pbds[ref]
    return Pbd(
        uuid=text(pbd, "uuid"),
        ref=ref,
        host=_uuid(answers.hosts, text(pbd, "host")),
        sr=_uuid(answers.srs, text(pbd, "SR")),
        attached=bool(flag(pbd.get("currently_attached"))),
    )


def _sr(ref: str, sr: Record) -> Sr:
    return Sr(
        uuid=text(sr, "uuid"),
        ref=ref,
        name=text(sr, "name_label"),
        type=text(sr, "type"),
        shared=bool(flag(sr.get("shared"))),
        content_type=text(sr, "content_type"),
        size=number(sr.get("physical_size")),
        used=number(sr.get("physical_utilisation")),
        vdis=len(sr.get("VDIs") or ()),
    )


def _vm(answers: Answers, ref: str, storage: Storage) -> Vm:
    vm = answers.vms[ref]
    return Vm(
        uuid=text(vm, "uuid"),
        ref=ref,
        name=text(vm, "name_label"),
        power_state=text(vm, "power_state"),
        host=_uuid(answers.hosts, text(vm, "resident_on")),
        ha_restart_priority=text(vm, "ha_restart_priority"),
        memory=number(vm.get("memory_dynamic_max")) or number(vm.get("memory_static_max")) or 0,
        srs=storage.of(ref),
    )


def _storage_of_guests(answers: Answers) -> Mapping[str, set[str]] | None:
    """Reference of a guest → uuids of SRs: an SR's record names its disks, a VBD the disk and its guest."""
    if answers.vbds is None:
        return None
    homes = {disk: text(sr, "uuid") for sr in answers.srs.values() for disk in sr.get("VDIs") or ()}
    found: dict[str, set[str]] = {}
    for vbd in answers.vbds.values():
        if home := homes.get(text(vbd, "VDI")):
            found.setdefault(text(vbd, "VM"), set()).add(home)
    return found


def is_guest(vm: Record) -> bool:
    """No control domain, template or snapshot."""
    return not any(flag(vm.get(name)) for name in ("is_control_domain", "is_a_template", "is_a_snapshot"))


def task_facts(ref: str, task: Record) -> Task:
    """One task."""
    return Task(
        ref=ref,
        name=text(task, "name_label"),
        status=text(task, "status"),
        created=moment(task.get("created")),
        progress=decimal(task.get("progress")) or 0.0,
        error=tuple(str(part) for part in task.get("error_info") or ()),
    )


def _alerts(messages: Records) -> tuple[Alert, ...]:
    alerts = map(_alert, messages.values())
    found = [alert for alert in alerts if alert.priority < NOISE or alert.name in NEAR]
    found.sort(key=lambda a: (a.at is not None, a.at, a.uuid), reverse=True)
    return tuple(found[:ALERTS])


def _alert(message: Record) -> Alert:
    return Alert(
        uuid=text(message, "uuid"),
        name=text(message, "name"),
        priority=number(message.get("priority")) or NOISE,
        subject=text(message, "obj_uuid"),
        at=moment(message.get("timestamp")),
        body=text(message, "body", 4096),
    )
