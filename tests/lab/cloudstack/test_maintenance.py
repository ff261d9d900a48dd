"""prepareHostForMaintenance and cancelHostMaintenance: an early success, a late state, and many refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab import saved
from lab.scenarios.build import add_local_disk
from lab.world import SteppedClock, power
from tests.lab.cloudstack.conftest import Refused, Site, SiteOf


def prepare(site: Site, name: str) -> dict[str, Any]:
    return dict(site.job("prepareHostForMaintenance", id=site.row(name).id)["host"])


def refusal(site: Site, name: str) -> Refused:
    with pytest.raises(Refused) as refused:
        prepare(site, name)
    return refused.value


def in_maintenance(site: Site, name: str) -> None:
    prepare(site, name)
    site.until(600, lambda: site.row(name).resource_state == "Maintenance")


def test_the_job_succeeds_while_the_host_still_prepares(site: Site) -> None:
    assert prepare(site, "amber-1")["resourcestate"] == "PrepareForMaintenance"
    assert site.world.host("amber-1").resident, "the VMs are still there"


def test_maintenance_comes_with_a_later_tick_when_the_last_vm_has_gone(site: Site) -> None:
    prepare(site, "amber-1")
    site.until(600, lambda: not site.world.host("amber-1").resident)
    assert site.row("amber-1").resource_state == "PrepareForMaintenance"
    site.until(61, lambda: site.row("amber-1").resource_state == "Maintenance")
    assert site.subjects()[0] == f"Migration Complete for host {site.row('amber-1').description}"


def test_an_empty_host_is_in_maintenance_within_a_minute(site: Site) -> None:
    site.world.host("cobalt-2").enabled = True
    site.until(300, lambda: site.row("cobalt-2").status == "Up")
    prepare(site, "cobalt-2")
    site.until(61, lambda: site.row("cobalt-2").resource_state == "Maintenance")


def test_the_vms_move_to_the_other_hosts_of_the_pool_and_are_shown_there(site: Site) -> None:
    in_maintenance(site, "amber-1")
    vms = site.ask("listVirtualMachines", listall="true", clusterid=site.cluster("amber").id)[
        "virtualmachine"
    ]
    truth = {
        vm.name: vm.resident_on.name for vm in site.world.pool("amber").vms if vm.resident_on and vm.disks
    }
    assert {vm["instancename"]: vm["hostname"] for vm in vms} == truth
    assert set(truth.values()) == {"amber-2", "amber-3", "amber-4"}
    assert {vm["state"] for vm in vms} == {"Running"}


def test_vms_are_migrating_meanwhile(site: Site) -> None:
    prepare(site, "amber-1")
    site.clock.step(4)
    vms = site.ask("listVirtualMachines", listall="true", hostid=site.row("amber-1").id)["virtualmachine"]
    assert {vm["state"] for vm in vms} == {"Migrating"}


def test_maintenance_neither_disables_the_host_in_xapi_nor_moves_the_master(site: Site) -> None:
    in_maintenance(site, "amber-1")
    assert site.world.host("amber-1").enabled
    assert site.world.pool("amber").master is site.world.host("amber-1")


def test_a_host_already_in_maintenance_is_refused(site: Site) -> None:
    in_maintenance(site, "amber-1")
    error = refusal(site, "amber-1")
    assert error.code == 530
    assert error.text == (
        "Failed to prepare host for maintenance due to: "
        "Host is already in state Maintenance. Cannot recall for maintenance until resolved."
    )


def test_a_second_host_of_the_cluster_is_refused_while_the_first_prepares(site: Site) -> None:
    prepare(site, "amber-1")
    error = refusal(site, "amber-2")
    assert error.code == 530
    assert "There are other servers attempting migrations for maintenance." in error.text
    assert prepare(site, "basalt-1"), "another cluster is another matter"


def test_a_vm_on_local_storage_is_a_refusal(site: Site) -> None:
    host = site.world.host("amber-2")
    host.resident[0].disks.append(add_local_disk(site.world, host))
    error = refusal(site, "amber-2")
    assert "There are active VMs using the host's local storage pool." in error.text
    assert site.state("amber-2") == ("Up", "Enabled")


@pytest.mark.parametrize("lost", ["Alert", "Down"])
def test_a_host_that_is_not_connected_cannot_be_prepared(site: Site, lost: str) -> None:
    name = "cobalt-2" if lost == "Alert" else "basalt-3"
    if lost == "Down":
        power.kill(site.world, site.world.host(name))
        site.until(300, lambda: site.row(name).status == "Down")
    error = refusal(site, name)
    assert error.code == 530
    assert error.text.startswith("Unable to prepare for maintenance host")
    assert site.state(name) == (lost, "Enabled")


def test_a_disabled_host_cannot_be_prepared(site: Site) -> None:
    site.ask("updateHost", id=site.row("amber-2").id, allocationstate="Disable")
    error = refusal(site, "amber-2")
    assert error.code == 530
    assert "Cannot transit resource state of" in error.text


def test_vms_cannot_move_when_vm_ha_is_off(site: Site) -> None:
    site.cloud.settings.put("vm.ha.enabled", "false")
    assert refusal(site, "amber-2").code == 530
    assert site.state("amber-2") == ("Up", "Enabled")


def leave_only(site: Site, name: str) -> None:
    for row in site.cloud.cluster_hosts(site.row(name).cluster):
        if row.name != name:
            site.ask("updateHost", id=row.id, allocationstate="Disable")


def test_the_last_usable_host_of_a_cluster_ends_in_error(site: Site) -> None:
    leave_only(site, "basalt-2")
    error = refusal(site, "basalt-2")
    assert error.text.startswith("Unable to prepare for maintenance host")
    assert site.state("basalt-2") == ("Up", "PrepareForMaintenance"), "the state had changed already"
    site.until(61, lambda: site.state("basalt-2") == ("Up", "ErrorInMaintenance"))
    assert site.world.host("basalt-2").resident, "the VMs go on running"


def test_until_4_5_the_last_usable_host_stops_all_its_vms(site_of: SiteOf) -> None:
    site = site_of("4.5.2")
    leave_only(site, "basalt-2")
    prepare(site, "basalt-2")
    assert not site.world.host("basalt-2").resident


def test_until_4_5_the_refusals_are_431(site_of: SiteOf) -> None:
    site = site_of("4.5.2")
    prepare(site, "amber-1")
    error = refusal(site, "amber-2")
    number = site.cluster("amber").number
    where = f"STATUS in cluster {number}"
    assert error.code == 431
    assert error.text == f"There are other servers in PrepareForMaintenance OR ErrorInMaintenance {where}"


def hold(site: Site, name: str) -> None:
    site.world.host(name).resident[0].cannot_migrate = ["VM_HAS_PCI_ATTACHED", "OpaqueRef:vm"]


def test_a_vm_that_will_not_migrate_shows_first_and_leaves_the_host_in_error(site: Site) -> None:
    hold(site, "amber-2")
    prepare(site, "amber-2")
    site.until(300, lambda: site.row("amber-2").resource_state == "ErrorInPrepareForMaintenance")
    assert "Unable to migrate vm" in site.subjects()[0]
    site.until(900, lambda: site.row("amber-2").resource_state == "ErrorInMaintenance")
    assert len(site.world.host("amber-2").resident) == 1


def test_a_vm_that_goes_at_a_later_try_is_forgiven(site: Site) -> None:
    hold(site, "amber-2")
    prepare(site, "amber-2")
    site.until(300, lambda: site.row("amber-2").resource_state == "ErrorInPrepareForMaintenance")
    site.world.host("amber-2").resident[0].cannot_migrate = None
    site.until(600, lambda: site.row("amber-2").resource_state == "Maintenance")


def test_until_4_13_the_first_vm_that_will_not_go_is_an_error_in_maintenance(site_of: SiteOf) -> None:
    site = site_of("4.13.1")
    hold(site, "amber-2")
    prepare(site, "amber-2")
    site.until(300, lambda: site.row("amber-2").resource_state == "ErrorInMaintenance")
    site.until(300, lambda: len(site.world.host("amber-2").resident) == 1)
    site.world.host("amber-2").resident[0].cannot_migrate = None
    site.until(600, lambda: site.row("amber-2").resource_state == "Maintenance")


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("Migrating", "Host contains incoming VMs migrating"),
        ("Starting", "Host contains VMs in starting/stopping state"),
        ("Stopping", "Host contains VMs in starting/stopping state"),
        ("Error", "Host contains VMs in error/unknown/shutdown state"),
        ("Unknown", "Host contains VMs in error/unknown/shutdown state"),
    ],
)
def test_a_vm_on_the_host_that_is_not_settled_is_a_refusal(site: Site, state: str, reason: str) -> None:
    site.cloud.vms_on(site.row("amber-2"))[0].state = state
    error = refusal(site, "amber-2")
    assert error.code == 530
    assert reason in error.text


def test_a_setting_stops_the_vms_on_local_storage(site: Site) -> None:
    host = site.world.host("amber-2")
    vm = host.resident[0]
    vm.disks.append(add_local_disk(site.world, host))
    site.cloud.settings.put("host.maintenance.local.storage.strategy", "ForceStop")
    in_maintenance(site, "amber-2")
    assert (vm.power_state, host.resident) == ("Halted", [])


def test_a_setting_lets_a_host_that_is_down_into_maintenance_at_once(site: Site) -> None:
    power.kill(site.world, site.world.host("basalt-3"))
    site.until(300, lambda: site.row("basalt-3").status == "Down")
    site.cloud.settings.put("set.host.down.to.maintenance", "true")
    assert prepare(site, "basalt-3")["resourcestate"] == "Maintenance"


def test_maintenance_is_cancelled_into_enabled_and_the_vms_stay_away(site: Site) -> None:
    in_maintenance(site, "amber-1")
    host = site.job("cancelHostMaintenance", id=site.row("amber-1").id)["host"]
    assert host["resourcestate"] == "Enabled"
    site.clock.step(600)
    assert site.world.host("amber-1").resident == []


def test_cancelling_stops_the_migrations_that_have_not_begun(site: Site) -> None:
    prepare(site, "cobalt-1")
    site.clock.step(2)
    site.job("cancelHostMaintenance", id=site.row("cobalt-1").id)
    site.clock.step(900)
    assert len(site.world.host("cobalt-1").resident) == 3, "five of eight were on their way"
    assert site.state("cobalt-1") == ("Up", "Enabled")


def test_there_is_nothing_to_cancel_on_an_enabled_host(site: Site) -> None:
    with pytest.raises(Refused) as refused:
        site.job("cancelHostMaintenance", id=site.row("amber-1").id)
    assert refused.value.code == 530
    assert refused.value.text.startswith(
        "Cannot perform cancelMaintenance when resource state is Enabled, host: "
    )


def test_maintenance_of_a_host_that_went_away_can_be_cancelled(site: Site) -> None:
    in_maintenance(site, "basalt-3")
    power.kill(site.world, site.world.host("basalt-3"))
    site.until(300, lambda: site.row("basalt-3").status == "Disconnected")
    site.job("cancelHostMaintenance", id=site.row("basalt-3").id)
    assert site.row("basalt-3").resource_state == "Enabled"


def test_hosts_are_disabled_with_verbs(site: Site) -> None:
    row = site.row("amber-2")
    assert site.ask("updateHost", id=row.id, allocationstate="Disable")["host"]["resourcestate"] == "Disabled"
    assert site.ask("updateHost", id=row.id, allocationstate="Enable")["host"]["resourcestate"] == "Enabled"
    with pytest.raises(Refused, match="Invalid allocation state: Disabled, only Enable/Disable are allowed"):
        site.ask("updateHost", id=row.id, allocationstate="Disabled")


def test_a_host_in_maintenance_cannot_be_disabled(site: Site) -> None:
    in_maintenance(site, "amber-1")
    with pytest.raises(Refused) as refused:
        site.ask("updateHost", id=site.row("amber-1").id, allocationstate="Disable")
    assert refused.value.code == 530


def test_tags_and_an_annotation_can_be_put_on_a_host(site: Site) -> None:
    site.ask("updateHost", id=site.row("amber-2").id, hosttags="ssd,fast", annotation="fan is loud")
    host = site.host("amber-2")
    assert (host["hosttags"], host["annotation"]) == ("ssd,fast", "fan is loud")


def test_a_world_from_a_file_goes_on_with_its_maintenance(site: Site, tmp_path: Path) -> None:
    prepare(site, "amber-2")
    file = tmp_path / "world.json"
    file.write_text(saved.save(site.world))
    clock = SteppedClock(site.clock.now())
    world = saved.load(file, lambda now: clock)
    clock.step(600)
    states = {row.name: row.resource_state for row in world.cloudstack.hosts.values()}
    assert states["amber-2"] == "Maintenance"
    assert world.crashes == []
