"""What runs: instances, system VMs, routers. There are no projects: whoever asks for theirs gets nothing."""

from __future__ import annotations

import uuid

from lab.cloudstack.envelope import Listing, Record, date
from lab.cloudstack.model import HostRow, VmRow
from lab.cloudstack.paging import listing, matching
from lab.cloudstack.registry import Call, command
from lab.cloudstack.states import LOST_CONNECTION

OUTSIDE_CLUSTERS = ("id", "name", "hostid", "podid", "zoneid", "state")
VM_FILTERS = (*OUTSIDE_CLUSTERS, "clusterid")
SYSTEM_KINDS = ("consoleproxy", "secondarystoragevm")
PAGING = ("keyword", "page", "pagesize")
CUSTOMERS = "customers"
"""The account of every instance; the lab's user belongs to it."""
FOR_ADMINS = ("hostid", "hostname", "hostcontrolstate")
CPU_SPEED = 1000
OFFERINGS = uuid.UUID("5f0e5f4c-2a2c-4bb5-9d3d-0f4a6a3c1f10")


def _facts(call: Call, row: VmRow) -> Record:
    """What VMs are filtered by."""
    facts: Record = {"id": row.id, "name": row.vm.name, "state": row.state, "zoneid": call.cloud.zone.id}
    if row.host is not None:
        cluster = row.host.cluster
        facts |= {"hostid": row.host.id, "clusterid": cluster.id, "podid": cluster.pod.id}
    return facts


def _matching(call: Call, *kinds: str) -> list[VmRow]:
    rows = [row for row in call.cloud.vms.values() if row.kind in kinds]
    return matching(call, rows, VM_FILTERS, lambda row: _facts(call, row))


def _common(call: Call, row: VmRow) -> Record:
    zone = call.cloud.zone
    record: Record = {
        "id": row.id,
        "name": row.vm.name,
        "state": row.state,
        "zoneid": zone.id,
        "zonename": zone.name,
        "hypervisor": "XenServer",
        "created": date(row.created),
    }
    if row.host is not None:
        record |= {"hostid": row.host.id, "hostname": row.host.name}
    if row.host is not None and call.cloud.version.since(4, 20):
        record["hostcontrolstate"] = _control_state(row.host)
    return record


def _control_state(host: HostRow) -> str:
    """Status and resource state in one word (ControlState)."""
    if host.status in LOST_CONNECTION:
        return "Offline"
    maintained = "Maintenance" in host.resource_state
    return "Maintenance" if maintained else "Enabled" if host.resource_state == "Enabled" else "Disabled"


@command(
    "listVirtualMachines",
    optional=(
        *(name for name in VM_FILTERS if name != "clusterid"),
        *PAGING,
        "listall",
        "projectid",
        "details",
    ),
    newer={"clusterid": (4, 16)},
    subject="vm",
    for_users=True,
)
def list_virtual_machines(call: Call) -> Listing:
    """List the virtual machines owned by the account."""
    sees = (call.flag("listall") or not call.user.is_admin) and call.text("projectid") is None
    rows = _matching(call, "user") if sees else []
    least = call.text("details") == "min"
    return listing(call, "virtualmachine", rows, lambda row: instance_record(call, row, least=least))


def instance_record(call: Call, row: VmRow, *, least: bool = False) -> Record:
    """An instance as listVirtualMachines shows it, ``least`` without its offering and NICs (``details=min``). Where
    it runs is for admins."""
    record = _common(call, row) | {
        "displayname": row.vm.name,
        "account": CUSTOMERS,
        "domain": "ROOT",
        "domainid": call.cloud.domain_id,
        "haenable": row.ha,
        "memory": row.vm.memory // 2**20,
        "cpunumber": row.vm.vcpus,
        "cpuspeed": CPU_SPEED,
        "isdynamicallyscalable": False,
    }
    if not least:
        offering = offering_of(row)
        record |= {
            "serviceofferingid": offering["id"],
            "serviceofferingname": offering["name"],
            "nic": [_nic(row)],
        }
    if not call.user.is_admin:
        return {name: value for name, value in record.items() if name not in FOR_ADMINS}
    return record | {"instancename": row.vm.name}


def offering_of(row: VmRow) -> Record:
    """The service offering that the VM's size stands for."""
    name = f"{row.vm.vcpus}x{row.vm.memory // 2**30}"
    return {
        "id": str(uuid.uuid5(OFFERINGS, name)),
        "name": name,
        "displaytext": f"{row.vm.vcpus} cores, {row.vm.memory // 2**30} GiB",
        "cpunumber": row.vm.vcpus,
        "cpuspeed": CPU_SPEED,
        "memory": row.vm.memory // 2**20,
    }


def _nic(row: VmRow) -> Record:
    number = row.number
    return {
        "id": str(uuid.uuid5(OFFERINGS, row.id)),
        "networkname": "customers",
        "netmask": "255.255.0.0",
        "gateway": "10.1.0.1",
        "ipaddress": f"10.1.{number // 250 % 250 + 1}.{number % 250 + 2}",
        "traffictype": "Guest",
        "type": "Isolated",
        "isdefault": True,
        "macaddress": f"02:00:0a:01:{number // 256 % 256:02x}:{number % 256:02x}",
    }


@command("listSystemVms", optional=(*OUTSIDE_CLUSTERS, *PAGING, "systemvmtype"), subject="vm")
def list_system_vms(call: Call) -> Listing:
    """List system virtual machines."""
    kind = call.text("systemvmtype")
    kinds = SYSTEM_KINDS if kind is None else tuple(k for k in SYSTEM_KINDS if k == kind)
    return listing(call, "systemvm", _matching(call, *kinds), lambda row: system_vm_record(call, row))


def system_vm_record(call: Call, row: VmRow) -> Record:
    """A console proxy or secondary storage VM as listSystemVms shows it."""
    record = _common(call, row) | {"podid": call.cloud.pod.id, "systemvmtype": row.kind}
    if call.cloud.version.since(4, 13, 1):
        agent = "Up" if row.state == "Running" else "Disconnected"
        record |= {"agentstate": agent, "version": call.cloud.version.api_text}
    return record


@command("listRouters", optional=(*VM_FILTERS, *PAGING, "listall", "projectid", "forvpc"), subject="vm")
def list_routers(call: Call) -> Listing:
    """List routers."""
    rows = _matching(call, "router") if call.text("projectid") is None else []
    return listing(call, "router", rows, lambda row: router_record(call, row))


def router_record(call: Call, row: VmRow) -> Record:
    """A router as listRouters shows it."""
    fixed = {"role": "VIRTUAL_ROUTER", "redundantstate": "UNKNOWN", "isredundantrouter": False}
    place = {
        "podid": call.cloud.pod.id,
        "requiresupgrade": False,
        "publicip": f"10.3.0.{row.number % 250 + 1}",
    }
    return _common(call, row) | fixed | place
