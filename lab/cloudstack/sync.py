"""Power-state sync: with each ping a host reports its VMs, and CloudStack corrects its own picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack import xenserver

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow
    from lab.cloudstack.state import CloudStack


def power_states(cloud: CloudStack, row: HostRow) -> None:
    """Take over which VMs run on the host, and which of those believed there do not run anywhere."""
    pool = xenserver.pool_of(cloud, row)
    host = xenserver.member(pool, row) if pool is not None else None
    if host is None:
        return
    for guest in host.resident:
        vm = cloud.vm_row(guest)
        if vm is not None and guest.power_state == "Running":
            cloud.place(vm, row)
            vm.state = "Migrating" if "pool_migrate" in guest.current_operations.values() else "Running"
    for vm in cloud.vms_on(row):
        if vm.vm.power_state == "Halted" and "start" not in vm.vm.current_operations.values():
            cloud.place(vm, None)
