"""What runs: instances, system VMs, routers, and the storage under them."""

from __future__ import annotations

from typing import Any

from lab.cloudstack.envelope import Listing, Record, date, without_nulls
from lab.cloudstack.model import HostRow, StoragePool, VmRow
from lab.cloudstack.paging import listing, matching
from lab.cloudstack.registry import Call, command

VM_FILTERS = ("id", "name", "hostid", "podid", "zoneid", "clusterid", "state")
STORAGE_TYPES = {"nfs": "NetworkFilesystem", "lvmoiscsi": "PreSetup", "ext": "EXT"}


def _place(call: Call, row: HostRow | None) -> dict[str, Any]:
    if row is None:
        return {}
    place = {"hostid": row.id, "hostname": row.name, "podid": row.cluster.pod.id, "clusterid": row.cluster.id}
    if call.cloud.version.since(4, 20):
        place["hostcontrolstate"] = "Enabled" if row.resource_state == "Enabled" else row.resource_state
    return place


def _common(call: Call, row: VmRow) -> dict[str, Any]:
    zone = call.cloud.zone
    return {
        "id": row.id,
        "name": row.vm.name,
        "state": row.state,
        "zoneid": zone.id,
        "zonename": zone.name,
        "hypervisor": "XenServer",
        "created": date(row.created),
        **_place(call, row.host),
    }


def _found(call: Call, element: str, records: list[Record], filters: tuple[str, ...] = VM_FILTERS) -> Listing:
    """The page asked for. ``clusterid`` and ``podid`` are filters, not fields of these responses."""
    found = matching(call, records, filters)
    hidden = {"clusterid", "podid"} if element == "virtualmachine" else {"clusterid"}
    return listing(call, element, [{k: v for k, v in record.items() if k not in hidden} for record in found])


@command("listVirtualMachines", optional=(*VM_FILTERS, "listall", "projectid", "details"), for_users=True)
def list_virtual_machines(call: Call) -> Listing:
    """List the virtual machines owned by the account."""
    sees_all = call.user.is_admin and call.flag("listall")
    rows = [row for row in call.cloud.vms.values() if row.kind == "user"] if sees_all else []
    return _found(call, "virtualmachine", [_instance(call, row) for row in rows])


def _instance(call: Call, row: VmRow) -> Record:
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
    rows = [row for row in call.cloud.vms.values() if row.kind in ("consoleproxy", "secondarystoragevm")]
    records = [_common(call, row) | {"systemvmtype": row.kind, "agentstate": "Up"} for row in rows]
    return _found(call, "systemvm", records, (*VM_FILTERS, "systemvmtype"))


@command("listRouters", optional=(*VM_FILTERS, "listall", "forvpc"))
def list_routers(call: Call) -> Listing:
    """List routers."""
    rows = [row for row in call.cloud.vms.values() if row.kind == "router"]
    fixed = {
        "role": "VIRTUAL_ROUTER",
        "redundantstate": "UNKNOWN",
        "isredundantrouter": False,
        "requiresupgrade": False,
    }
    return _found(call, "router", [_common(call, row) | fixed for row in rows])


POOL_FILTERS = ("id", "name", "clusterid", "zoneid", "podid", "scope", "path", "ipaddress", "hostid")


@command("listStoragePools", optional=(*POOL_FILTERS, "status"))
def list_storage_pools(call: Call) -> Listing:
    """Lists storage pools."""
    records = matching(
        call, [_storage(call, pool) for pool in call.cloud.storage_pools.values()], POOL_FILTERS
    )
    status = call.text("status")
    kept = [record for record in records if status in (None, record["state"])]
    return listing(
        call, "storagepool", [{k: v for k, v in record.items() if k != "hostid"} for record in kept]
    )


def _storage(call: Call, pool: StoragePool) -> Record:
    config = pool.sr.pbds[0].device_config if pool.sr.pbds else {}
    return without_nulls(
        {
            "id": pool.id,
            "name": pool.sr.name,
            "zoneid": call.cloud.zone.id,
            "zonename": call.cloud.zone.name,
            "podid": pool.cluster.pod.id,
            "podname": pool.cluster.pod.name,
            "clusterid": pool.cluster.id,
            "clustername": pool.cluster.name,
            "hostid": pool.host.id if pool.host is not None else None,
            "ipaddress": config.get("server") or config.get("target") or "localhost",
            "path": config.get("serverpath") or f"/{pool.sr.uuid}",
            "created": date(pool.created),
            "type": STORAGE_TYPES[pool.sr.type],
            "disksizetotal": pool.sr.size,
            "disksizeallocated": pool.sr.used,
            "disksizeused": pool.sr.used,
            "state": pool.state,
            "scope": "CLUSTER" if pool.sr.shared else "HOST",
            "hypervisor": "XenServer",
            "overprovisionfactor": "1.0",
            "suitableformigration": False,
        }
    )
