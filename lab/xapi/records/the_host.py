"""The record of a host."""

from __future__ import annotations

from lab.world import NULL, World
from lab.world.things import Host
from lab.xapi.records.kind import Kind, attribute
from lab.xapi.values import Record


def allowed_operations(host: Host) -> list[str]:
    """Operations that would not be refused now for a reason the host's record knows."""
    if host.current_operations:
        return []
    if not host.enabled:
        return ["evacuate", "shutdown", "reboot", "apply_updates", "enable"]
    return ["provision", "evacuate", "vm_start", "vm_resume", "vm_migrate"]


def record(world: World, host: Host) -> Record:
    other_config = {
        **host.other_config,
        "boot_time": f"{host.boot_time:.0f}.",
        "agent_start_time": f"{host.agent_start_time:.0f}.",
    }
    return {
        "uuid": host.uuid,
        "name_label": host.name,
        "name_description": host.name_description,
        "memory_overhead": host.memory_overhead,
        "allowed_operations": allowed_operations(host),
        "current_operations": dict(host.current_operations),
        "enabled": host.enabled,
        "software_version": dict(host.software_version),
        "other_config": other_config,
        "resident_VMs": [vm.ref for vm in host.pool.vms if vm.resident_on is host],
        "PIFs": [pif.ref for pif in host.pifs],
        "PBDs": [pbd.ref for pbd in host.pbds],
        "hostname": host.software_version.get("hostname", host.name),
        "address": host.address,
        "metrics": host.metrics_ref,
        "license_params": dict(host.license_params),
        "ha_statefiles": list(host.ha_statefiles),
        "ha_network_peers": list(host.ha_network_peers),
        "control_domain": next(
            (vm.ref for vm in host.pool.vms if vm.is_control_domain and vm.resident_on is host), NULL
        ),
        "iscsi_iqn": host.other_config.get("iscsi_iqn", ""),
        "multipathing": host.multipathing,
        **_as_installed(host),
    }


def _as_installed(host: Host) -> Record:
    """Fields that keep what an installation of 8.2 gives them."""
    return {
        "API_version_major": 2,
        "API_version_minor": 15,
        "API_version_vendor": "XenSource",
        "API_version_vendor_implementation": {},
        "capabilities": ["xen-3.0-x86_64", "hvm-3.0-x86_32", "hvm-3.0-x86_64"],
        "cpu_configuration": {},
        "sched_policy": "credit",
        "supported_bootloaders": ["pygrub", "eliloader"],
        "logging": {},
        "suspend_image_sr": NULL,
        "crash_dump_sr": NULL,
        "crashdumps": [],
        "patches": [],
        "updates": [],
        "updates_requiring_reboot": [],
        "host_CPUs": [],
        "cpu_info": {"cpu_count": str(host.cpu_count), "socket_count": "2", "vendor": host.cpu_vendor},
        "blobs": {},
        "tags": [],
        "external_auth_type": "",
        "external_auth_service_name": "",
        "external_auth_configuration": {},
        "edition": "enterprise-per-socket",
        "editions": ["free", "enterprise-per-socket"],
        "license_server": {"address": "localhost", "port": "27000"},
        "bios_strings": {"system-manufacturer": "Baton lab", "system-serial-number": host.uuid[:8]},
        "power_on_mode": "",
        "power_on_config": {},
        "local_cache_sr": NULL,
        "chipset_info": {"iommu": "true"},
        "PCIs": [],
        "PGPUs": [],
        "PUSBs": [],
        "ssl_legacy": False,
        "guest_VCPUs_params": {},
        "display": "enabled",
        "virtual_hardware_platform_versions": [0, 1, 2],
        "features": [],
        "uefi_certificates": "",
        "certificates": [],
    }


HOST = Kind(
    "host",
    lambda pool: pool.hosts,
    record,
    setters={
        "name_label": ("string", attribute("name")),
        "name_description": ("string", attribute("name_description")),
        "other_config": ("map", attribute("other_config")),
        "address": ("string", attribute("address")),
    },
    maps={"other_config": "other_config", "license_params": "license_params"},
)
