"""A host as listHostsMetrics shows it, since 4.9.3: its record in units for people, and what is over a threshold
(MetricsServiceImpl.listHostMetrics)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.cloudstack import host_record
from lab.cloudstack.envelope import Record
from lab.cloudstack.out_of_band import record as controller_record
from lab.world import GIB

if TYPE_CHECKING:
    from lab.cloudstack.host_record import Usage
    from lab.cloudstack.model import HostRow
    from lab.cloudstack.state import CloudStack

NOTIFICATION, DISABLE = 0.75, 0.85
"""``cluster.*.notificationthreshold`` and ``cluster.*.disablethreshold``, as shares of the whole."""


def record(cloud: CloudStack, row: HostRow) -> Record:
    """The host's record with the metrics beside it."""
    load = host_record.usage(cloud, row)
    vms = cloud.vms_on(row)
    users = sum(vm.kind == "user" for vm in vms)
    return host_record.record(cloud, row) | {
        "powerstate": controller_record(cloud.controllers.get(row.id))["powerstate"],
        "instances": f"{sum(vm.state == 'Running' and vm.kind == 'user' for vm in vms)}/{users}",
        "systeminstances": f"{len(vms) - users}/{len(vms) - users}",
        "cputotalghz": f"{load.cpu_total / 1000:.2f} GHz",
        "cpuusedghz": f"{load.cpu_used / 1000:.2f} GHz",
        "cpuallocatedghz": f"{load.cpu_allocated / 1000:.2f} GHz",
        "memorytotalgb": f"{load.memory_total / GIB:.2f} GB",
        "memoryusedgb": f"{load.memory_used / GIB:.2f} GB",
        "memoryallocatedgb": f"{load.memory_allocated / GIB:.2f} GB",
        "networkread": f"{host_record.NETWORK_READ / 1024 / 1024:.2f} GB",
        "networkwrite": f"{host_record.NETWORK_WRITE / 1024 / 1024:.2f} GB",
        **_thresholds(load),
    }


def _thresholds(load: Usage) -> dict[str, Any]:
    shares = {
        "cpu": load.cpu_used / load.cpu_total,
        "cpuallocated": load.cpu_allocated / load.cpu_total,
        "memory": load.memory_used / load.memory_total,
        "memoryallocated": load.memory_allocated / load.memory_total,
    }
    return {f"{name}threshold": share > NOTIFICATION for name, share in shares.items()} | {
        f"{name}disablethreshold": share > DISABLE for name, share in shares.items()
    }
