"""Primary storage: listed, and put into maintenance."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, cast

from lab.cloudstack import emptying
from lab.cloudstack.envelope import Listing, Record, date, without_nulls
from lab.cloudstack.errors import invalid, refused
from lab.cloudstack.model import StoragePool
from lab.cloudstack.paging import listing, matching
from lab.cloudstack.registry import Call, command

STORAGE_TYPES = {"nfs": "NetworkFilesystem", "lvmoiscsi": "PreSetup", "ext": "EXT"}
JAVA = "org.apache.cloudstack.api.command.admin.storage"
STOP_SECONDS = 20.0

POOL_FILTERS = ("id", "name", "clusterid", "zoneid", "podid", "scope", "path", "ipaddress", "hostid")


@command(
    "listStoragePools",
    optional=(*POOL_FILTERS, "status", "keyword", "page", "pagesize"),
    subject="storagepool",
)
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
            "type": STORAGE_TYPES.get(pool.sr.type, "PreSetup"),
            "disksizetotal": pool.sr.size,
            "disksizeallocated": pool.sr.used,
            "disksizeused": pool.sr.used,
            "state": pool.state,
            "scope": "CLUSTER" if pool.sr.shared else "HOST",
            "hypervisor": "XenServer",
            "overprovisionfactor": "1.0" if call.cloud.version.since(4, 4) else None,
            "suitableformigration": False,
        }
    )


def _named(call: Call) -> StoragePool:
    return cast("StoragePool", call.named("id"))


@command(
    "enableStorageMaintenance",
    required=("id",),
    subject="storagepool",
    is_async=True,
    changing=True,
    event="MAINT.PREPARE.PS",
    doing="preparing maintenance for storage pool",
    java_class=f"{JAVA}.PreparePrimaryStorageForMaintenanceCmd",
)
def enable_storage_maintenance(call: Call) -> Generator[Any, None, Record]:
    """Puts storage pool into maintenance state"""
    pool = _named(call)
    if pool.state not in ("Up", "ErrorInMaintenance"):
        raise invalid(
            f"Primary storage with id {pool.id} is not ready for migration, as the status is:{pool.state}"
        )
    pool.state = "PrepareForMaintenance"
    yield STOP_SECONDS
    for vm in call.cloud.vms.values():
        if vm.host is not None and any(disk.sr is pool.sr for disk in vm.vm.disks):
            emptying.stop(call.cloud, vm)
    pool.state = "Maintenance"
    return {"storagepool": _storage(call, pool)}


@command(
    "cancelStorageMaintenance",
    required=("id",),
    subject="storagepool",
    is_async=True,
    changing=True,
    event="MAINT.CANCEL.PS",
    doing="canceling maintenance for storage pool",
    java_class=f"{JAVA}.CancelPrimaryStorageMaintenanceCmd",
)
def cancel_storage_maintenance(call: Call) -> Record:
    """Cancels maintenance for primary storage"""
    pool = _named(call)
    if pool.state in ("Up", "PrepareForMaintenance"):
        raise refused(
            f"Primary storage with id {pool.id} is not ready to complete migration, as the status is:{pool.state}"
        )
    pool.state = "Up"
    return {"storagepool": _storage(call, pool)}
