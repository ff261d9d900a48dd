"""Plain words for what XAPI and CloudStack say when they refuse: what it means, and what helps.

Sources: XAPI's datamodel of errors; CloudStack's ApiErrorCode and the texts of its resource and agent managers.
"""

from __future__ import annotations

from collections.abc import Sequence

XAPI = {
    "CANNOT_CONTACT_HOST": "The master cannot reach that host. See whether it is up, and its management network.",
    "CANNOT_CREATE_STATE_FILE": "No SR can hold the heartbeat. Attach a shared SR to every host.",
    "CANNOT_EVACUATE_HOST": "Some of its VMs cannot move. Look at what ties each of them to the host.",
    "HA_ABORT_NEW_MASTER": "The host does not take the master role now; a proposal half done blocks for 10 minutes.",
    "HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED": "A protected VM needs a network that not every host has.",
    "HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED": "With HA on, every host must see every SR of protected VMs. "
    "Plug what is unplugged.",
    "HA_DISABLE_IN_PROGRESS": "HA is being turned off already. Wait until that is done.",
    "HA_ENABLE_IN_PROGRESS": "HA is being turned on already. Wait until that is done.",
    "HA_FAILED_TO_FORM_LIVESET": "The hosts did not find each other in time. Check the heartbeat's SR and UDP 694 "
    "between the management addresses.",
    "HA_HOST_CANNOT_ACCESS_STATEFILE": "A host does not reach the heartbeat's SR. Check its storage.",
    "HA_IS_ENABLED": "This cannot be done while HA is on. Turn HA off first.",
    "HA_LOST_STATEFILE": "The host has lost the heartbeat's SR: it would be fenced.",
    "HA_NOT_ENABLED": "HA is off already.",
    "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN": "HA could no longer restart all protected VMs. Tolerate fewer failures, "
    "or turn HA off for the work.",
    "HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED": "The pool has HA on, but this host has left it. It stays in emergency "
    "mode until HA is set again.",
    "HA_TOO_FEW_HOSTS": "HA needs three hosts at least.",
    "HANDLE_INVALID": "What this names is not there any more: the master restarted, or somebody removed it.",
    "HOST_BROKEN": "The host stopped half-way through a change of master. Its toolstack has to be restarted.",
    "HOST_DISABLED": "The host is disabled. Enable it first.",
    "HOST_DISABLED_UNTIL_REBOOT": "A reboot of this host was begun. It has to be finished before it can be enabled.",
    "HOST_EVACUATE_VM_NOT_HA_PROTECTED": "With HA on, a VM that HA does not protect stops an evacuation.",
    "HOST_HAS_NO_MANAGEMENT_IP": "The host has no address on its management interface. Look at its console.",
    "HOST_HAS_RESIDENT_VMS": "VMs still count as running there. Move or stop them first.",
    "HOST_IS_LIVE": "The host is alive, so it cannot be taken for dead.",
    "HOST_IS_SLAVE": "That host is a member, not the master.",
    "HOST_MASTER_CANNOT_TALK_BACK": "The master does not reach this host at its management address.",
    "HOST_NOT_DISABLED": "The host takes new VMs still. Disable it first.",
    "HOST_NOT_ENOUGH_FREE_MEMORY": "No other host has the memory; with HA on also: the VM is not protected.",
    "HOST_OFFLINE": "The master takes that host for offline. It has to be live, or removed as a dead one.",
    "HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY": "Updates want this host restarted before it is used.",
    "HOST_STILL_BOOTING": "The host's toolstack is still starting. Wait a minute and try again.",
    "HOST_UNKNOWN_TO_MASTER": "The master does not know this host: it follows a wrong master, or was removed.",
    "INCOMPATIBLE_STATEFILE_SR": "That type of SR cannot hold the heartbeat.",
    "INTERNAL_ERROR": "XAPI failed by itself. Its log on the master (/var/log/xensource.log) says why.",
    "LICENCE_RESTRICTION": "The licence of a host does not include this.",
    "MESSAGE_METHOD_UNKNOWN": "This version of XenServer has no such call.",
    "MESSAGE_PARAMETER_COUNT_MISMATCH": "This version of XenServer takes the call with other parameters.",
    "NOT_SUPPORTED_DURING_UPGRADE": "Not while the hosts run different versions. Finish the upgrade first.",
    "OPERATION_NOT_ALLOWED": "XAPI does not allow this now.",
    "OTHER_OPERATION_IN_PROGRESS": "Something else works on it at this moment. Wait until that is done.",
    "RBAC_PERMISSION_DENIED": "The account lacks the role for this call. Use root, or a pool-operator.",
    "REQUIRED_PIF_IS_UNPLUGGED": "A network interface that HA needs is unplugged.",
    "SESSION_AUTHENTICATION_FAILED": "The user or the password is wrong.",
    "SESSION_INVALID": "The session has ended, because the toolstack restarted.",
    "SR_BACKEND_FAILURE_": "The storage driver failed. The storage, or the way to it, has to be mended first.",
    "SR_NO_PBDS": "Not every host is attached to that SR. Plug its PBDs first.",
    "SR_OPERATION_NOT_SUPPORTED": "That SR cannot do this.",
    "SR_SOURCE_SPACE_INSUFFICIENT": "That SR has too little room.",
    "TASK_CANCELLED": "Somebody cancelled the task.",
    "VDI_IN_USE": "A disk is still in use. Stop what uses it, or wait.",
    "VDI_NOT_AVAILABLE": "The heartbeat's disk cannot be attached. Check the SR on every host.",
}

