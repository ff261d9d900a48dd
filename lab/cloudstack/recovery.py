"""HA work for a host that is Down: CloudStack starts its VMs on the other hosts of the cluster.

It does so whether or not XenServer's HA protects them as well; who is first wins, which is why nobody should have both.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from lab.cloudstack import xenserver
from lab.world import Refusal, moving

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow, VmRow
    from lab.cloudstack.state import CloudStack
    from lab.world import Host, Steps

FIRST_TRY_SECONDS = 20.0
RETRY_SECONDS = 60.0
TRIES = 30
ALERT_TYPES = {"user": 8, "router": 9, "consoleproxy": 10, "secondarystoragevm": 19}


def restart_vms(cloud: CloudStack, row: HostRow) -> None:
    """Schedule a restart of every HA-enabled VM that was believed to run on the host."""
    for vm in cloud.vms_on(row):
        if vm.ha:
            cloud.world.run(_restart(cloud, row, vm))


def _restart(cloud: CloudStack, lost: HostRow, vm: VmRow) -> Steps:
    """Try until it runs: nothing can be started while the pool has no master."""
    yield FIRST_TRY_SECONDS
    for attempt in range(TRIES):
        if _runs_after_all(lost, vm) or (yield from _started(cloud, lost, vm)):
            return
        if attempt == 0:
            cloud.alert(
                f"Unable to restart {vm.vm.name} which was running on host {lost.description}",
                ALERT_TYPES[vm.kind],
            )
        yield RETRY_SECONDS


def _started(cloud: CloudStack, lost: HostRow, vm: VmRow) -> Generator[Any, None, bool]:
    """Start it on the roomiest host, if it is sure that it runs nowhere."""
    homes = [host for host in _homes(cloud, lost) if host.pool is vm.vm.pool]
    if not homes or not _is_stopped(vm):
        return False
    try:
        yield from moving.start(cloud.world, vm.vm, homes[0])
    except Refusal:
        vm.state = "Stopped"
        return False
    cloud.place(vm, _row_of(cloud, homes[0]))
    vm.state = "Running"
    return True


def _runs_after_all(lost: HostRow, vm: VmRow) -> bool:
    """XenServer's HA, a person, or the host itself was quicker."""
    elsewhere = vm.host is not None and vm.host is not lost
    return vm.vm.power_state == "Running" and (elsewhere or lost.status == "Up")


def _homes(cloud: CloudStack, lost: HostRow) -> list[Host]:
    """The hosts that can be reached and are open for VMs, the roomiest first."""
    peers = [row for row in cloud.cluster_hosts(lost.cluster) if row is not lost]
    usable = [row for row in peers if row.status == "Up" and row.resource_state == "Enabled"]
    found = [
        host
        for row in usable
        if (pool := xenserver.pool_of(cloud, row)) is not None and (host := xenserver.member(pool, row))
    ]
    return sorted(found, key=lambda host: -host.memory_free)


def _is_stopped(vm: VmRow) -> bool:
    """Whether it runs nowhere. What the pool's database says of a VM on a machine without power is reset."""
    home = vm.vm.resident_on
    if home is not None and home.power != "on":
        vm.vm.power_state, vm.vm.resident_on = "Halted", None
    return vm.vm.power_state == "Halted"


def _row_of(cloud: CloudStack, host: Host) -> HostRow | None:
    return next((row for row in cloud.hosts.values() if row.guid == host.uuid), None)
