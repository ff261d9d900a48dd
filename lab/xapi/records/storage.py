"""The records of SR, PBD, VDI and SM."""

from __future__ import annotations

from lab.world.things import PBD, SM, SR, VDI
from lab.xapi.records.devices import Disk
from lab.xapi.records.kind import Kind, View
from lab.xapi.values import Record


def sr_record(view: View, sr: SR) -> Record:
    return {
        "uuid": sr.uuid,
        "name_label": sr.name,
        "name_description": sr.name_description,
        "allowed_operations": ["scan", "plug", "unplug", "vdi_create", "vdi_destroy", "forget"],
        "VDIs": [vdi.ref for vdi in sr.vdis],
        "PBDs": [pbd.ref for pbd in sr.pbds],
        "virtual_allocation": sr.used,
        "physical_utilisation": sr.used,
        "physical_size": sr.size,
        "type": sr.type,
        "content_type": sr.content_type,
        "shared": sr.shared,
        "other_config": sr.other_config.copy(),
        "is_tools_sr": sr.is_tools_sr,
    }


def pbd_record(view: View, pbd: PBD) -> Record:
    return {
        "uuid": pbd.uuid,
        "host": pbd.host.ref,
        "SR": pbd.sr.ref,
        "device_config": pbd.device_config.copy(),
        "currently_attached": pbd.attached,
        "other_config": pbd.other_config.copy(),
    }


def vdi_record(view: View, vdi: VDI) -> Record:
    users = view.users.get(vdi, [])
    return {
        "uuid": vdi.uuid,
        "name_label": vdi.name,
        "name_description": vdi.name_description,
        "allowed_operations": ["clone", "copy", "snapshot"] + ([] if users else ["destroy"]),
        "SR": vdi.sr.ref,
        "VBDs": [Disk(vm, vdi, 0).ref for vm in users],
        "virtual_size": vdi.virtual_size,
        "physical_utilisation": vdi.virtual_size,
        "type": vdi.type,
        "location": vdi.uuid,
        "managed": True,
    }


def sm_record(view: View, sm: SM) -> Record:
    return {
        "uuid": sm.uuid,
        "name_label": sm.type,
        "type": sm.type,
        "vendor": "Lab",
        "version": "1.0",
        "required_api_version": "1.0",
        "capabilities": list(sm.features),
        "features": sm.features.copy(),
        "driver_filename": f"/opt/xensource/sm/{sm.type.upper()}SR",
        "required_cluster_stack": sm.required_cluster_stack.copy(),
    }


NAMES = {"name_label": "name", "name_description": "name_description"}
SR_KIND = Kind("SR", lambda pool: pool.srs, sr_record, {**NAMES, "other_config": "other_config"})
PBD_KIND = Kind(
    "PBD",
    lambda pool: pool.pbds,
    pbd_record,
    {"other_config": "other_config", "device_config": "device_config"},
)
VDI_KIND = Kind("VDI", lambda pool: pool.vdis, vdi_record, NAMES)
SM_KIND = Kind("SM", lambda pool: pool.sms, sm_record)
