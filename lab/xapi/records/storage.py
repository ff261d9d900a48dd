"""The records of SR, PBD and VDI."""

from __future__ import annotations

from lab.world import NULL, World
from lab.world.things import PBD, SR, VDI
from lab.xapi.records.kind import Kind, attribute
from lab.xapi.values import EPOCH, Record


def sr_record(world: World, sr: SR) -> Record:
    return {
        "uuid": sr.uuid,
        "name_label": sr.name,
        "name_description": sr.name_description,
        "allowed_operations": ["scan", "plug", "unplug", "vdi_create", "vdi_destroy", "forget"],
        "current_operations": {},
        "VDIs": [vdi.ref for vdi in sr.vdis],
        "PBDs": [pbd.ref for pbd in sr.pbds],
        "virtual_allocation": sr.used,
        "physical_utilisation": sr.used,
        "physical_size": sr.size,
        "type": sr.type,
        "content_type": sr.content_type,
        "shared": sr.shared,
        "other_config": dict(sr.other_config),
        "tags": [],
        "sm_config": {},
        "blobs": {},
        "local_cache_enabled": False,
        "introduced_by": NULL,
        "clustered": False,
        "is_tools_sr": False,
    }


def pbd_record(world: World, pbd: PBD) -> Record:
    return {
        "uuid": pbd.uuid,
        "host": pbd.host.ref,
        "SR": pbd.sr.ref,
        "device_config": dict(pbd.device_config),
        "currently_attached": pbd.attached,
        "other_config": dict(pbd.other_config),
    }


def vdi_record(world: World, vdi: VDI) -> Record:
    return {
        "uuid": vdi.uuid,
        "name_label": vdi.name,
        "name_description": vdi.name_description,
        "allowed_operations": ["clone", "copy", "snapshot", "destroy"],
        "current_operations": {},
        "SR": vdi.sr.ref,
        "virtual_size": vdi.virtual_size,
        "physical_utilisation": vdi.virtual_size,
        "type": vdi.type,
        "location": vdi.uuid,
        "managed": True,
        **_never_used(),
    }


def _never_used() -> Record:
    """Fields that keep their defaults in the lab."""
    lists = ("VBDs", "crash_dumps", "snapshots", "tags")
    flags = (
        "sharable",
        "read_only",
        "storage_lock",
        "missing",
        "is_a_snapshot",
        "allow_caching",
        "metadata_latest",
        "is_tools_iso",
        "cbt_enabled",
    )
    return {
        **{name: [] for name in lists},
        **dict.fromkeys(flags, False),
        **dict.fromkeys(("parent", "snapshot_of", "metadata_of_pool"), NULL),
        **{name: {} for name in ("other_config", "xenstore_data", "sm_config")},
        "snapshot_time": EPOCH,
        "on_boot": "persist",
    }


NAMES = {
    "name_label": ("string", attribute("name")),
    "name_description": ("string", attribute("name_description")),
}
SR_KIND = Kind(
    "SR",
    lambda pool: pool.srs,
    sr_record,
    setters={**NAMES, "other_config": ("map", attribute("other_config"))},
    maps={"other_config": "other_config"},
)
PBD_KIND = Kind(
    "PBD",
    lambda pool: pool.pbds,
    pbd_record,
    setters={
        "other_config": ("map", attribute("other_config")),
        "device_config": ("map", attribute("device_config")),
    },
    maps={"other_config": "other_config"},
    named=False,
)
VDI_KIND = Kind("VDI", lambda pool: pool.vdis, vdi_record, setters=NAMES)
