"""What runs: instances, system VMs, routers."""

from __future__ import annotations

from lab.cloudstack.envelope import Listing, Record, date
from lab.cloudstack.model import VmRow
from lab.cloudstack.paging import listing, matching
from lab.cloudstack.registry import Call, command

VM_FILTERS = ("id", "name", "hostid", "podid", "zoneid", "clusterid", "state")
SYSTEM_KINDS = ("consoleproxy", "secondarystoragevm")


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
        record["hostcontrolstate"] = row.host.resource_state
    return record


@command("listVirtualMachines", optional=(*VM_FILTERS, "listall", "projectid", "details"), for_users=True)
def list_virtual_machines(call: Call) -> Listing:
    """List the virtual machines owned by the account."""
    sees_all = call.user.is_admin and call.flag("listall")
    rows = _matching(call, "user") if sees_all else []
    return listing(call, "virtualmachine", rows, lambda row: instance_record(call, row))


def instance_record(call: Call, row: VmRow) -> Record:
    """An instance as listVirtualMachines shows it."""
    return _common(call, row) | {
        "displayname": row.vm.name,
        "instancename": row.vm.name,
        "account": "customers",
        "domain": "ROOT",
        "haenable": row.ha,
        "memory": row.vm.memory // 2**20,
        "cpunumber": row.vm.vcpus,
        "cpuspeed": 1000,
        "serviceofferingname": f"{row.vm.vcpus}x{row.vm.memory // 2**30}",
        "isdynamicallyscalable": False,
    }


@command("listSystemVms", optional=(*VM_FILTERS, "systemvmtype"))
def list_system_vms(call: Call) -> Listing:
    """List system virtual machines."""
    kind = call.text("systemvmtype")
    kinds = SYSTEM_KINDS if kind is None else tuple(k for k in SYSTEM_KINDS if k == kind)
    return listing(call, "systemvm", _matching(call, *kinds), lambda row: system_vm_record(call, row))


def system_vm_record(call: Call, row: VmRow) -> Record:
    """A console proxy or secondary storage VM as listSystemVms shows it."""
    return _common(call, row) | {"podid": call.cloud.pod.id, "systemvmtype": row.kind, "agentstate": "Up"}


@command("listRouters", optional=(*VM_FILTERS, "listall", "forvpc"))
def list_routers(call: Call) -> Listing:
    """List routers."""
    return listing(call, "router", _matching(call, "router"), lambda row: router_record(call, row))


def router_record(call: Call, row: VmRow) -> Record:
    """A router as listRouters shows it."""
    fixed = {"role": "VIRTUAL_ROUTER", "redundantstate": "UNKNOWN", "isredundantrouter": False}
    return _common(call, row) | fixed | {"podid": call.cloud.pod.id, "requiresupgrade": False}
