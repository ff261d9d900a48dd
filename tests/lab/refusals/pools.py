"""What one asks of a whole pool: HA, plans, a new master, ejection, emergencies."""

from __future__ import annotations

from lab.scenarios.build import sr_named
from lab.world import Host, power
from tests.lab.inside import Inside
from tests.lab.refusals.rows import refuses

ENABLE, DESIGNATE, EJECT = "pool.enable_ha", "pool.designate_new_master", "pool.eject"


def enable(lab: Inside, sr: str | None = "nfs-hb", **configuration: str) -> list[str]:
    """basalt, where HA is off."""
    srs = [lab.sr("basalt", sr).ref] if sr else []
    return lab.refusal("basalt-1", ENABLE, srs, configuration)


def member(lab: Inside, number: int = 3) -> Host:
    return lab.host(f"basalt-{number}")


def cut_storage(lab: Inside, *hosts: Host) -> None:
    for host in hosts:
        power.cut_storage(lab.world, host, sr_named(host.pool, "nfs-hb"))


@refuses(ENABLE, "HA_ENABLE_IN_PROGRESS", "another one is under way", "xapi_pool_helpers.ml")
def _(lab: Inside) -> list[str]:
    lab.pool("basalt").current_operations["task"] = "ha_enable"
    return enable(lab)


@refuses(ENABLE, "OTHER_OPERATION_IN_PROGRESS[pool, pool, operation, task]", "eject and the like are under way",
         "xapi_pool_helpers.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    lab.pool("basalt").current_operations["task"] = "eject"
    return enable(lab)


@refuses(ENABLE, "NOT_SUPPORTED_DURING_UPGRADE", "hosts have different platform versions", "xapi_pool.ml:942")
def _(lab: Inside) -> list[str]:
    member(lab).software_version["platform_version"] = "3.4.0"
    return enable(lab)


@refuses(ENABLE, "HA_IS_ENABLED", "it is on", "xapi_ha.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", ENABLE, [], {})


@refuses(ENABLE, "LICENCE_RESTRICTION[feature]", "a host's licence lacks HA", "xapi_ha.ml")
def _(lab: Inside) -> list[str]:
    member(lab).license_params["enable_xha"] = "false"
    return enable(lab)


@refuses(ENABLE, "REQUIRED_PIF_IS_UNPLUGGED[…]", "an interface that may not be unplugged is", "xapi_ha.ml")
def _(lab: Inside) -> list[str]:
    member(lab).pifs[0].attached = False
    return enable(lab)


@refuses(ENABLE, "HOST_OFFLINE[host]", "a host is not live", "xapi_ha.ml:1894")
def _(lab: Inside) -> list[str]:
    member(lab).live = False
    return enable(lab)


@refuses(ENABLE, "CANNOT_CREATE_STATE_FILE", "no SR was given and none can hold it", "xapi_ha.ml:1931")
def _(lab: Inside) -> list[str]:
    for pbd in lab.host("basalt-2").pbds:
        pbd.attached = False
    return enable(lab, sr=None)


@refuses(ENABLE, "INTERNAL_ERROR[text]", "a timeout that is no number, found after the disks are made",
         "xapi_ha.ml:240")  # fmt: skip
def _(lab: Inside) -> list[str]:
    return enable(lab, timeout="soon")


@refuses(ENABLE, "INTERNAL_ERROR[text]", "a timeout below 10 seconds", "xapi_ha.ml:240")
def _(lab: Inside) -> list[str]:
    return enable(lab, timeout="9")


@refuses(ENABLE, "VDI_NOT_AVAILABLE[uuid]", "the master cannot attach the statefile", "xapi_ha.ml")
def _(lab: Inside) -> list[str]:
    cut_storage(lab, lab.host("basalt-1"))
    return enable(lab)


@refuses(ENABLE, "INTERNAL_ERROR[text]", "a host has no management interface", "xapi_ha.ml")
def _(lab: Inside) -> list[str]:
    member(lab).pifs[0].management = False
    return enable(lab)


@refuses(
    ENABLE, "CANNOT_CONTACT_HOST[host]", "a host that counts as live does not answer", "message_forwarding.ml"
)
def _(lab: Inside) -> list[str]:
    power.kill(lab.world, member(lab))
    return enable(lab)


@refuses(ENABLE, "HA_HOST_CANNOT_ACCESS_STATEFILE", "a member does not see the storage", "xapi_host.ml")
def _(lab: Inside) -> list[str]:
    cut_storage(lab, member(lab))
    return enable(lab)


@refuses(
    ENABLE,
    "HA_FAILED_TO_FORM_LIVESET",
    "two members do not hear each other; after timeout + 60 s",
    "xapi_host.ml",
)
def _(lab: Inside) -> list[str]:
    power.cut_between(lab.world, [member(lab, 2)], [member(lab, 3)])
    return enable(lab)


@refuses("pool.disable_ha", "HA_NOT_ENABLED", "it is off", "xapi_ha.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", "pool.disable_ha")


@refuses("pool.disable_ha", "HA_DISABLE_IN_PROGRESS", "another one is under way", "xapi_pool_helpers.ml")
def _(lab: Inside) -> list[str]:
    lab.pool("amber").current_operations["task"] = "ha_disable"
    return lab.refusal("amber-1", "pool.disable_ha")


@refuses(
    "pool.set_ha_host_failures_to_tolerate", "INVALID_VALUE[field, value]", "it is below 0", "xapi_pool.ml"
)
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "pool.set_ha_host_failures_to_tolerate", lab.pool("amber").ref, "-1")


