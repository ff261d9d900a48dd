"""The truth of the world, as data and as a text for people. No client of the lab may see it; a tester may."""

from __future__ import annotations

from collections import Counter
from typing import Any

from lab.world import World
from lab.world.things import Host, Pool


def state(world: World) -> dict[str, Any]:
    """Every pool and host, what is true and what the pool's database says."""
    return {
        "now": world.now(),
        "pools": [pool_state(pool) for pool in world.pools],
        "bugs": list(map(repr, world.crashes)),
    }


def pool_state(pool: Pool) -> dict[str, Any]:
    """One pool with its hosts."""
    guests = [vm for vm in pool.vms if not vm.is_control_domain]
    there = Counter(vm.resident_on for vm in guests)
    return {
        "name": pool.name,
        "master": pool.master.name if pool.master else "",
        "ha_enabled": pool.ha_enabled,
        "ha_timeout": pool.ha_timeout,
        "vms": len(guests),
        "running": sum(1 for vm in guests if vm.power_state == "Running"),
        "hosts": [_host(host, there[host]) for host in pool.hosts],
    }


def _host(host: Host, guests: int) -> dict[str, Any]:
    return {
        "name": host.name,
        "address": host.address,
        "power": host.power,
        "toolstack": host.toolstack,
        "believes": "master" if host.is_master else f"member of {host.master_address}",
        "live": host.live,
        "enabled": host.enabled,
        "emergency": host.emergency,
        "ha_armed": host.ha_armed,
        "network_cut": host.network_cut,
        "clients_cut": host.clients_cut,
        "storage_cut": [pbd.sr.name for pbd in host.pbds if pbd.sr.uuid in host.cut_srs],
        "clock_skew": host.clock_skew,
        "unplugged": [pbd.sr.name for pbd in host.pbds if not pbd.attached],
        "vms": guests,
    }


def text(data: dict[str, Any]) -> str:
    """The state as lines for a terminal."""
    lines = []
    for pool in data["pools"]:
        ha = f"HA on, {pool['ha_timeout']:.0f} s" if pool["ha_enabled"] else "HA off"
        name = pool["name"] or "(no name)"
        lines.append(f"{name}: master {pool['master']}, {ha}, {pool['running']} of {pool['vms']} VMs run")
        lines += [_host_line(host) for host in pool["hosts"]]
    return "\n".join(lines)


def _host_line(host: dict[str, Any]) -> str:
    notes = ["live" if host["live"] else "NOT LIVE", "enabled" if host["enabled"] else "DISABLED"]
    if host["emergency"]:
        notes.append(f"EMERGENCY {' '.join(host['emergency'])}")
    if host["network_cut"]:
        notes.append("NETWORK CUT")
    if host["clients_cut"]:
        notes.append("CUT FROM CLIENTS")
    if host["storage_cut"]:
        notes.append(f"STORAGE CUT: {', '.join(host['storage_cut'])}")
    if host["clock_skew"]:
        notes.append(f"clock {host['clock_skew']:g} s ahead")
    if host["unplugged"]:
        notes.append(f"unplugged: {', '.join(host['unplugged'])}")
    machine = host["power"] if host["power"] != "on" else f"on, toolstack {host['toolstack']}"
    return (
        f"  {host['name']:<12} {host['address']:<12} {machine:<24} {host['vms']:>3} VMs  {', '.join(notes)}"
    )
