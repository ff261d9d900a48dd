"""migrateVirtualMachine and its kin: who goes where, and who does not."""

from __future__ import annotations

import pytest

from lab.scenarios.build import add_local_disk, add_vm
from lab.world import World
from tests.lab.cloudstack.conftest import Json, Refused, Site, SiteOf


def vm_on(site: Site, host: str) -> Json:
    vms = site.ask("listVirtualMachines", listall="true", hostid=site.row(host).id)["virtualmachine"]
    return dict(vms[0])


def migrate(site: Site, vm: Json, to: str, **params: str) -> Json:
    return site.job("migrateVirtualMachine", virtualmachineid=vm["id"], hostid=site.row(to).id, **params)


def test_a_vm_goes_to_the_host_named_and_takes_its_time(site: Site) -> None:
    vm = vm_on(site, "amber-1")
    begin = site.clock.now()
    moved = migrate(site, vm, "amber-3")["virtualmachine"]
    assert (moved["hostname"], moved["state"]) == ("amber-3", "Running")
    assert site.clock.now() - begin > 5
    home = next(guest.resident_on for guest in site.world.pool("amber").vms if guest.name == vm["name"])
    assert home is site.world.host("amber-3")


def test_it_is_migrating_meanwhile(site: Site) -> None:
    vm = vm_on(site, "amber-1")
    site.ask("migrateVirtualMachine", virtualmachineid=vm["id"], hostid=site.row("amber-3").id)
    site.clock.step(4)
    assert (
        site.ask("listVirtualMachines", listall="true", id=vm["id"])["virtualmachine"][0]["state"]
        == "Migrating"
    )


def test_every_vm_of_a_host_can_be_moved_back_after_maintenance(site: Site) -> None:
    before = {
        vm["id"]
        for vm in site.ask("listVirtualMachines", listall="true", hostid=site.row("amber-1").id)[
            "virtualmachine"
        ]
    }
    site.job("prepareHostForMaintenance", id=site.row("amber-1").id)
    site.until(600, lambda: site.row("amber-1").resource_state == "Maintenance")
    site.job("cancelHostMaintenance", id=site.row("amber-1").id)
    for vm in sorted(before):
        migrate(site, {"id": vm}, "amber-1")
    assert {vm.id for vm in site.cloud.vms_on(site.row("amber-1"))} == before


@pytest.mark.parametrize(
    ("where", "code", "text"),
    [
        ("amber-1", 431, "VM is already present on this host"),
        ("basalt-1", 530, "Source and destination host are not in same cluster"),
        ("cobalt-2", 530, "has status: Alert, state: Enabled"),
    ],
)
def test_where_it_may_not_go(site: Site, where: str, code: int, text: str) -> None:
    with pytest.raises(Refused, match=text) as refused:
        migrate(site, vm_on(site, "amber-1"), where)
    assert refused.value.code == code


def test_not_to_a_host_in_maintenance(site: Site) -> None:
    site.row("amber-3").resource_state = "Maintenance"
    with pytest.raises(Refused, match="has status: Up, state: Maintenance"):
        migrate(site, vm_on(site, "amber-1"), "amber-3")


def test_not_when_it_is_stopped(site: Site) -> None:
    vm = vm_on(site, "amber-1")
    site.cloud.place(site.cloud.vms[vm["id"]], None)
    with pytest.raises(Refused, match="VM is not Running") as refused:
        migrate(site, vm, "amber-3")
    assert refused.value.code == 431


def test_not_with_a_local_disk(site: Site) -> None:
    vm = vm_on(site, "amber-1")
    site.cloud.vms[vm["id"]].vm.disks.append(add_local_disk(site.world, site.world.host("amber-1")))
    with pytest.raises(Refused, match="VM uses Local storage, cannot migrate"):
        migrate(site, vm, "amber-3")


def test_not_in_an_unmanaged_cluster(site: Site) -> None:
    vm = vm_on(site, "amber-1")
    site.ask("updateCluster", id=site.cluster("amber").id, managedstate="Unmanaged")
    with pytest.raises(Refused, match="status: Disconnected"):
        migrate(site, vm, "amber-3")


def test_an_agent_that_is_gone_is_a_534(site: Site) -> None:
    vm = vm_on(site, "amber-1")
    site.row("amber-1").connected = False
    with pytest.raises(Refused, match="is unreachable") as refused:
        migrate(site, vm, "amber-3")
    assert refused.value.code == 534


def test_what_xenserver_refuses_fails_the_job_and_is_an_alert(site: Site) -> None:
    vm = vm_on(site, "amber-1")
    site.world.host("amber-3").memory_total = site.world.host("amber-3").memory_overhead
    with pytest.raises(Refused, match="HOST_NOT_ENOUGH_FREE_MEMORY") as refused:
        migrate(site, vm, "amber-3")
    assert refused.value.code == 530
    assert site.subjects()[0].startswith(f"Unable to migrate vm {vm['name']} from host amber-1 in zone AMS-1")
    assert vm_on(site, "amber-1")["state"] == "Running"


def test_since_4_16_cloudstack_chooses_when_nobody_does(site_of: SiteOf) -> None:
    new, old = site_of("4.16.0"), site_of("4.15.2")
    moved = new.job("migrateVirtualMachine", virtualmachineid=vm_on(new, "amber-1")["id"])
    assert moved["virtualmachine"]["hostname"] != "amber-1"
    with pytest.raises(Refused, match="Either hostId or storageId must be specified"):
        old.job("migrateVirtualMachine", virtualmachineid=vm_on(old, "amber-1")["id"], autoselect="true")


def test_with_autoselect_off_a_host_must_be_named(site: Site) -> None:
    with pytest.raises(Refused, match="Please specify a host or storage as destination"):
        site.job("migrateVirtualMachine", virtualmachineid=vm_on(site, "amber-1")["id"], autoselect="false")


def test_an_unknown_vm_is_a_431_before_any_job(site: Site) -> None:
    with pytest.raises(Refused, match="Invalid parameter virtualmachineid value=nobody"):
        site.ask("migrateVirtualMachine", virtualmachineid="nobody", hostid=site.row("amber-1").id)


def add_system_vms(world: World) -> None:
    for name in ("r-4-VM", "s-1-VM"):
        add_vm(world, world.host("amber-1"), name)


def test_routers_and_system_vms_have_a_command_of_their_own() -> None:
    site = Site(prepare=add_system_vms)
    router = site.ask("listRouters", listall="true")["router"][0]
    with pytest.raises(Refused, match="Invalid parameter virtualmachineid"):
        migrate(site, router, "amber-2")
    amber_2 = site.row("amber-2").id
    moved = site.job("migrateSystemVm", virtualmachineid=router["id"], hostid=amber_2)["systemvm"]
    assert (moved["name"], moved["hostname"]) == ("r-4-VM", "amber-2")
    proxy = site.ask("listSystemVms")["systemvm"][0]
    moved = site.job("migrateSystemVm", virtualmachineid=proxy["id"], hostid=amber_2)["systemvm"]
    assert moved["systemvmtype"] == "secondarystoragevm"


def test_hosts_for_a_migration_are_told_with_whether_they_have_room(site: Site) -> None:
    site.world.host("amber-3").memory_total = site.world.host("amber-3").memory_overhead
    site.row("amber-4").resource_state = "Disabled"
    found = site.ask("findHostsForMigration", virtualmachineid=vm_on(site, "amber-1")["id"])
    told = [
        (host["name"], host["suitableformigration"], host["requiresStorageMotion"]) for host in found["host"]
    ]
    assert told == [("amber-2", True, False), ("amber-3", False, False)]
