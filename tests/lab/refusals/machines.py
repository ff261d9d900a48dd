"""What one asks of VMs, storage and interfaces."""

from __future__ import annotations

from lab.world import GIB, VM, power
from tests.lab.inside import Inside
from tests.lab.refusals.rows import refuses

MIGRATE, START = "VM.pool_migrate", "VM.start_on"
STATEFILE, MANAGEMENT = "SR.assert_can_host_ha_statefile", "PIF_IS_MANAGEMENT_INTERFACE[pif]"


def guest(lab: Inside) -> VM:
    """A VM that runs on basalt-2."""
    return lab.host("basalt-2").resident[0]


def migrate(lab: Inside, to: str = "basalt-3") -> list[str]:
    return lab.refusal("basalt-1", MIGRATE, guest(lab).ref, lab.host(to).ref, {})


def halted(lab: Inside) -> VM:
    vm = guest(lab)
    vm.power_state, vm.resident_on = "Halted", None
    return vm


def start(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", START, halted(lab).ref, lab.host("basalt-3").ref, False, False)


@refuses(MIGRATE, "VM_BAD_POWER_STATE[vm, wanted, found]", "it does not run", "xapi_vm_migrate.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", MIGRATE, halted(lab).ref, lab.host("basalt-3").ref, {})


@refuses(MIGRATE, "HOST_OFFLINE[host]", "the target is not live", "message_forwarding.ml")
def _(lab: Inside) -> list[str]:
    lab.host("basalt-3").live = False
    return migrate(lab)


@refuses(MIGRATE, "HOST_DISABLED[host]", "the target is disabled", "xapi_vm_helpers.ml")
def _(lab: Inside) -> list[str]:
    lab.host("basalt-3").enabled = False
    return migrate(lab)


@refuses(MIGRATE, "VM_HAS_PCI_ATTACHED[vm]", "something holds the VM where it is; what, is told",
         "xapi_vm_helpers.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    guest(lab).cannot_migrate = ["VM_HAS_PCI_ATTACHED", guest(lab).ref]
    return migrate(lab)


@refuses(MIGRATE, "VM_REQUIRES_SR[vm, sr]", "a disk of it is local", "xapi_vm_helpers.ml")
def _(lab: Inside) -> list[str]:
    guest(lab).disks[0].sr = lab.sr("basalt", "Local storage on basalt-2")
    return migrate(lab)


def unplug_everywhere(lab: Inside) -> None:
    for pbd in lab.sr("basalt", "iscsi-1").pbds:
        pbd.attached = False


@refuses(MIGRATE, "VM_REQUIRES_SR[vm, sr]", "the target does not see its storage", "xapi_vm_helpers.ml")
def _(lab: Inside) -> list[str]:
    unplug_everywhere(lab)
    return migrate(lab)


@refuses(MIGRATE, "HOST_NOT_ENOUGH_FREE_MEMORY[needed, free]", "the target has no room", "xapi_vm_helpers.ml")
def _(lab: Inside) -> list[str]:
    guest(lab).memory = 1024 * GIB
    return migrate(lab)


@refuses(MIGRATE, "OTHER_OPERATION_IN_PROGRESS[VM, vm, operation, task]", "it has work under way; all calls on VMs",
         "xapi_vm_lifecycle.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    guest(lab).current_operations["task"] = "snapshot"
    return migrate(lab)


@refuses(MIGRATE, "VM_HOST_INCOMPATIBLE_VERSION_MIGRATE[host, vm]", "the target has an older release",
         "xapi_vm_helpers.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    lab.host("basalt-3").software_version["product_version"] = "8.1.0"
    return migrate(lab)


@refuses(
    MIGRATE,
    "VM_MIGRATE_FAILED[vm, source, target, text]",
    "the two hosts lose each other",
    "xapi_vm_migrate.ml",
)
def _(lab: Inside) -> list[str]:
    source, target = lab.host("basalt-2"), lab.host("basalt-3")
    lab.world.after(2, lambda: power.cut_between(lab.world, [source], [target]))
    return migrate(lab)


@refuses("VM.start", "VM_BAD_POWER_STATE[vm, wanted, found]", "it is not halted", "xapi_vm_lifecycle.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "VM.start", guest(lab).ref, False, False)


@refuses("VM.start", "NO_HOSTS_AVAILABLE", "no host is enabled", "xapi_vm_helpers.ml")
def _(lab: Inside) -> list[str]:
    for host in lab.pool("basalt").hosts:
        host.enabled = False
    return lab.refusal("basalt-1", "VM.start", halted(lab).ref, False, False)


@refuses("VM.start", "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN", "it is to be protected, and the plan would not hold",
         "xapi_ha_vm_failover.ml:1210")  # fmt: skip
def _(lab: Inside) -> list[str]:
    vm = lab.host("amber-2").resident[0]
    vm.power_state, vm.resident_on, vm.ha_restart_priority = "Halted", None, "restart"
    vm.disks[0].sr = lab.sr("amber", "Local storage on amber-2")
    return lab.refusal("amber-1", START, vm.ref, lab.host("amber-2").ref, False, False)


@refuses(START, "VM_BAD_POWER_STATE[vm, wanted, found]", "it is not halted", "xapi_vm_lifecycle.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", START, guest(lab).ref, lab.host("basalt-3").ref, False, False)


@refuses(START, "HOST_OFFLINE[host]", "the host is not live", "message_forwarding.ml")
def _(lab: Inside) -> list[str]:
    lab.host("basalt-3").live = False
    return start(lab)


@refuses(START, "HOST_DISABLED[host]", "the host is disabled", "xapi_vm_helpers.ml")
def _(lab: Inside) -> list[str]:
    lab.host("basalt-3").enabled = False
    return start(lab)


@refuses(START, "VM_REQUIRES_SR[vm, sr]", "the host does not see its storage", "xapi_vm_helpers.ml")
def _(lab: Inside) -> list[str]:
    unplug_everywhere(lab)
    return start(lab)


@refuses(START, "HOST_NOT_ENOUGH_FREE_MEMORY[needed, free]", "the host has no room", "xapi_vm_helpers.ml")
def _(lab: Inside) -> list[str]:
    guest(lab).memory = 1024 * GIB
    return start(lab)


@refuses("VM.clean_shutdown, hard_shutdown", "VM_BAD_POWER_STATE[vm, wanted, found]", "it does not run",
         "xapi_vm_lifecycle.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "VM.clean_shutdown", halted(lab).ref)


@refuses("VM.clean_reboot, hard_reboot", "VM_BAD_POWER_STATE[vm, wanted, found]", "it does not run",
         "xapi_vm_lifecycle.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "VM.clean_reboot", halted(lab).ref)


@refuses("VM.power_state_reset", "CANNOT_RESET_CONTROL_DOMAIN[vm]", "it is a control domain", "xapi_vm.ml")
def _(lab: Inside) -> list[str]:
    domain = next(vm for vm in lab.pool("basalt").vms if vm.is_control_domain)
    return lab.refusal("basalt-1", "VM.power_state_reset", domain.ref)


@refuses(
    "VM.assert_agile", "HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED[sr]", "a disk of it is local", "agility.ml"
)
def _(lab: Inside) -> list[str]:
    guest(lab).disks[0].sr = lab.sr("basalt", "Local storage on basalt-2")
    return lab.refusal("basalt-1", "VM.assert_agile", guest(lab).ref)


@refuses("VM.set_ha_restart_priority", "INVALID_VALUE[field, value]", "it is none of restart, best-effort and nothing",
         "xapi_vm.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "VM.set_ha_restart_priority", guest(lab).ref, "1")


@refuses(STATEFILE, "SR_NO_PBDS[sr]", "a host has no plug for it, or an unplugged one", "xha_statefile.ml:73")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", STATEFILE, lab.sr("basalt", "Local storage on basalt-2").ref)


@refuses(STATEFILE, "INCOMPATIBLE_STATEFILE_SR[type]", "its driver requires another cluster stack",
         "xha_statefile.ml:73")  # fmt: skip
def _(lab: Inside) -> list[str]:
    next(sm for sm in lab.pool("basalt").sms if sm.type == "nfs").required_cluster_stack = ["corosync"]
    return lab.refusal("basalt-1", STATEFILE, lab.sr("basalt", "nfs-hb").ref)


@refuses(STATEFILE, "SR_OPERATION_NOT_SUPPORTED[sr]", "its driver cannot attach disks by configuration alone",
         "xha_statefile.ml:73")  # fmt: skip
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", STATEFILE, lab.sr("basalt", "isos").ref)


@refuses(STATEFILE, "SR_SOURCE_SPACE_INSUFFICIENT[sr]", "it is full", "xha_statefile.ml:73")
def _(lab: Inside) -> list[str]:
    lab.sr("basalt", "nfs-hb").size = 1024
    return lab.refusal("basalt-1", STATEFILE, lab.sr("basalt", "nfs-hb").ref)


def plug(lab: Inside) -> list[str]:
    pbd = lab.sr("basalt", "nfs-hb").pbds[2]
    pbd.attached = False
    return lab.refusal("basalt-1", "PBD.plug", pbd.ref)


@refuses("PBD.plug", "SR_BACKEND_FAILURE_47[…]", "the host does not reach the storage", "sm")
def _(lab: Inside) -> list[str]:
    power.cut_storage(lab.world, lab.host("basalt-3"), lab.sr("basalt", "nfs-hb"))
    return plug(lab)


@refuses("PBD.plug", "SR_BACKEND_FAILURE_73[…]", "the driver fails; how, is told", "sm")
def _(lab: Inside) -> list[str]:
    lab.sr("basalt", "nfs-hb").pbds[2].fails = ["SR_BACKEND_FAILURE_73", "", "NFS mount error", ""]
    return plug(lab)


@refuses("PBD.unplug", "HA_IS_ENABLED", "it holds the heartbeat of HA", "xapi_pbd.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "PBD.unplug", lab.sr("amber", "nfs-hb").pbds[1].ref)


@refuses("PBD.unplug", "VDI_IN_USE[vdi, operation]", "a VM on the host uses it; eject too", "xapi_pbd.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "PBD.unplug", lab.sr("basalt", "iscsi-1").pbds[1].ref)


@refuses("VDI.destroy, forget, resize", "HA_IS_ENABLED", "HA works with it", "xapi_vdi.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "VDI.destroy", lab.pool("amber").ha_statefiles[0])


@refuses("VDI.destroy, forget, resize", "VDI_IN_USE[vdi, operation]", "a VM runs on it", "xapi_vdi.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "VDI.destroy", guest(lab).disks[0].ref)


@refuses("PIF.unplug, reconfigure_ip; host.management_reconfigure, install_server_certificate; "
         "pool.management_reconfigure, enable_tls_verification, rotate_secret", "HA_IS_ENABLED", "HA is on",
         "xapi_pif.ml, xapi_host.ml, xapi_pool.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "PIF.unplug", lab.host("amber-2").pifs[1].ref)


@refuses("PIF.unplug", MANAGEMENT, "the host is managed by it", "xapi_pif.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "PIF.unplug", lab.host("basalt-2").pifs[0].ref)


@refuses("PIF.reconfigure_ip", MANAGEMENT, "it would lose its address", "xapi_pif.ml:917")
def _(lab: Inside) -> list[str]:
    pif = lab.host("basalt-2").pifs[0].ref
    return lab.refusal("basalt-1", "PIF.reconfigure_ip", pif, "None", "", "", "", "")


@refuses(
    "host.management_reconfigure",
    "INTERFACE_HAS_NO_IP[interface]",
    "the interface is unplugged",
    "xapi_pif.ml",
)
def _(lab: Inside) -> list[str]:
    pif = lab.host("basalt-1").pifs[1]
    pif.attached = False
    return lab.refusal("basalt-1", "host.management_reconfigure", pif.ref)
