"""What one asks of one host: disable, enable, evacuate, reboot, power on, declare dead, destroy, disarm, update."""

from __future__ import annotations

from lab.world import Update, power
from lab.xapi import dialects
from tests.lab.inside import Inside
from tests.lab.refusals.pools import cut_storage
from tests.lab.refusals.rows import refuses

REBOOT = "host.reboot, host.shutdown"


def enable(lab: Inside, name: str = "basalt-3") -> list[str]:
    host = lab.host(name)
    host.enabled = False
    return lab.refusal(f"{host.pool.name}-1", "host.enable", host.ref)


def reboot(lab: Inside, name: str, *, disabled: bool = True) -> list[str]:
    host = lab.host(name)
    host.enabled = not disabled
    return lab.refusal(f"{host.pool.name}-1", "host.reboot", host.ref)


def evacuate(lab: Inside, name: str = "basalt-2") -> list[str]:
    return lab.refusal("basalt-1", "host.evacuate", lab.host(name).ref)


@refuses("host.disable", "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN", "the plan would not hold without it; evacuate too",
         "xapi_ha_vm_failover.ml:1210")  # fmt: skip
def _(lab: Inside) -> list[str]:
    lab.call("amber-1", "pool.set_ha_host_failures_to_tolerate", lab.pool("amber").ref, "3")
    return lab.refusal("amber-1", "host.disable", lab.host("amber-2").ref)


@refuses("host.disable", "HOST_OFFLINE[host]", "it is not live", "message_forwarding.ml")
def _(lab: Inside) -> list[str]:
    lab.host("basalt-3").live = False
    return lab.refusal("basalt-1", "host.disable", lab.host("basalt-3").ref)


