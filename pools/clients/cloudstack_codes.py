"""What CloudStack's codes mean, in plain words: the cause, and what helps. 530 is its answer to nearly everything, so
that parts of its texts are known as well. Sources: ApiErrorCode; the texts of its resource, agent and VM managers.
"""

from __future__ import annotations

CODES = {
    "400": "CloudStack does not take the request in this form. It is a fault of this release of Baton: do "
    "the step by hand, and report it.",
    "401": "The keys are wrong or disabled, lack the right, or the clocks disagree. Look at the pool's "
    "CloudStack page.",
    "429": "Too many requests in too short a time. Wait a minute and try again.",
    "431": "A parameter is wrong, or what it names is not there any more. Plan the run anew.",
    "432": "This version of CloudStack has no such command, or the account may not use it. Use a root "
    "admin's keys.",
    "503": "The management server is shutting down or under maintenance. Wait until it is back, then try "
    "again.",
    "530": "CloudStack failed, or refuses in the present state. Its management-server.log says why.",
    "531": "The account may not do this. Use the keys of a root admin.",
    "533": "There is not enough capacity. Make room on the cluster's other hosts, or enable one.",
    "534": "CloudStack has no connection to that host. See its state first.",
    "536": "It is in use. Wait for what uses it, or end it.",
}

TEXTS = {
    "unable to add the host": "CloudStack could not add the host; it does not say why. Most often the host "
    "is not in the cluster's XenServer pool yet, or SSH or the password fails. Join it to the pool first, "
    "and try its password.",
    "failed to add host": "CloudStack found no host to add: it knows every host of the pool already, or the "
    "others are disabled in XenServer. Enable them first.",
    "do not support hypervisortype": "CloudStack does not take that hypervisor. The cluster has to be one of "
    "XenServer.",
    "uri.scheme is null": "CloudStack wants the address as http://address. Do the step by hand, and report "
    "it.",
    "is not a valid uri": "CloudStack cannot read the address. Look at the host's address in the pool.",
    "username and password need": "CloudStack was given no login to the hosts. Enter the pool's on its "
    "settings page.",
    "can't specify cluster by both": "CloudStack takes the cluster by its id or by its name. Do the step by "
    "hand, and report it.",
    "not in maintenance mode": "A host can be deleted only in Maintenance. Put it there first.",
    "cannot designate a new master": "The host is the master of its pool. Make another one the master first.",
    "is already in state": "The host is in maintenance already, or on the way. Wait until it has arrived, or "
    "cancel it.",
    "cannot transit resource state": "CloudStack does not allow that from the host's present state. A host "
    "that is Disabled there has to be enabled first.",
    "cannot perform cancelmaintenance": "The host is in no maintenance that could be cancelled. Look at its "
    "state in CloudStack: somebody may have done it.",
    "other servers attempting migrations": "Another host of the cluster is going into maintenance. Wait for "
    "it: one at a time.",
    "other servers in prepareformaintenance": "Another host is going into maintenance, or failed to. Wait "
    "for it, or cancel it: one at a time.",
    "using the host's local storage": "Some VMs have disks on this host's local storage. Stop them, or move the "
    "disks.",
    "vm uses local storage": "The VM has a disk on its host's local storage and cannot move. Stop it, or "
    "move the disk.",
    "host contains": "A VM of the host is between two states. Settle that VM first.",
    "vm high availability manager is disabled": "VMs run there and CloudStack may not move them: "
    "vm.ha.enabled is false. Set it to true, or stop them.",
    "unable to prepare for maintenance": "CloudStack does not put this host into maintenance now: it has no "
    "connection to it, or the cluster has no other host that is Up and Enabled. Mend that first, and cancel "
    "a maintenance that failed.",
    "failed to delete host": "VMs still count as placed there; up to 4.3 also the pool's HA stands in the "
    "way. Move or stop them first.",
    "due to missing parameter": "CloudStack misses a parameter. Do the step by hand, and report it.",
    "illegal ascii": "CloudStack does not take a name with such characters. Rename what it names.",
    "to a supported": "CloudStack does not know one of the words that it was given. Do the step by hand, and "
    "report it.",
    "no enum constant": "CloudStack does not know one of the words that it was given. Do the step by hand, "
    "and report it.",
    "unable to create cluster": "The pod has a cluster of that name already. Choose another name, or use add "
    "hosts.",
    "should not be in": "CloudStack lets go of no cluster while one of its hosts is connecting. Wait until "
    "all are Up.",
    "still in up status": "CloudStack did not let go of some host in time, and the cluster is in "
    "PrepareUnmanagedError. Try again.",
    "already present on this host": "The VM runs there already: somebody moved it. Try again, so that it is "
    "read anew.",
    "destination host is not in correct state": "The target is not Up and Enabled in CloudStack. Bring it "
    "back there first.",
    "are not in same cluster": "The two hosts are in different clusters in CloudStack. Bring the VM back by "
    "hand.",
    "unable to find suitable destination": "CloudStack finds no host for the VM. Make room, or enable a "
    "host.",
    "is not running": "The VM was stopped meanwhile. Try again, so that it is read anew.",
    "migrate failed due to": "XenServer refused the move, or it broke off on the way; the reason stands in "
    "the text. Mend that first.",
    "must be specified": "CloudStack misses a parameter. Do the step by hand, and report it.",
    "specify a host or storage": "CloudStack misses a parameter. Do the step by hand, and report it.",
    "only one of hostid": "CloudStack was told two things at once. Do the step by hand, and report it.",
    "is not stopped": "CloudStack moves a disk only of a VM that is stopped. Do the step by hand, and report "
    "it.",
    "entity does not exist": "What this names is not in CloudStack any more. Plan the run anew.",
    "management server restart": "The management server restarted and dropped the job. See what was done of "
    "it.",
}
"""Parts of its texts, in small letters; the first that is found counts."""
