"""VMs that are moved, started, stopped."""

from __future__ import annotations

from tests.lab.cloudstack.refusals.provoking import (
    after,
    full_pool,
    local_disk_of_first,
    migrating,
    stopped_vm,
    vm,
    vm_state,
    xapi_running,
)
from tests.lab.cloudstack.refusals.rows import refuses

refuses(
    "migrateVirtualMachine",
    431,
    "VM is not Running, unable to migrate the vm with specified id",
    "Not Running",
    "UserVmManagerImpl.migrateVirtualMachine",
    after(vm_state("amber-1", "Stopped"), migrating("amber-3")),
)
refuses(
    "migrateVirtualMachine",
    431,
    "Unsupported operation, VM uses Local storage, cannot migrate",
    "A local disk",
    "UserVmManagerImpl.migrateVirtualMachine",
    after(local_disk_of_first("amber-1"), migrating("amber-3")),
)
refuses(
    "migrateVirtualMachine",
    431,
    "Cannot migrate VM, VM is already present on this host, please specify valid destination "
    "host to migrate the VM",
    "It runs there already",
    "UserVmManagerImpl.migrateVirtualMachine",
    migrating("amber-1"),
)
refuses(
    "migrateVirtualMachine",
    530,
    "Cannot migrate VM, destination host is not in correct state, has status: <status>, state: <state>",
    "The destination is not Up and Enabled",
    "UserVmManagerImpl.migrateVirtualMachine",
    migrating("cobalt-2"),
)
refuses(
    "migrateVirtualMachine",
    530,
    "Source and destination host are not in same cluster, unable to migrate to host: <number>",
    "Another cluster",
    "VirtualMachineManagerImpl.migrate",
    migrating("basalt-1"),
)
refuses(
    "migrateVirtualMachine",
    534,
    "Resource [Host:<number>] is unreachable: Host <number>: Host with specified id is not "
    "in the right state: <status>",
    "No agent on one of the two hosts, as in an unmanaged cluster",
    "AgentManagerImpl.send",
    after(lambda site: setattr(site.row("amber-1"), "connected", False), migrating("amber-3")),
)
refuses(
    "migrateVirtualMachine",
    530,
    "Catch Exception: Migrate failed due to <XAPI error>",
    "XenServer refuses, or fails on the way; there is an alert of type 17 as well",
    "CitrixMigrateCommandWrapper",
    after(full_pool, migrating("amber-3")),
)
refuses(
    "migrateVirtualMachine",
    530,
    "Unable to find suitable destination to migrate VM <name>",
    "CloudStack is to choose a host and finds none",
    "UserVmManagerImpl.migrateVirtualMachine",
    after(full_pool, migrating("")),
)
refuses(
    "migrateVirtualMachine",
    431,
    "Either hostId or storageId must be specified",
    "Neither (until 4.15)",
    "MigrateVMCmd",
    migrating(""),
    version="4.15.2",
)
refuses(
    "migrateVirtualMachine",
    431,
    "Please specify a host or storage as destination, or pass 'autoselect=true' to "
    "automatically select a destination host which do not require storage migration",
    "Neither, and `autoselect` is false",
    "MigrateVMCmd",
    migrating("", autoselect="false"),
)
refuses(
    "migrateVirtualMachine",
    431,
    "Only one of hostId and storageId can be specified",
    "Both",
    "MigrateVMCmd",
    lambda site: migrating("amber-3", storageid=next(iter(site.cloud.storage_pools)))(site),
)
refuses(
    "migrateVirtualMachine",
    431,
    "VM is not Stopped, unable to migrate the vm having the specified id",
    "`storageid` for a VM that runs",
    "UserVmManagerImpl.vmStorageMigration",
    lambda site: migrating("", storageid=next(iter(site.cloud.storage_pools)))(site),
)
refuses(
    "findHostsForMigration",
    431,
    "VM is not running, cannot migrate the vm with specified id",
    "Not Running",
    "ManagementServerImpl.listHostsForMigrationOfVM",
    after(
        vm_state("amber-1", "Stopped"),
        lambda site: site.ask(
            "findHostsForMigration", virtualmachineid=site.cloud.vms_on(site.row("amber-1"))[0].id
        ),
    ),
)
refuses(
    "startVirtualMachine",
    533,
    "Unable to create a deployment for VM[User|<name>]",
    "No host of its pool has room",
    "DeploymentPlanningManager",
    stopped_vm("startVirtualMachine", full_pool),
)
refuses(
    "startVirtualMachine",
    530,
    "Unable to start VM: <XAPI error>",
    "XenServer refuses",
    "CitrixStartCommandWrapper",
    stopped_vm("startVirtualMachine", xapi_running),
)
refuses(
    "stopVirtualMachine",
    534,
    "Resource [Host:<number>] is unreachable: Host <number>: Host with specified id is not "
    "in the right state: <status>",
    "No agent on its host",
    "AgentManagerImpl.send",
    after(lambda site: setattr(site.row("amber-1"), "connected", False), vm("stopVirtualMachine")),
)
refuses(
    "rebootVirtualMachine",
    530,
    "Failed to reboot vm instance",
    "Not Running",
    "RebootVMCmd",
    stopped_vm("rebootVirtualMachine"),
)
