"""Makes the CloudStack that a scenario asks for, and sets it going."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack import monitor
from lab.cloudstack.model import Cluster, HostRow, StoragePool, VmRow
from lab.cloudstack.state import CloudStack

if TYPE_CHECKING:
    from lab.world import VM, Pool, World

KINDS = {"i": "user", "r": "router", "v": "consoleproxy", "s": "secondarystoragevm"}
AGE = 400 * 86_400.0
LONG_AGO = 7200.0


def start(world: World) -> CloudStack:
    """Build ``world.cloudstack`` from ``world.cloudstack_plan`` (lab/scenarios) and start its clockwork."""
    plan = world.cloudstack_plan
    cloud = CloudStack(world, plan["version"], plan["zone"], plan["pod"])
    for pool in world.pools:
        if plan["clusters"] is None or pool.name in plan["clusters"]:
            _add_cluster(cloud, pool)
    for name in plan["absent"]:
        _forget(cloud, name)
    for name in plan["alert"]:
        _lose(cloud, name)
    for name in plan["unmanaged"]:
        _let_go(cloud, name)
    world.cloudstack = cloud
    monitor.start(cloud)
    return cloud


def _add_cluster(cloud: CloudStack, pool: Pool) -> None:
    now, master = cloud.now(), pool.master
    cluster = Cluster(cloud.world.new_uuid(), len(cloud.clusters) + 1, pool.name, cloud.pod, pool.uuid)
    cluster.known_master = master.address if master is not None else None
    cloud.clusters[cluster.id] = cluster
    for host in pool.hosts:
        row = HostRow(
            cloud.world.new_uuid(),
            cloud.next_number(),
            host.name,
            host.address,
            host.uuid,
            cluster,
            now - AGE,
            now,
        )
        cloud.hosts[row.id] = row
    for vm in pool.vms:
        _add_vm(cloud, vm)
    _add_storage(cloud, pool, cluster)


def _add_vm(cloud: CloudStack, vm: VM) -> None:
    """A row for a VM that is named as CloudStack names its own; others it does not know."""
    kind = KINDS.get(vm.name.split("-")[0])
    if kind is None or not vm.name.endswith("-VM"):
        return
    home = next(
        (
            row
            for row in cloud.hosts.values()
            if vm.resident_on is not None and row.guid == vm.resident_on.uuid
        ),
        None,
    )
    state = "Running" if vm.power_state == "Running" else "Stopped"
    row = VmRow(cloud.world.new_uuid(), vm, kind, home, cloud.now() - AGE / 2, state)
    cloud.vms[row.id] = row


def _add_storage(cloud: CloudStack, pool: Pool, cluster: Cluster) -> None:
    """Shared SRs but the small heartbeat one are primary storage of the cluster, local ones of their host."""
    for sr in pool.srs:
        if sr.content_type != "user" or sr.name.endswith("-hb"):
            continue
        home = (
            None
            if sr.shared
            else next((r for r in cloud.hosts.values() if r.guid == sr.pbds[0].host.uuid), None)
        )
        entry = StoragePool(cloud.world.new_uuid(), sr, cluster, home, cloud.now() - AGE)
        cloud.storage_pools[entry.id] = entry


def _row(cloud: CloudStack, name: str) -> HostRow:
    return next(row for row in cloud.hosts.values() if row.name == name)


def _forget(cloud: CloudStack, name: str) -> None:
    del cloud.hosts[_row(cloud, name).id]


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
