"""What XAPI's codes mean, in plain words: the cause, and what helps. Source: XAPI's datamodel of errors.

A code that ends in an underscore stands for a family: what follows it is a number.
"""

from __future__ import annotations

XAPI = {
    "CANNOT_CONTACT_HOST": "The master cannot reach that host. See whether it is up, and its management "
    "network.",
    "CANNOT_CREATE_STATE_FILE": "No SR can hold the heartbeat. Attach a shared SR to every host.",
    "CANNOT_EVACUATE_HOST": "Some of its VMs cannot move. Look at what ties each of them to the host.",
    "CLUSTERED_SR_DEGRADED": "A host must not go away now: the storage that is clustered across the hosts is "
    "degraded. Wait until it is whole.",
    "CLUSTERING_ENABLED": "The host belongs to a corosync cluster (GFS2). Take it out of that cluster first.",
    "DB_UNIQUENESS_CONSTRAINT_VIOLATION": "The database has such an object already. See whether an earlier "
    "try has made it.",
    "DESIGNATE_NEW_MASTER_IN_PROGRESS": "A change of master is under way already. Wait until it has ended, "
    "and look who is master then.",
    "FEATURE_RESTRICTED": "The licence does not include this. Apply one that does to every host.",
    "FIELD_TYPE_ERROR": "XAPI does not take a value in this form. It is a fault of this release of Baton: do "
    "the step by hand, and report it.",
    "HANDLE_INVALID": "What this names is not there any more: the master restarted, or somebody removed it. "
    "Try again, so that it is read anew.",
    "HA_ABORT_NEW_MASTER": "The host does not take the master role now; a proposal half done blocks for 10 "
    "minutes. Wait so long, then try again.",
    "HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED": "A protected VM needs a network that not every host has. "
    "Add it there, or unprotect the guest.",
    "HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED": "With HA on, every host must see every SR of protected VMs. "
    "Plug what is unplugged.",
    "HA_DISABLE_IN_PROGRESS": "HA is being turned off already. Wait until that is done.",
    "HA_ENABLE_IN_PROGRESS": "HA is being turned on already. Wait until that is done.",
    "HA_FAILED_TO_FORM_LIVESET": "The hosts did not find each other in time. Check the heartbeat's SR and "
    "UDP 694 between the management addresses.",
    "HA_HEARTBEAT_DAEMON_STARTUP_FAILED": "The HA daemon of a host did not start. Its log there "
    "(/var/log/xha.log) says why; mend that and try again.",
    "HA_HOST_CANNOT_ACCESS_STATEFILE": "A host does not reach the heartbeat's SR. Check its storage.",
    "HA_HOST_CANNOT_SEE_PEERS": "A host does not see some of the others by HA's heartbeat. Check UDP 694 "
    "between their management addresses.",
    "HA_HOST_IS_ARMED": "The host is armed for HA. It has to be disarmed before this.",
    "HA_IS_ENABLED": "This cannot be done while HA is on. Turn HA off first.",
    "HA_LOST_STATEFILE": "The host has lost the heartbeat's SR: it would be fenced. Mend its storage, or "
    "turn HA off first.",
    "HA_NOT_ENABLED": "HA is off already: look again, nothing is left to do.",
    "HA_NOT_INSTALLED": "The HA software is missing on a host. Install the host anew, or take it out of the "
    "pool.",
    "HA_NO_PLAN": "HA finds no place for its guests when a host fails. Tolerate fewer failures, or add "
    "memory.",
    "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN": "HA could no longer restart all protected VMs. Tolerate fewer "
    "failures, or turn HA off for the work.",
    "HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED": "The pool has HA on, but this host has left it: it stays in "
    "emergency mode. Turn HA off for the pool, or see break fence loop.",
    "HA_SHOULD_BE_FENCED": "The host is cut off from the others and should have fenced itself. Reset it by "
    "its power supply.",
    "HA_TOO_FEW_HOSTS": "HA needs three hosts at least. Add a host first.",
    "HOSTS_NOT_COMPATIBLE": "The host is of another platform or brand than the pool. Install the pool's "
    "release on it.",
    "HOSTS_NOT_HOMOGENEOUS": "The host differs from the pool in version, updates or CPUs. Install the pool's "
    "version with its updates; CPUs of another maker never fit.",
    "HOST_BROKEN": "The host stopped half-way through a change of master. Its toolstack has to be restarted.",
    "HOST_CANNOT_DESTROY_SELF": "The master cannot take its own record out of the pool. Make another host "
    "the master first.",
    "HOST_CANNOT_READ_METRICS": "The host does not tell whether it lives. Look at it before you go on.",
    "HOST_DISABLED": "The host is disabled. Enable it first.",
    "HOST_DISABLED_INDEFINITELY": "Somebody disabled the host until it is enabled by hand. Ask who, and "
    "enable it.",
    "HOST_DISABLED_UNTIL_REBOOT": "A reboot of this host was begun. It has to be finished before it can be "
    "enabled.",
    "HOST_EVACUATE_IN_PROGRESS": "The host is being emptied already. Wait until that has ended.",
    "HOST_EVACUATE_VM_NOT_HA_PROTECTED": "With HA on, a VM that HA does not protect stops an evacuation. "
    "Turn HA off first.",
    "HOST_EVACUATION_IS_REQUIRED": "Guests run there. Empty the host first.",
    "HOST_HAS_NO_MANAGEMENT_IP": "The host has no address on its management interface. Look at its console.",
    "HOST_HAS_RESIDENT_VMS": "VMs still count as running there. Move or stop them first.",
    "HOST_IN_EMERGENCY_MODE": "The host is in emergency mode: it has lost its master. See elect master, or "
    "break fence loop.",
    "HOST_IN_USE": "Something uses the host still. Wait for it, or end it.",
    "HOST_IS_LIVE": "The host is alive, so it cannot be taken for dead. Switch it off first, or remove it as "
    "a living one.",
    "HOST_IS_SLAVE": "That host is a member, not the master: the role has moved. Look at the pool again, "
    "then try again.",
    "HOST_ITS_OWN_SLAVE": "The host was told to follow itself. Make it the master with an emergency "
    "transition instead.",
    "HOST_MASTER_CANNOT_TALK_BACK": "The master does not reach this host at its management address. Check "
    "the network between the two.",
    "HOST_NOT_DISABLED": "The host takes new VMs still. Disable it first.",
    "HOST_NOT_ENOUGH_FREE_MEMORY": "No other host has the memory; with HA on also: the VM is not protected. "
    "Make room, or turn HA off first.",
    "HOST_NOT_LIVE": "The host does not live. Bring it back first.",
    "HOST_OFFLINE": "The master takes that host for offline. It has to be live, or removed as a dead one.",
    "HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY": "Updates want this host restarted before it is used. Do that first, "
    "with rolling reboot.",
    "HOST_STILL_BOOTING": "The host's toolstack is still starting. Wait a minute and try again.",
    "HOST_UNKNOWN_TO_MASTER": "The master does not know this host: it follows a wrong master, or was "
    "removed. See whom it follows; a removed one is installed anew.",
    "HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR": "The host runs a newer toolstack than the master. Update "
    "the master first.",
    "INCOMPATIBLE_STATEFILE_SR": "That type of SR cannot hold the heartbeat. Choose another one: NFS, iSCSI "
    "or Fibre Channel.",
    "INTERNAL_ERROR": "XAPI failed by itself. Its log on the master (/var/log/xensource.log) says why.",
    "INVALID_VALUE": "XAPI does not take that value. Plan the run anew with another one.",
    "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS": "The host leads other hosts. Eject them from its pool "
    "first, or join them one by one.",
    "JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS": "The host has shared storage of its own. Forget it there (xe "
    "sr-forget); the pool's own comes.",
    "JOINING_HOST_CANNOT_HAVE_RUNNING_OR_SUSPENDED_VMS": "Guests run or sleep on the host. Stop them first.",
    "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS": "Guests run on the host. Stop them first.",
    "JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS": "Work on a guest of the host is under way. Wait "
    "until it has ended.",
    "JOINING_HOST_CONNECTION_FAILED": "The host does not reach the pool's master. Check the network between "
    "their management addresses, and port 443.",
    "JOINING_HOST_SERVICE_FAILED": "The pool's master did not answer the host properly. See whether its "
    "toolstack runs, and try again.",
    "LICENCE_RESTRICTION": "The licence of a host does not include this. Apply one that does to every host.",
    "LICENSE_DOES_NOT_SUPPORT_POOLING": "The host's licence has no pools. Give it the licence that the pool "
    "has.",
    "LICENSE_DOES_NOT_SUPPORT_XHA": "The licence of a host has no HA. Apply one that does to every host.",
    "LICENSE_EXPIRED": "The licence has run out. Apply a new one.",
    "LICENSE_HOST_POOL_MISMATCH": "The host has another edition than the pool. Apply the pool's licence to "
    "it.",
    "MAP_DUPLICATE_KEY": "The setting is there already: somebody set it meanwhile. Try again, so that it is "
    "read anew.",
    "MESSAGE_METHOD_UNKNOWN": "This version of XenServer has no such call. Do it as the release's own manual "
    "says, then go on.",
    "MESSAGE_PARAMETER_COUNT_MISMATCH": "This version of XenServer takes the call with other parameters. Do "
    "the step by hand, and report it.",
    "NOT_IN_EMERGENCY_MODE": "The host is not in emergency mode: it has a master. Look who it is first.",
    "NOT_SUPPORTED_DURING_UPGRADE": "Not while the hosts run different versions. Finish the upgrade first.",
    "NO_HOSTS_AVAILABLE": "No other host can take the guests: each is disabled, full, or lacks their storage "
    "or network. Enable one, or make room.",
    "OPERATION_BLOCKED": "Somebody has blocked this on purpose (blocked_operations). Ask who, and unblock "
    "it.",
    "OPERATION_NOT_ALLOWED": "XAPI does not allow this now; the reason stands behind the code. Mend that "
    "first.",
    "OTHER_OPERATION_IN_PROGRESS": "Something else works on it at this moment. Wait until that is done.",
    "OUT_OF_SPACE": "There is no room left for it. Make room on the SR or in dom0.",
    "PERMISSION_DENIED": "The account may not do this. Use root, or a pool-operator.",
    "POOL_JOINING_EXTERNAL_AUTH_MISMATCH": "The host uses another directory for its users. Disable that "
    "there (xe host-disable-external-auth) first.",
    "POOL_JOINING_HOST_CA_CERTIFICATES_CONFLICT": "The host has another certificate under a name that the "
    "pool uses. Remove it there first.",
    "POOL_JOINING_HOST_HAS_BONDS": "The host has bonds. Remove them; the pool's own networks come.",
    "POOL_JOINING_HOST_HAS_NETWORK_SRIOVS": "The host has SR-IOV networks. Remove them; the pool's own "
    "networks come.",
    "POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS": "The host has VLANs. Remove them; the pool's own networks "
    "come.",
    "POOL_JOINING_HOST_HAS_TUNNELS": "The host has tunnels. Remove them; the pool's own networks come.",
    "POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH": "The host is managed on another VLAN than the pool. "
    "Move its management to the pool's VLAN.",
    "POOL_JOINING_HOST_MUST_HAVE_PHYSICAL_MANAGEMENT_NIC": "The host is managed over a VLAN or a bond. Give "
    "it a physical management interface first.",
    "POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION": "The host speaks another version of the API. Install the "
    "pool's release on it.",
    "POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA": "The host's database has another schema. Install the "
    "pool's release with its updates on it.",
    "POOL_JOINING_HOST_MUST_HAVE_SAME_PRODUCT_VERSION": "The host runs another version. Install the pool's "
    "on it.",
    "POOL_JOINING_HOST_MUST_ONLY_HAVE_PHYSICAL_PIFS": "The host has bonds, VLANs or tunnels. Remove them; "
    "the pool's own networks come.",
    "POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH": "Only one of the two verifies certificates. Turn TLS "
    "verification on, or off, on both sides.",
    "POOL_JOINING_SM_FEATURES_INCOMPATIBLE": "The host's storage drivers can do less than the pool's. "
    "Install the pool's updates on it.",
    "RBAC_PERMISSION_DENIED": "The account lacks the role for this call. Use root, or a pool-operator.",
    "REQUIRED_PIF_IS_UNPLUGGED": "A network interface that HA needs is unplugged. Plug it first.",
    "SESSION_AUTHENTICATION_FAILED": "The user or the password is wrong. Correct it, and try again.",
    "SESSION_INVALID": "The session has ended, because the toolstack restarted. The call is made again with "
    "a new one.",
    "SLAVE_REQUIRES_MANAGEMENT_INTERFACE": "The host has no management interface. Configure one at its "
    "console.",
    "SR_BACKEND_FAILURE_": "The storage driver failed. The storage, or the way to it, has to be mended "
    "first.",
    "SR_FULL": "That SR is full. Make room on it, or take another one.",
    "SR_HAS_NO_PBDS": "That SR is attached to no host. Plug its PBDs first.",
    "SR_NOT_SHARABLE": "That SR cannot be attached on more than one host. Choose a shared one.",
    "SR_NO_PBDS": "Not every host is attached to that SR. Plug its PBDs first.",
    "SR_OPERATION_NOT_SUPPORTED": "That SR cannot do this. Choose another one.",
    "SR_SOURCE_SPACE_INSUFFICIENT": "That SR has too little room. Make room on it, or choose another one.",
    "TASK_CANCELLED": "Somebody cancelled the task. Ask who and why, then try again.",
    "TOO_MANY_PENDING_TASKS": "The master has too much to do. Wait a few minutes and try again.",
    "UUID_INVALID": "What this names is not there any more. Plan the run anew.",
    "VDI_IN_USE": "A disk is still in use. Stop what uses it, or wait.",
    "VDI_NOT_AVAILABLE": "The heartbeat's disk cannot be attached. Check the SR on every host.",
    "VM_BAD_POWER_STATE": "The guest was started or stopped meanwhile. Look at it, and try again.",
    "VM_HAS_PCI_ATTACHED": "The guest has a device of its host passed through and cannot move. Stop it, or "
    "leave this host out.",
    "VM_HAS_SRIOV_VIF": "The guest has an SR-IOV interface and cannot move. Stop it, or leave this host out.",
    "VM_HAS_VGPU": "The guest has a virtual GPU and cannot move. Stop it, or leave this host out.",
    "VM_HAS_VUSBS": "The guest has a USB device and cannot move. Stop it, or leave this host out.",
    "VM_HOST_INCOMPATIBLE_VERSION": "The guest cannot run on a host that is older than its own. Update the "
    "target first.",
    "VM_HOST_INCOMPATIBLE_VERSION_MIGRATE": "The guest cannot move to a host that is older than its own. "
    "Update the target first.",
    "VM_INCOMPATIBLE_WITH_THIS_HOST": "The guest runs with CPU features that the target lacks. Stop and "
    "start it instead of moving it.",
    "VM_IS_IMMOBILE": "The guest is set up so that it cannot move. Stop it, or leave this host out.",
    "VM_IS_PROTECTED": "HA restarts that guest. Unprotect it first.",
    "VM_LACKS_FEATURE": "The guest's drivers cannot be moved live. Install its tools, or stop it.",
    "VM_MIGRATE_FAILED": "The move broke off on the way, and the guest stays where it was. See that both "
    "hosts and the network between them are well, and try again.",
    "VM_MISSING_PV_DRIVERS": "The guest lacks the drivers for a live move. Install its tools, or stop it.",
    "VM_REQUIRES_GPU": "The guest needs a GPU that the target does not have. Stop it, or leave this host "
    "out.",
    "VM_REQUIRES_NETWORK": "The guest needs a network that the target does not have. Add it there, or stop "
    "the guest.",
    "VM_REQUIRES_SR": "The guest's disk is on storage that the target does not see. Plug it there; a local "
    "disk has to be moved first.",
    "XAPI_HOOK_FAILED": "A script that somebody put on the host said no. See /etc/xapi.d there.",
}