@refuses("pool.set_ha_host_failures_to_tolerate", "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN",
         "HA is on, overcommitment forbidden, and the plan that exists would not hold",
         "xapi_ha_vm_failover.ml:1210")  # fmt: skip
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "pool.set_ha_host_failures_to_tolerate", lab.pool("amber").ref, "4")


@refuses("pool.ha_compute_hypothetical_max_host_failures_to_tolerate", "INVALID_VALUE[field, value]",
         "a priority that is none", "xapi_ha_vm_failover.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    vm = lab.host("amber-1").resident[0]
    call = "pool.ha_compute_hypothetical_max_host_failures_to_tolerate"
    return lab.refusal("amber-1", call, {vm.ref: "1"})


@refuses(DESIGNATE, "DESIGNATE_NEW_MASTER_IN_PROGRESS", "another one is under way", "xapi_pool_helpers.ml")
def _(lab: Inside) -> list[str]:
    lab.pool("basalt").current_operations["task"] = "designate_new_master"
    return lab.refusal("basalt-1", DESIGNATE, member(lab).ref)


@refuses(DESIGNATE, "HA_IS_ENABLED", "HA is on", "xapi_pool.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", DESIGNATE, lab.host("amber-2").ref)


@refuses(
    DESIGNATE, "HOST_OFFLINE[host]", "the target or any other host is not live", "message_forwarding.ml:130"
)
def _(lab: Inside) -> list[str]:
    member(lab, 4).live = False
    return lab.refusal("basalt-1", DESIGNATE, member(lab).ref)


@refuses(DESIGNATE, "INTERNAL_ERROR[text]", "the target does not reach a host in the first phase",
         "xapi_pool_transition.ml")  # fmt: skip
def _(lab: Inside) -> list[str]:
    power.cut_between(lab.world, [member(lab, 3)], [member(lab, 4)])
    return lab.refusal("basalt-1", DESIGNATE, member(lab).ref)


@refuses(DESIGNATE, "INTERNAL_ERROR[text]", "a host fails in the second phase; the target is HOST_BROKEN then",
         "xapi_pool_transition.ml:148")  # fmt: skip
def _(lab: Inside) -> list[str]:
    lab.world.after(7, lambda: power.kill(lab.world, member(lab, 4)))
    return lab.refusal("basalt-1", DESIGNATE, member(lab).ref)


@refuses(DESIGNATE, "HA_ABORT_NEW_MASTER[text]", "a host agreed to another one less than ten minutes ago",
         "xapi_ha.ml:1496")  # fmt: skip
def _(lab: Inside) -> list[str]:
    lab.call("basalt-4", "host.propose_new_master", member(lab, 2).address, True, local=True)
    return lab.refusal("basalt-1", DESIGNATE, member(lab).ref)


@refuses("host.commit_new_master", "HA_ABORT_NEW_MASTER[text]", "nobody proposed one", "xapi_ha.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-2", "host.commit_new_master", member(lab).address, local=True)


@refuses("host.commit_new_master", "HA_ABORT_NEW_MASTER[text]", "another one was proposed", "xapi_ha.ml")
def _(lab: Inside) -> list[str]:
    lab.call("basalt-2", "host.propose_new_master", member(lab, 4).address, True, local=True)
    return lab.refusal("basalt-2", "host.commit_new_master", member(lab).address, local=True)


@refuses(EJECT, "HA_IS_ENABLED", "HA is on", "xapi_pool.ml:2258")
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", EJECT, lab.host("amber-2").ref)


@refuses(EJECT, "INTERNAL_ERROR[text]", "it is the master", "xapi_pool.ml:2552")
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", EJECT, lab.host("basalt-1").ref)


@refuses(
    EJECT, "OPERATION_NOT_ALLOWED[text]", "a VM that is not halted is resident there", "xapi_pool.ml:2278"
)
def _(lab: Inside) -> list[str]:
    return lab.refusal("basalt-1", EJECT, member(lab).ref)


@refuses(EJECT, "CANNOT_CONTACT_HOST[host]", "it goes away meanwhile", "message_forwarding.ml")
def _(lab: Inside) -> list[str]:
    lab.empty("basalt-3")
    lab.world.after(10, lambda: power.kill(lab.world, member(lab)))
    return lab.refusal("basalt-1", EJECT, member(lab).ref)


@refuses(
    "pool.emergency_transition_to_master", "HA_IS_ENABLED", "the host itself is armed", "xapi_pool.ml:2203"
)
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-2", "pool.emergency_transition_to_master", local=True)


@refuses("pool.emergency_reset_master", "HA_IS_ENABLED", "the host itself is armed", "xapi_pool.ml:2208")
def _(lab: Inside) -> list[str]:
    address = lab.host("amber-3").address
    return lab.refusal("amber-2", "pool.emergency_reset_master", address, local=True)
