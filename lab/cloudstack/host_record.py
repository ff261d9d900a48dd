"""A host as listHosts shows it, with the traps of the real thing (HostJoinDaoImpl.newHostResponse)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.cloudstack import out_of_band
from lab.cloudstack.envelope import Record, date, without_nulls
from lab.cloudstack.states import possible_events

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow
    from lab.cloudstack.state import CloudStack
    from lab.world import Host

CPU_SPEED = 2400
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
        fields |= _places(row)
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
    }


def _base(cloud: CloudStack, row: HostRow) -> dict[str, Any]:
    fields = facts(row) | {
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
    return fields


def _owner(cloud: CloudStack, row: HostRow) -> str | int | None:
    """Absent unless a management server owns the host. A number until the uuids came."""
    if not row.connected:
        return None
    return cloud.server_id if cloud.version.server_id_is_uuid else cloud.server_number


def _places(row: HostRow) -> dict[str, Any]:
    pod = row.cluster.pod
    return {
        "zonename": pod.zone.name,
        "podname": pod.name,
        "clustername": row.cluster.name,
        "clustertype": "CloudManaged",
        "hosttags": ",".join(row.tags) or None,
    }


def _capacity(cloud: CloudStack, row: HostRow) -> dict[str, Any]:
    host, vms = row.machine, cloud.vms_on(row)
    cpu_total, cpu_used = host.cpu_count * CPU_SPEED, sum(vm.vm.vcpus for vm in vms) * CPU_SPEED // 2
    memory = sum(vm.vm.memory for vm in vms)
    fields = _memory(host, memory) | {
        "cpuallocated": _percent(cpu_used, cpu_total),
        "cpuwithoverprovisioning": f"{cpu_total:.1f}",
        "cpuused": _percent(cpu_used // 3, cpu_total),
        "networkkbsread": 81_920,
        "networkkbswrite": 40_960,
        "hypervisorversion": host.software_version.get("product_version"),
        "hahost": False,
    }
    if cloud.version.since(4, 6):
        fields["cpuloadaverage"] = 0.4
    return fields


def _memory(host: Host, allocated: int) -> dict[str, Any]:
    total = host.memory_total - host.memory_overhead
    return {
        "memorytotal": total,
        "memoryallocated": allocated,
        "memoryallocatedbytes": allocated,
        "memoryallocatedpercentage": _percent(allocated, total),
        "memoryused": allocated + host.memory_overhead,
        "memorywithoverprovisioning": f"{total:.1f}",
    }


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}%" if whole else "0%"
