"""Makes the CloudStack that a scenario asks for, and sets it going."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack import heartbeat, monitor, out_of_band
from lab.cloudstack.model import Cluster, HostRow, VmRow
from lab.cloudstack.state import CloudStack

if TYPE_CHECKING:
    from lab.world import SR, VM, Pool, World

KINDS = {"i": "user", "r": "router", "v": "consoleproxy", "s": "secondarystoragevm"}
AGE = 400 * 86_400.0
LONG_AGO = 7200.0


def start(world: World) -> CloudStack:
    """Build ``world.cloudstack`` from ``world.cloudstack_plan`` (lab/scenarios) and start its clockwork."""
    plan = world.cloudstack_plan
    cloud = CloudStack(world, plan["version"], plan["zone"], plan["pod"])
    for pool in world.pools:
        if plan["clusters"] is None or pool.name in plan["clusters"]:
            _add_cluster(cloud, pool, plan["absent"])
    for name in plan["alert"]:
        _lose(cloud, name)
    for name in plan["unmanaged"]:
        _let_go(cloud, name)
    for name in plan["out_of_band"]:
        out_of_band.equip(cloud, _row(cloud, name))
    world.cloudstack = cloud
    monitor.start(cloud)
    out_of_band.start(cloud)
    heartbeat.start(cloud)
    return cloud


def _add_cluster(cloud: CloudStack, pool: Pool, absent: list[str]) -> None:
    cluster = cloud.add_cluster(pool.name, pool.uuid)
    cluster.known_master = pool.master
    created = cloud.now() - AGE
    rows = {h.ref: cloud.add_host(cluster, h, created) for h in pool.hosts if h.name not in absent}
    for vm in pool.vms:
        home = rows.get(vm.resident_on.ref) if vm.resident_on is not None else None
        _add_vm(cloud, vm, home)
    for sr in pool.srs:
        _add_storage(cloud, sr, cluster, rows)


def _add_vm(cloud: CloudStack, vm: VM, home: HostRow | None) -> None:
    """A row for a VM that is named as CloudStack names its own; others it does not know."""
    kind = KINDS.get(vm.name.split("-")[0])
    if kind is not None and vm.name.endswith("-VM"):
        cloud.add_vm(VmRow(cloud.world.new_uuid(), vm, kind, cloud.now() - AGE / 2), home)


def _add_storage(cloud: CloudStack, sr: SR, cluster: Cluster, rows: dict[str, HostRow]) -> None:
    """Shared SRs but the small heartbeat one are primary storage of the cluster, local ones of their host."""
    if sr.content_type != "user" or sr.name.endswith("-hb") or not sr.pbds:
        return
    home = None if sr.shared else rows.get(sr.pbds[0].host.ref)
    cloud.add_storage(sr, cluster, home, cloud.now() - AGE)


def _row(cloud: CloudStack, name: str) -> HostRow:
    return next(row for row in cloud.hosts.values() if row.name == name)


def _lose(cloud: CloudStack, name: str) -> None:
    """In Alert for two hours: lost, and not taken back because it is disabled."""
    row = _row(cloud, name)
    row.status, row.connected = "Alert", False
    row.last_pinged = cloud.now() - LONG_AGO
    row.disconnected = row.last_pinged + 170
    cloud.alert(f"Host disconnected, {row.description}")


def _let_go(cloud: CloudStack, name: str) -> None:
    cluster = next(cluster for cluster in cloud.clusters.values() if cluster.name == name)
    cluster.managed_state = "Unmanaged"
    for row in cloud.cluster_hosts(cluster):
        cloud.host_event(row, "ShutdownRequested")
