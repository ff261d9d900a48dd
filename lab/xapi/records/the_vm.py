"""The record of a VM."""

from __future__ import annotations

from lab.world import NULL, World
from lab.world.things import VM
from lab.xapi.records.kind import Kind, attribute
from lab.xapi.values import EPOCH, Record


def allowed_operations(vm: VM) -> list[str]:
    """By power state, when nothing is going on."""
    if vm.current_operations:
        return []
    if vm.power_state == "Running":
        return ["pool_migrate", "clean_shutdown", "clean_reboot", "hard_shutdown", "hard_reboot", "suspend"]
    return ["start", "start_on", "clone", "copy", "destroy"]


def record(world: World, vm: VM) -> Record:
    here = vm.resident_on.ref if vm.resident_on else NULL
    return {
        "uuid": vm.uuid,
        "allowed_operations": allowed_operations(vm),
        "current_operations": dict(vm.current_operations),
        "name_label": vm.name,
        "name_description": vm.name_description,
        "power_state": vm.power_state,
        "is_a_template": vm.is_a_template,
        "resident_on": here,
        "affinity": vm.affinity.ref if vm.affinity else NULL,
        "VCPUs_max": vm.vcpus,
        "VCPUs_at_startup": vm.vcpus,
        "other_config": dict(vm.other_config),
        "domid": 0 if vm.is_control_domain else (-1 if vm.resident_on is None else 1 + vm.pool.vms.index(vm)),
        "is_control_domain": vm.is_control_domain,
        "ha_always_run": vm.ha_always_run,
        "ha_restart_priority": vm.ha_restart_priority,
        "order": vm.order,
        "start_delay": vm.start_delay,
        "shutdown_delay": vm.shutdown_delay,
        **{f"memory_{which}": vm.memory for which in MEMORY_FIELDS},
        **_never_used(),
    }


MEMORY_FIELDS = ("target", "static_max", "dynamic_max", "dynamic_min", "static_min")


def _never_used() -> Record:
    """Fields that keep their defaults in the lab."""
    texts = (
        "PV_bootloader",
        "PV_kernel",
        "PV_ramdisk",
        "PV_args",
        "PV_bootloader_args",
        "PV_legacy_args",
        "PCI_bus",
        "last_booted_record",
        "recommendations",
        "transportable_snapshot_id",
        "snapshot_metadata",
        "reference_label",
    )
    lists = (
        "consoles",
        "VIFs",
        "VBDs",
        "VUSBs",
        "crash_dumps",
        "VTPMs",
        "snapshots",
        "tags",
        "children",
        "VGPUs",
        "attached_PCIs",
    )
    maps = (
        "VCPUs_params",
        "HVM_boot_params",
        "platform",
        "last_boot_CPU_flags",
        "xenstore_data",
        "blobs",
        "blocked_operations",
        "snapshot_info",
        "bios_strings",
        "NVRAM",
    )
    nulls = (
        "suspend_VDI",
        "scheduled_to_be_resident_on",
        "metrics",
        "guest_metrics",
        "snapshot_of",
        "parent",
        "protection_policy",
        "snapshot_schedule",
        "appliance",
        "suspend_SR",
    )
    flags = ("is_default_template", "is_a_snapshot", "is_vmss_snapshot", "requires_reboot")
    return {
        **dict.fromkeys(texts, ""),
        **{name: [] for name in lists},
        **{name: {} for name in maps},
        **dict.fromkeys(nulls, NULL),
        **dict.fromkeys(flags, False),
        "user_version": 1,
        "memory_overhead": 0,
        "actions_after_shutdown": "destroy",
        "actions_after_reboot": "restart",
        "actions_after_crash": "restart",
        "HVM_boot_policy": "BIOS order",
        "HVM_shadow_multiplier": 1.0,
        "domarch": "",
        "snapshot_time": EPOCH,
        "version": 0,
        "generation_id": "0:0",
        "hardware_platform_version": 0,
        "has_vendor_device": False,
        "domain_type": "hvm",
    }


VM_KIND = Kind(
    "VM",
    lambda pool: pool.vms,
    record,
    setters={
        "name_label": ("string", attribute("name")),
        "name_description": ("string", attribute("name_description")),
        "other_config": ("map", attribute("other_config")),
        "order": ("int", attribute("order")),
        "start_delay": ("int", attribute("start_delay")),
        "shutdown_delay": ("int", attribute("shutdown_delay")),
        "affinity": ("host", attribute("affinity")),
    },
    maps={"other_config": "other_config"},
)
