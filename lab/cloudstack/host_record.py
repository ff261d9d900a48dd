"""A host as listHosts shows it, with the traps of the real thing (HostJoinDaoImpl.newHostResponse)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.cloudstack import out_of_band
from lab.cloudstack.envelope import Record, date, without_nulls
from lab.cloudstack.states import possible_events

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow
    from lab.cloudstack.state import CloudStack

CPU_SPEED = 2400
NETWORK_READ, NETWORK_WRITE = 81_920, 40_960
SERVER_NAME = "mgmt-1"
CAPABILITIES = "xen-3.0-x86_64 , xen-3.0-x86_32p , hvm-3.0-x86_32 , hvm-3.0-x86_32p , hvm-3.0-x86_64"


def printed_last_pinged(moment: float) -> str:
    """``lastpinged`` as the API prints it: the database holds milliseconds >> 10 and the API takes that for
    milliseconds, so it lies in January 1970 and moves in steps of 1,024 s."""
    return date((int(moment * 1000) >> 10) / 1000)


def record(cloud: CloudStack, row: HostRow, details: str | None = None) -> Record:
    """The response; ``details`` is the parameter of that name, None standing for ``all``."""
    wanted = set((details or "all").split(","))
    fields = _base(cloud, row)
    if "min" not in wanted:
        fields |= _places(cloud, row)
    if wanted & {"all", "capacity", "stats"}:
        fields |= _capacity(cloud, row)
    if wanted & {"all", "events"}:
        fields["events"] = "; ".join(possible_events(row.status, old=cloud.version.old_states))
    if "all" in wanted and cloud.version.since(4, 9):
        fields["hostha"] = {"haenable": False, "hastate": "Disabled"}
        controller = out_of_band.record(cloud.controllers.get(row.id))
        fields["outofbandmanagement"] = without_nulls(controller)
    return without_nulls(fields)


def facts(row: HostRow) -> Record:
    """What hosts are filtered by."""
    return {
        "id": row.id,
        "name": row.name,
        "state": row.status,
        "type": "Routing",
        "hypervisor": "XenServer",
        "resourcestate": row.resource_state,
        "clusterid": row.cluster.id,
        "podid": row.cluster.pod.id,
        "zoneid": row.cluster.pod.zone.id,
        "hahost": "false",
    }


def later_facts(cloud: CloudStack, row: HostRow) -> Record:
    """What newer versions filter hosts by as well."""
    controller = cloud.controllers.get(row.id)
    return {
        "name": row.name,
        "outofbandmanagementenabled": "true" if controller is not None and controller.enabled else "false",
        "outofbandmanagementpowerstate": controller.power_state if controller is not None else "Disabled",
        "arch": "x86_64",
        "managementserverid": cloud.server_id if row.connected else "",
    }


def _base(cloud: CloudStack, row: HostRow) -> dict[str, Any]:
    fields = {name: value for name, value in facts(row).items() if name != "hahost"} | {
        "disconnected": None if row.disconnected is None else date(row.disconnected),
        "ipaddress": row.address,
        "version": cloud.version.api_text,
        "cpusockets": 2,
        "cpunumber": row.machine.cpu_count,
        "cpuspeed": CPU_SPEED,
        "capabilities": CAPABILITIES,
        "lastpinged": printed_last_pinged(row.last_pinged),
        "managementserverid": _owner(cloud, row),
        "islocalstorageactive": False,
        "created": date(row.created),
    }
    if cloud.version.since(4, 11):
        fields |= {
            "annotation": row.annotation,
            "lastannotated": date(row.annotated) if row.annotated else None,
        }
    if cloud.version.since(4, 20):
        fields["arch"] = "x86_64"
    if cloud.version.since(4, 21) and row.connected:
        fields["managementservername"] = SERVER_NAME
    return fields


def _owner(cloud: CloudStack, row: HostRow) -> str | int | None:
    """Absent unless a management server owns the host. A number until the uuids came."""
    if not row.connected:
        return None
    return cloud.server_id if cloud.version.server_id_is_uuid else cloud.server_number


def _places(cloud: CloudStack, row: HostRow) -> dict[str, Any]:
    pod, tags = row.cluster.pod, ",".join(row.tags) or None
    fields = {
        "zonename": pod.zone.name,
        "podname": pod.name,
        "clustername": row.cluster.name,
        "clustertype": "CloudManaged",
        "hosttags": tags,
    }
    if cloud.version.since(4, 20):
        fields["explicithosttags"] = tags
    return fields


def _capacity(cloud: CloudStack, row: HostRow) -> dict[str, Any]:
    host, load = row.machine, usage(cloud, row)
    fields = _memory(cloud, load) | {
        "cpuallocated": _percent(load.cpu_allocated, load.cpu_total),
        "cpuwithoverprovisioning": f"{load.cpu_total:.1f}",
        "cpuused": _percent(load.cpu_used, load.cpu_total),
        "networkkbsread": NETWORK_READ,
        "networkkbswrite": NETWORK_WRITE,
        "hypervisorversion": host.software_version.get("product_version"),
        "hahost": False,
    }
    if not cloud.version.old_states:
        fields["cpuloadaverage"] = 0.4
        fields["cpuallocatedpercentage"] = _percent(load.cpu_allocated, load.cpu_total)
    return fields


def _memory(cloud: CloudStack, load: Usage) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "memorytotal": load.memory_total,
        "memoryallocated": load.memory_allocated,
        "memoryused": load.memory_used,
    }
    if not cloud.version.old_states:
        fields |= {
            "memoryallocatedbytes": load.memory_allocated,
            "memoryallocatedpercentage": _percent(load.memory_allocated, load.memory_total),
            "memorywithoverprovisioning": f"{load.memory_total:.1f}",
        }
    return fields


@dataclass(frozen=True)
class Usage:
    """What a host has and uses: MHz and bytes."""

    cpu_total: int
    cpu_allocated: int
    cpu_used: int
    memory_total: int
    memory_allocated: int
    memory_used: int


def usage(cloud: CloudStack, row: HostRow) -> Usage:
    """What CloudStack believes to be used on the host."""
    host, vms = row.machine, cloud.vms_on(row)
    cpu = sum(vm.vm.vcpus for vm in vms) * CPU_SPEED // 2
    memory = sum(vm.vm.memory for vm in vms)
    return Usage(
        cpu_total=host.cpu_count * CPU_SPEED,
        cpu_allocated=cpu,
        cpu_used=cpu // 3,
        memory_total=host.memory_total - host.memory_overhead,
        memory_allocated=memory,
        memory_used=memory + host.memory_overhead,
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}%" if whole else "0%"
