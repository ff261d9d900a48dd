"""The records of a VM and its metrics."""

from __future__ import annotations

from lab.world import NULL
from lab.world.things import VM, Pool
from lab.xapi.records.devices import cards_of, disks_of
from lab.xapi.records.kind import Kind, View, derived, ref_of
from lab.xapi.values import Record, Stamp

METRICS_MARK, GUEST_MARK = 0x3E72, 0x6E57
MEMORY_FIELDS = ("target", "static_max", "dynamic_max", "dynamic_min", "static_min")


def allowed_operations(vm: VM) -> list[str]:
    """By power state, when nothing is going on."""
    if vm.current_operations:
        return []
    if vm.power_state == "Running":
        return ["pool_migrate", "clean_shutdown", "clean_reboot", "hard_shutdown", "hard_reboot", "suspend"]
    return ["start", "start_on", "clone", "copy", "destroy"]


def metrics_ref(vm: VM) -> str:
    return ref_of(derived(vm.uuid, METRICS_MARK))


def guest_ref(vm: VM) -> str:
    return ref_of(derived(vm.uuid, GUEST_MARK))


def has_guest(vm: VM) -> bool:
    """A guest agent has reported: it runs and is no control domain."""
    return vm.power_state == "Running" and not vm.is_control_domain


def live(view: View, vm: VM) -> Record:
    return {
        "uuid": vm.uuid,
        "allowed_operations": allowed_operations(vm),
        "current_operations": vm.current_operations.copy(),
        "name_label": vm.name,
        "name_description": vm.name_description,
        "power_state": vm.power_state,
        "is_a_template": vm.is_a_template,
        "resident_on": vm.resident_on.ref if vm.resident_on else NULL,
        "affinity": vm.affinity.ref if vm.affinity else NULL,
        "VCPUs_max": vm.vcpus,
        "VCPUs_at_startup": vm.vcpus,
        "other_config": vm.other_config.copy(),
        "domid": _domid(vm),
        "is_control_domain": vm.is_control_domain,
        "ha_always_run": vm.ha_always_run,
        "ha_restart_priority": vm.ha_restart_priority,
        "order": vm.order,
        "start_delay": vm.start_delay,
        "shutdown_delay": vm.shutdown_delay,
        "VBDs": [disk.ref for disk in disks_of(vm)],
        "VIFs": [card.ref for card in cards_of(vm)],
        "metrics": metrics_ref(vm),
        "guest_metrics": guest_ref(vm) if has_guest(vm) else NULL,
        "actions_after_reboot": "restart",
        "actions_after_crash": "restart",
        "HVM_boot_policy": "BIOS order",
        "has_vendor_device": False,
        "domain_type": "pv" if vm.is_control_domain else "hvm",
        "user_version": 1,
        **{f"memory_{which}": vm.memory for which in MEMORY_FIELDS},
    }


def _domid(vm: VM) -> int:
    """0 for a control domain, -1 when halted, else a number of its own."""
    if vm.is_control_domain:
        return 0
    return -1 if vm.resident_on is None else 1 + int(vm.uuid[:4], 16) % 32_000


def metrics(view: View, vm: VM) -> Record:
    running = vm.resident_on is not None
    return {
        "uuid": derived(vm.uuid, METRICS_MARK),
        "memory_actual": vm.memory if running else 0,
        "VCPUs_number": vm.vcpus if running else 0,
        "state": ["running"] if running else [],
        "start_time": Stamp(vm.resident_on.boot_time if vm.resident_on else 0.0),
        "hvm": running and not vm.is_control_domain,
        "current_domain_type": ("pv" if vm.is_control_domain else "hvm") if running else "unspecified",
    }


def guest_metrics(view: View, vm: VM) -> Record:
    return {
        "uuid": derived(vm.uuid, GUEST_MARK),
        "os_version": {"name": "Debian GNU/Linux", "distro": "debian", "major": "12", "minor": "5"},
        "PV_drivers_version": {"major": "8", "minor": "2", "micro": "0", "build": "2"},
        "PV_drivers_up_to_date": True,
        "PV_drivers_detected": True,
        "other": {"feature-suspend": "1", "feature-shutdown": "1", "feature-reboot": "1"},
        "live": True,
    }


def _guests(pool: Pool) -> list[VM]:
    return [vm for vm in pool.vms if has_guest(vm)]


VM_KIND = Kind(
    "VM",
    lambda pool: pool.vms,
    live,
    writes={
        "name_label": "name",
        "name_description": "name_description",
        "other_config": "other_config",
        "order": "order",
        "start_delay": "start_delay",
        "shutdown_delay": "shutdown_delay",
        "affinity": "affinity",
        "is_a_template": "is_a_template",
    },
)
VM_METRICS = Kind("VM_metrics", lambda pool: pool.vms, metrics, ref=metrics_ref)
VM_GUEST_METRICS = Kind("VM_guest_metrics", _guests, guest_metrics, ref=guest_ref)
