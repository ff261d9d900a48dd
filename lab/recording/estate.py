"""The world that the answers describe, under other names, with nothing broken that was not broken there."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from lab.cloudstack import start as cloudstack_start
from lab.recording import names
from lab.recording.asking import Records
from lab.scenarios import CLOUDSTACK
from lab.scenarios.build import add_host, add_sr, add_vdi, address, bare_pool, switch_ha_on
from lab.world import SM, SR, VDI, VM, Clock, Host, Pool, World

HA_DISKS = ("ha_statefile", "redo_log")
DRIVERS = {"nfs", "lvmoiscsi", "lvmohba", "ext", "lvm", "iso", "lvmofcoe", "gfs2", "smb", "file"}
VERSION = re.compile(r"\d+(\.\d+)*")
RELEASE_API = ("API_version_major", "API_version_minor")
YES = ("true", True)


@dataclass
class Recorded:
    """One pool while it is built: the answers, and what each reference has become."""

    asked: dict[str, Records]
    pool: Pool
    hosts: dict[str, Host]
    srs: dict[str, SR]
    vdis: dict[str, VDI]


def build(
    clock: Clock, pools: list[dict[str, Records]], cloud: dict[str, list[dict[str, Any]]] | None
) -> World:
    """A world that may be saved. ``pools`` are the records of each pool by class, ``cloud`` CloudStack's lists."""
    world = World(clock, _seed(pools))
    built = [_pool(world, asked) for asked in pools]
    world.cloudstack_plan = {**CLOUDSTACK, **(_plan(built, cloud) if cloud is not None else {})}
    cloudstack_start.start(world)
    world.begin()
    return world


def _seed(pools: list[dict[str, Records]]) -> int:
    """The same for the same estate, so that it gets the same new uuids; another for every other."""
    uuids = sorted(one["uuid"] for asked in pools for one in asked["pool"].values())
    return int.from_bytes(hashlib.sha256(" ".join(uuids).encode()).digest()[:8], "big")


def _pool(world: World, asked: dict[str, Records]) -> Recorded:
    seen = next(iter(asked["pool"].values()))
    number = len(world.pools) + 1
    pool = bare_pool(world, names.pool(number))
    recorded = Recorded(asked, pool, {}, {}, {})
    master_first = sorted(
        asked["host"].items(), key=lambda pair: (pair[0] != seen["master"], pair[1]["uuid"])
    )
    for index, (ref, one) in enumerate(master_first, 1):
        recorded.hosts[ref] = _host(world, recorded, one, f"{pool.name}-{index}", address(number, index))
    pool.restrictions = names.switches(seen.get("restrictions", {})) or pool.restrictions
    pool.other_config = names.safe(seen.get("other_config", {}))
    _storage(world, recorded)
    pool.default_sr = recorded.srs.get(seen.get("default_SR", ""))
    _guests(world, recorded)
    if seen.get("ha_enabled"):
        _high_availability(world, recorded, seen)
    for host in pool.hosts:
        if not host.live:
            host.power, host.toolstack = "off", "stopped"
    return recorded


def _host(world: World, recorded: Recorded, one: dict[str, Any], name: str, at: str) -> Host:
    host = add_host(world, recorded.pool, name, at)
    metrics = recorded.asked["host_metrics"].get(one.get("metrics", ""), {})
    config, cpus = one.get("other_config", {}), one.get("cpu_info", {})
    host.enabled, host.live = one["enabled"], metrics.get("live", True)
    host.memory_total = int(metrics.get("memory_total") or host.memory_total)
    host.memory_overhead = int(one.get("memory_overhead") or 0)
    host.cpu_count = int(cpus.get("cpu_count") or host.cpu_count)
    host.cpu_vendor = "AuthenticAMD" if "AMD" in cpus.get("vendor", "") else "GenuineIntel"
    host.boot_time = _number(config.get("boot_time")) or host.boot_time
    host.agent_start_time = _number(config.get("agent_start_time")) or host.agent_start_time
    host.other_config |= names.safe(config)
    host.multipathing = one.get("multipathing") in YES
    host.software_version = {**names.version(one["software_version"]), "hostname": name}
    if all(key in one for key in RELEASE_API):
        host.api_version = (int(one[RELEASE_API[0]]), int(one[RELEASE_API[1]]))
    host.license_params = names.switches(one.get("license_params", {})) or host.license_params
    host.pending_guidances = [str(each) for each in one.get("pending_guidances", [])]
    return host


def _number(text: Any) -> float:
    try:
        return float(text or 0)
    except (TypeError, ValueError):
        return 0.0