@refuses("host.enable", "OTHER_OPERATION_IN_PROGRESS[host, host, operation, task]", "updates are being applied",
         "xapi_host_helpers.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    lab.host("basalt-3").current_operations["task"] = "apply_updates"
    return enable(lab)


@refuses("host.enable", "HOST_STILL_BOOTING", "its toolstack starts", "xapi_host.ml:77")
def _(lab: Inside) -> list[str]:
    power.restart_toolstack(lab.world, lab.host("basalt-3"))
    return enable(lab)


@refuses("host.enable", "HOST_STILL_BOOTING", "its storage is not plugged yet", "xapi_host.ml:77")
def _(lab: Inside) -> list[str]:
    lab.host("basalt-3").startup_complete = False
    return enable(lab)


@refuses("host.enable", "HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY[host]", "a guidance waits; from 8.3 on",
         "xapi_host.ml:77")  # fmt: skip
def _(lab: Inside) -> list[str]:
    dialects.speak(lab.pool("basalt"), "current")
    lab.host("basalt-3").pending_guidances = ["reboot_host"]
    return enable(lab)


@refuses("host.enable", "HOST_DISABLED_UNTIL_REBOOT", "it was about to reboot and did not; with the host from 8.3 on",
         "xapi_host.ml:77")  # fmt: skip
def _(lab: Inside) -> list[str]:
    lab.host("basalt-3").disabled_until_reboot = True
    return enable(lab)


@refuses("host.enable", "HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED[sr]", "HA on, and an SR of protected VMs is unplugged",
         "xapi_host.ml:77")  # fmt: skip
def _(lab: Inside) -> list[str]:
    vm = lab.host("amber-2").resident[0]
    vm.ha_always_run, vm.ha_restart_priority = True, "restart"
    next(pbd for pbd in lab.host("amber-3").pbds if pbd.sr is vm.disks[0].sr).attached = False
    return enable(lab, "amber-3")


@refuses("host.evacuate", "HOST_NOT_ENOUGH_FREE_MEMORY[vm]", "HA on and a VM is not protected; up to 26.16",
         "xapi_host.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "host.evacuate", lab.host("amber-2").ref)


@refuses("host.evacuate", "HOST_EVACUATE_VM_NOT_HA_PROTECTED[vm]", "the same from 26.17 on", "xapi_host.ml")
def _(lab: Inside) -> list[str]:
    dialects.speak(lab.pool("amber"), "current")
    return lab.refusal("amber-1", "host.evacuate", lab.host("amber-2").ref)


@refuses("host.evacuate", "NO_HOSTS_AVAILABLE", "nobody else is enabled", "xapi_host.ml")
def _(lab: Inside) -> list[str]:
    for host in lab.pool("basalt").hosts:
        host.enabled = False
    return evacuate(lab)


@refuses(
    "host.evacuate", "NO_HOSTS_AVAILABLE", "a VM can no longer go anywhere once it began", "xapi_host.ml"
)
def _(lab: Inside) -> list[str]:
    evacuation = lab.begin("basalt-1", "host.evacuate", lab.host("basalt-2").ref)
    second = lab.host("basalt-2").resident[1]
    second.cannot_migrate = ["VM_HAS_PCI_ATTACHED", second.ref]
    return lab.refused(evacuation)


@refuses("host.evacuate", "INTERNAL_ERROR[text]", "a VM came meanwhile", "xapi_host.ml")
def _(lab: Inside) -> list[str]:
    evacuation = lab.begin("basalt-1", "host.evacuate", lab.host("basalt-2").ref)
    lab.host("basalt-3").resident[0].resident_on = lab.host("basalt-2")
    return lab.refused(evacuation)


@refuses("host.evacuate", "OTHER_OPERATION_IN_PROGRESS[host, host, operation, task]", "it is being evacuated",
         "xapi_host_helpers.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    lab.begin("basalt-1", "host.evacuate", lab.host("basalt-2").ref)
    return evacuate(lab)


@refuses("host.assert_can_evacuate", "CANNOT_EVACUATE_HOST[errors]", "a VM cannot leave; codes and parameters packed",
         "xapi_host.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "host.assert_can_evacuate", lab.host("amber-2").ref)


@refuses(REBOOT, "HOST_NOT_DISABLED", "it is enabled", "xapi_host_helpers.ml")
def _(lab: Inside) -> list[str]:
    return reboot(lab, "basalt-3", disabled=False)


@refuses(REBOOT, "OTHER_OPERATION_IN_PROGRESS[host, host, operation, task]", "it is going down already",
         "xapi_host_helpers.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    lab.host("basalt-3").enabled = False
    lab.call("basalt-1", "host.reboot", lab.host("basalt-3").ref)
    return reboot(lab, "basalt-3")


@refuses(REBOOT, "HA_LOST_STATEFILE", "HA on and it does not see the statefile", "xapi_ha.ml:2100")
def _(lab: Inside) -> list[str]:
    cut_storage(lab, lab.host("amber-3"))
    return reboot(lab, "amber-3")


@refuses("host.power_on", "HOST_IS_LIVE[host]", "it is live", "xapi_host.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "host.power_on", lab.host("basalt-3").ref)


@refuses("host.power_on", "HOST_POWER_ON_MODE_DISABLED", "it has no power_on_mode", "xapi_host.ml")
def _(lab: Inside) -> list[str]:
    lab.host("basalt-3").live = False
    return lab.refusal("basalt-1", "host.power_on", lab.host("basalt-3").ref)


@refuses(
    "host.declare_dead, host.destroy",
    "HOST_IS_LIVE[host]",
    "it counts as live and answers",
    "xapi_host.ml:1000",
)
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "host.declare_dead", lab.host("basalt-3").ref)


@refuses(
    "host.declare_dead, host.destroy", "HOST_IS_LIVE[host]", "it is the master itself", "xapi_host.ml:1000"
)
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "host.declare_dead", lab.host("basalt-1").ref)


@refuses("host.destroy", "HA_IS_ENABLED", "HA is on", "xapi_host.ml")
def _(lab: Inside) -> list[str]:
    lab.host("amber-3").live = False
    return lab.refusal("amber-1", "host.destroy", lab.host("amber-3").ref)


@refuses("host.destroy", "HOST_HAS_RESIDENT_VMS[host]", "VMs are resident there by the books", "xapi_host.ml")
def _(lab: Inside) -> list[str]:
    lab.host("basalt-3").live = False
    return lab.refusal("basalt-1", "host.destroy", lab.host("basalt-3").ref)


@refuses("host.emergency_ha_disable", "HA_NOT_ENABLED", "it is not armed, and not asked softly", "xapi_ha.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-2", "host.emergency_ha_disable", local=True)


@refuses("host.local_assert_healthy", "HA_HOST_CANNOT_ACCESS_STATEFILE", "emergency mode; the stored reason is given",
         "xapi_host.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    lab.host("amber-3").emergency = ["HA_HOST_CANNOT_ACCESS_STATEFILE"]
    return lab.refusal("amber-3", "host.local_assert_healthy", local=True)


@refuses("host.get_management_interface", "INTERNAL_ERROR[text]", "there is none", "xapi_host.ml")
def _(lab: Inside) -> list[str]:
    lab.host("basalt-3").pifs[0].management = False
    return lab.refusal("basalt-1", "host.get_management_interface", lab.host("basalt-3").ref)


@refuses("host.install_server_certificate", "SERVER_CERTIFICATE_INVALID", "it is none", "certificates.ml")
def _(lab: Inside) -> list[str]:
    host = lab.host("basalt-3").ref
    return lab.refusal("basalt-1", "host.install_server_certificate", host, "nonsense", "key")


@refuses("host.apply_updates", "HA_IS_ENABLED", "HA is on", "xapi_host.ml:3119")
def _(lab: Inside) -> list[str]:
    dialects.speak(lab.pool("amber"), "current")
    return lab.refusal("amber-1", "host.apply_updates", lab.host("amber-3").ref, "hash")


@refuses("host.apply_updates", "HOST_EVACUATION_IS_REQUIRED[host]", "VMs run there", "repository.ml:861")
def _(lab: Inside) -> list[str]:
    dialects.speak(lab.pool("basalt"), "current")
    return lab.refusal("basalt-1", "host.apply_updates", lab.host("basalt-3").ref, "hash")


def update(lab: Inside, *names: str, release: str = "8.2") -> str:
    """An update that was applied to these hosts of basalt."""
    dialects.speak(lab.pool("basalt"), release)
    found = Update(lab.world.new_ref(), lab.world.new_uuid(), "XS82E001", guidances=["restartHost"])
    found.hosts = [lab.host(name) for name in names]
    lab.pool("basalt").updates.append(found)
    return found.ref


@refuses(
    "pool_update.apply, precheck",
    "UPDATE_ALREADY_APPLIED[update]",
    "it is applied there",
    "xapi_pool_update.ml",
)
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "pool_update.apply", update(lab, "basalt-3"), lab.host("basalt-3").ref)


@refuses("pool_update.pool_apply", "UPDATE_ALREADY_APPLIED_IN_POOL[update]", "it is applied everywhere",
         "xapi_pool_update.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    everywhere = [host.name for host in lab.pool("basalt").hosts]
    return lab.refusal("basalt-1", "pool_update.pool_apply", update(lab, *everywhere))


@refuses("pool_update.destroy", "UPDATE_IS_APPLIED", "a host has it", "xapi_pool_update.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "pool_update.destroy", update(lab, "basalt-3"))


@refuses(
    "pool_patch.apply, precheck", "PATCH_ALREADY_APPLIED[patch]", "it is applied there", "xapi_pool_patch.ml"
)
def _(lab: Inside) -> list[str]:
    patch = update(lab, "basalt-3", release="6.5")
    return lab.refusal("basalt-1", "pool_patch.apply", patch, lab.host("basalt-3").ref)


@refuses("pool_patch.destroy", "PATCH_IS_APPLIED", "a host has it", "xapi_pool_patch.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "pool_patch.destroy", update(lab, "basalt-3", release="6.5"))