CLOUDSTACK = {
    "400": "CloudStack does not take the request in this form.",
    "401": "The keys are wrong or disabled, lack the right, or the clocks disagree.",
    "429": "Too many requests in too short a time.",
    "431": "A parameter is wrong, or what it names is not there any more.",
    "432": "This version of CloudStack has no such command, or the account may not use it.",
    "503": "The management server is shutting down or under maintenance.",
    "530": "CloudStack failed, or refuses in the present state.",
    "531": "The account may not do this.",
    "533": "There is not enough capacity.",
    "534": "CloudStack has no connection to that host. See its state first.",
    "536": "It is in use.",
}

TEXTS = {
    "unable to add the host": "CloudStack could not add the host; it does not say why. Most often the host is not in "
    "the cluster's XenServer pool yet, or SSH or the password fails.",
    "not in maintenance mode": "A host can be deleted only in Maintenance.",
    "is already in state": "The host is in maintenance already, or on the way.",
    "cannot transit resource state": "CloudStack does not allow that from the host's present state.",
    "other servers attempting migrations": "Another host of the cluster is going into maintenance. One at a time.",
    "other servers in prepareformaintenance": "Another host is going into maintenance, or failed to. One at a time.",
    "using the host's local storage": "VMs with disks on this host's local storage have to be stopped first.",
    "host contains vms in": "A VM of the host is between two states. Settle that VM first.",
    "unable to prepare for maintenance": "CloudStack does not put this host into maintenance now.",
    "failed to delete host": "VMs still count as running there. Move or stop them first.",
    "entity does not exist": "What this names is not in CloudStack any more.",
    "management server restart": "The management server restarted and dropped the job. See what was done of it.",
}
"""Parts of CloudStack's texts, for 530 is its answer to nearly everything."""


def meaning(code: str, params: Sequence[str] = ()) -> str:
    """What a code means, in plain words; empty when we do not know. Codes that end in a number are families."""
    text = " ".join(params).lower()
    for part, words in TEXTS.items():
        if code.isdigit() and part in text:
            return words
    if code in XAPI or code in CLOUDSTACK:
        return XAPI.get(code) or CLOUDSTACK[code]
    return XAPI.get(code.rstrip("0123456789"), "")