def _storage(world: World, recorded: Recorded) -> None:
    asked, pool = recorded.asked, recorded.pool
    kinds = {one["type"]: one for one in asked["SM"].values() if one["type"] in DRIVERS}
    pool.sms = [_driver(world, kind, one) for kind, one in sorted(kinds.items())] or pool.sms
    heartbeat = {one["SR"] for one in asked["VDI"].values() if one["type"] == "ha_statefile"}
    shared = 0
    for ref, one in sorted(asked["SR"].items(), key=lambda pair: pair[1]["uuid"]):
        plugs = [pbd for pbd in asked["PBD"].values() if pbd["SR"] == ref and pbd["host"] in recorded.hosts]
        if one["type"] not in DRIVERS or not plugs:
            continue
        shared += one["shared"] in YES
        kind = one["type"]
        name = _sr_name(one, kind, shared, heartbeat=ref in heartbeat, host=recorded.hosts[plugs[0]["host"]])
        hosts = [recorded.hosts[plug["host"]] for plug in plugs]
        sr = recorded.srs[ref] = add_sr(world, pool, name, kind, int(one.get("physical_size") or 0), hosts)
        sr.shared = one["shared"] in YES
        sr.content_type = "iso" if one.get("content_type") == "iso" else "user"
        for plug, pbd in zip(plugs, sr.pbds, strict=True):
            pbd.attached = plug["currently_attached"] in YES
    for ref, one in sorted(asked["VDI"].items(), key=lambda pair: pair[1]["uuid"]):
        if one["SR"] in recorded.srs and one["type"] not in HA_DISKS:
            size, kind = int(one["virtual_size"]), str(one["type"])
            recorded.vdis[ref] = add_vdi(
                world, recorded.srs[one["SR"]], f"disk-{len(recorded.vdis) + 1}", size, kind
            )


def _sr_name(one: dict[str, Any], kind: str, number: int, *, heartbeat: bool, host: Host) -> str:
    if one["shared"] not in YES:
        return f"Local storage on {host.name}" if kind in ("ext", "lvm") else f"{kind} on {host.name}"
    return f"{kind}-{number}-hb" if heartbeat else f"{kind}-{number}"


def _driver(world: World, kind: str, one: dict[str, Any]) -> SM:
    features = {
        key: int(value) for key, value in one.get("features", {}).items() if re.fullmatch("[A-Z_0-9]+", key)
    }
    return SM(world.new_ref(), world.new_uuid(), kind, features)


def _guests(world: World, recorded: Recorded) -> None:
    disks: dict[str, list[VDI]] = {}
    for vbd in recorded.asked["VBD"].values():
        if vbd.get("type") == "Disk" and vbd["VDI"] in recorded.vdis:
            disks.setdefault(vbd["VM"], []).append(recorded.vdis[vbd["VDI"]])
    for ref, one in sorted(recorded.asked["VM"].items(), key=lambda pair: pair[1]["uuid"]):
        if one["is_control_domain"] or one["is_a_template"] or one.get("is_a_snapshot"):
            continue
        vm = VM(
            world.new_ref(), world.new_uuid(), names.vm(one["name_label"], world.next_number()), recorded.pool
        )
        vm.memory = int(one["memory_static_max"])
        vm.vcpus = int(one["VCPUs_max"])
        vm.power_state = one["power_state"]
        vm.resident_on = recorded.hosts.get(one["resident_on"]) if vm.power_state == "Running" else None
        vm.affinity = recorded.hosts.get(one["affinity"])
        vm.ha_restart_priority = one.get("ha_restart_priority", "")
        vm.ha_always_run = one.get("ha_always_run") in YES
        vm.order = int(one.get("order") or 0)
        vm.disks = disks.get(ref, [])
        recorded.pool.vms.append(vm)


def _high_availability(world: World, recorded: Recorded, seen: dict[str, Any]) -> None:
    pool = recorded.pool
    timeout = int(_number(seen.get("ha_configuration", {}).get("timeout"))) or None
    sr = next((sr.name for sr in pool.srs if sr.name.endswith("-hb")), None)
    if sr is None:
        return
    switch_ha_on(world, pool, timeout, sr)
    pool.ha_host_failures_to_tolerate = int(seen.get("ha_host_failures_to_tolerate") or 0)
    pool.ha_plan_exists_for = int(seen.get("ha_plan_exists_for") or 0)
    pool.ha_allow_overcommit = seen.get("ha_allow_overcommit") in YES
    pool.ha_overcommitted = seen.get("ha_overcommitted") in YES


def _plan(built: list[Recorded], cloud: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """What CloudStack has of these pools, matched by the hosts' addresses."""
    rows = {row["ipaddress"]: row for row in cloud["hosts"]}
    clusters = {one["id"]: one for one in cloud["clusters"]}
    plan: dict[str, Any] = {"clusters": [], "alert": [], "absent": [], "unmanaged": []}
    for recorded in built:
        found = {ref: rows.get(recorded.asked["host"][ref]["address"]) for ref in recorded.hosts}
        known = [row for row in found.values() if row is not None]
        plan["absent"] += [recorded.hosts[ref].name for ref, row in found.items() if row is None]
        plan["alert"] += [
            recorded.hosts[ref].name for ref, row in found.items() if row and row["state"] == "Alert"
        ]
        if known:
            plan["clusters"].append(recorded.pool.name)
            if clusters.get(known[0]["clusterid"], {}).get("managedstate") == "Unmanaged":
                plan["unmanaged"].append(recorded.pool.name)
    match = VERSION.match(str(cloud["capabilities"][0].get("cloudstackversion", "")))
    return {**plan, **({"version": match[0]} if match else {})}
