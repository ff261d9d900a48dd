"""How the management server loses a host, what it then calls it, and how the host comes back."""

from __future__ import annotations

import pytest

from lab.world import pooling, power
from tests.lab.cloudstack.conftest import Refused, Site, SiteOf


def statuses(site: Site, cluster: str) -> list[str]:
    return [row.status for row in site.cloud.cluster_hosts(site.cluster(cluster))]


def test_a_host_that_xapi_disables_is_in_alert_after_about_three_minutes(site: Site) -> None:
    site.world.host("basalt-3").enabled = False
    taken = site.until(300, lambda: site.row("basalt-3").status == "Alert")
    assert 120 <= taken <= 240
    assert site.subjects()[0] == f"Host disconnected, {site.row('basalt-3').description}"


def test_the_subject_names_the_host_its_zone_and_its_pod(site: Site) -> None:
    site.world.host("basalt-3").enabled = False
    site.until(300, lambda: site.row("basalt-3").status == "Alert")
    uuid = site.row("basalt-3").id
    assert site.subjects()[0] == (
        f"Host disconnected, name: basalt-3 (id:{uuid}), availability zone: AMS-1, pod: POD-1"
    )


def test_a_host_disabled_for_a_minute_only_is_never_missed(site: Site) -> None:
    site.world.host("basalt-3").enabled = False
    site.clock.step(80)
    site.world.host("basalt-3").enabled = True
    site.clock.step(600)
    assert site.state("basalt-3") == ("Up", "Enabled")
    assert len(site.subjects()) == 1, "the one the scenario begins with"


def test_host_enable_alone_brings_a_host_in_alert_back_within_four_minutes(site: Site) -> None:
    site.world.host("cobalt-2").enabled = True
    taken = site.until(240, lambda: site.row("cobalt-2").status == "Up")
    assert taken >= 8, "it is Connecting first"
    assert "managementserverid" in site.host("cobalt-2")


def test_a_host_that_comes_back_is_connecting_before_it_is_up(site: Site) -> None:
    site.world.host("cobalt-2").enabled = True
    site.until(240, lambda: site.row("cobalt-2").status == "Connecting")
    site.until(20, lambda: site.row("cobalt-2").status == "Up")


def test_a_host_without_power_is_down_since_its_heartbeat_file_is_stale(site: Site) -> None:
    power.kill(site.world, site.world.host("basalt-3"))
    site.until(300, lambda: site.row("basalt-3").status == "Down")
    newest, before = site.subjects()[:2]
    assert newest == f"Host is down, {site.row('basalt-3').description}"
    assert before == f"Host down, {site.row('basalt-3').number}"


def test_the_vms_of_a_host_that_is_down_are_started_elsewhere(site: Site) -> None:
    guests = site.world.host("basalt-3").resident
    power.kill(site.world, site.world.host("basalt-3"))
    site.until(600, lambda: all(vm.resident_on not in (None, site.world.host("basalt-3")) for vm in guests))
    vms = site.ask("listVirtualMachines", listall="true", clusterid=site.cluster("basalt").id)
    assert len(vms["virtualmachine"]) == 24
    assert {vm["state"] for vm in vms["virtualmachine"]} == {"Running"}
    assert "basalt-3" not in {vm["hostname"] for vm in vms["virtualmachine"]}


def test_nothing_is_started_while_the_pool_has_no_master(site: Site) -> None:
    power.kill(site.world, site.world.host("basalt-1"))
    site.clock.step(3600)
    assert {vm.vm.name for vm in site.cloud.vms_on(site.row("basalt-1"))} == {
        vm.name for vm in site.world.host("basalt-1").resident
    }


def test_vms_are_started_when_the_master_is_back(site: Site) -> None:
    guests = site.world.host("basalt-1").resident
    power.kill(site.world, site.world.host("basalt-1"))
    site.clock.step(600)
    power.revive(site.world, site.world.host("basalt-1"))
    site.until(1200, lambda: all(vm.power_state == "Running" for vm in guests))


def test_a_host_that_was_down_and_boots_well_is_up_again(site: Site) -> None:
    power.kill(site.world, site.world.host("basalt-3"))
    site.until(300, lambda: site.row("basalt-3").status == "Down")
    power.revive(site.world, site.world.host("basalt-3"))
    site.until(600, lambda: site.row("basalt-3").status == "Up")


def test_a_host_that_was_down_and_comes_back_disabled_is_in_alert(site: Site) -> None:
    host = site.world.host("basalt-3")
    power.kill(site.world, host)
    site.until(300, lambda: site.row("basalt-3").status == "Down")
    host.auto_enable = False
    host.enabled = False
    power.revive(site.world, host)
    site.until(600, lambda: site.row("basalt-3").status == "Alert")


def test_a_host_whose_network_is_cut_stays_up_until_alert_wait_when_nobody_can_tell(site: Site) -> None:
    power.cut_network(site.world, site.world.host("basalt-3"))
    taken = site.until(2100, lambda: site.row("basalt-3").status != "Up")
    assert 1800 <= taken <= 1920
    assert site.row("basalt-3").status == "Alert"
    assert site.subjects()[0].startswith("Host in ALERT state, name: basalt-3")


def test_without_vm_ha_a_lost_host_is_in_alert_at_once(site: Site) -> None:
    site.cloud.settings.put("vm.ha.enabled", "false")
    power.kill(site.world, site.world.host("basalt-3"))
    site.until(300, lambda: site.row("basalt-3").status == "Alert")


def test_a_dead_master_without_ha_is_down_and_drags_its_members_into_alert(site: Site) -> None:
    power.kill(site.world, site.world.host("basalt-1"))
    site.clock.step(300)
    assert statuses(site, "basalt") == ["Down", "Alert", "Alert", "Alert", "Alert"]


def test_members_of_a_dead_master_look_up_for_half_an_hour_when_no_other_pool_can_ping_them() -> None:
    site = Site({"clusters": ["basalt"], "alert": []})
    power.kill(site.world, site.world.host("basalt-1"))
    site.clock.step(1500)
    assert statuses(site, "basalt") == ["Down", "Up", "Up", "Up", "Up"]
    site.clock.step(600)
    assert statuses(site, "basalt") == ["Down", "Alert", "Alert", "Alert", "Alert"]


def test_cloudstack_never_elects_a_master(site: Site) -> None:
    power.kill(site.world, site.world.host("basalt-1"))
    site.clock.step(4 * 3600)
    assert "Up" not in statuses(site, "basalt")
    assert not any(host.is_master for host in site.world.pool("basalt").hosts[1:])


def test_cloudstack_finds_a_new_master_by_itself(site: Site) -> None:
    pool = site.world.pool("basalt")
    pooling.change_master(site.world, pool, site.world.host("basalt-2"))
    site.clock.step(900)
    assert pool.master is site.world.host("basalt-2")
    assert statuses(site, "basalt") == ["Up"] * 5
    assert site.cluster("basalt").known_master is site.world.host("basalt-2")


def test_a_disabled_master_takes_every_host_of_its_pool_along(site: Site) -> None:
    site.world.host("cobalt-1").enabled = False
    site.world.host("cobalt-2").enabled = True
    site.clock.step(600)
    assert statuses(site, "cobalt") == ["Alert", "Alert", "Alert"]
    site.world.host("cobalt-1").enabled = True
    site.until(400, lambda: statuses(site, "cobalt") == ["Up", "Up", "Up"])


def test_a_disabled_master_is_no_matter_before_4_4(site_of: SiteOf) -> None:
    site = site_of("4.3.2")
    site.world.host("cobalt-1").enabled = False
    site.clock.step(600)
    assert statuses(site, "cobalt") == ["Up", "Up", "Up"]


def test_while_a_master_reboots_its_managed_cluster_is_missed(site: Site) -> None:
    power.reboot(site.world, site.world.host("basalt-1"))
    seen: set[str] = set()
    for _step in range(40):
        site.clock.step(15)
        seen |= set(statuses(site, "basalt"))
    assert "Alert" in seen
    assert f"Host disconnected, {site.row('basalt-2').description}" in site.subjects()
    site.until(600, lambda: statuses(site, "basalt") == ["Up"] * 5)


def test_a_host_in_maintenance_that_goes_away_is_disconnected_and_nobody_is_alerted(site: Site) -> None:
    site.job("prepareHostForMaintenance", id=site.row("basalt-3").id)
    site.until(600, lambda: site.row("basalt-3").resource_state == "Maintenance")
    told = len(site.subjects())
    power.kill(site.world, site.world.host("basalt-3"))
    site.until(300, lambda: site.row("basalt-3").status == "Disconnected")
    power.revive(site.world, site.world.host("basalt-3"))
    site.until(600, lambda: site.row("basalt-3").status == "Up")
    assert site.row("basalt-3").resource_state == "Maintenance"
    assert len(site.subjects()) == told


def test_a_host_disabled_in_cloudstack_that_goes_away_is_disconnected(site: Site) -> None:
    site.ask("updateHost", id=site.row("basalt-3").id, allocationstate="Disable")
    power.kill(site.world, site.world.host("basalt-3"))
    site.until(300, lambda: site.row("basalt-3").status == "Disconnected")


def test_an_ejected_host_that_cloudstack_still_has_cannot_connect_again(site: Site) -> None:
    pooling.leave(site.world, site.world.host("basalt-5"))
    site.clock.step(1800)
    site.world.host("basalt-5").enabled = True
    site.clock.step(600)
    assert site.state("basalt-5")[0] != "Up"


@pytest.mark.parametrize("version", ["4.4.0", "4.5.2"])
def test_a_beating_host_that_xapi_disables_stays_up_until_4_5(site_of: SiteOf, version: str) -> None:
    site = site_of(version)
    site.world.host("basalt-3").enabled = False
    site.clock.step(3600)
    assert site.state("basalt-3")[0] == "Up"


@pytest.mark.parametrize("version", ["4.6.0", "4.9.3", "4.22.0"])
def test_since_4_6_it_goes_to_alert(site_of: SiteOf, version: str) -> None:
    site = site_of(version)
    site.world.host("basalt-3").enabled = False
    site.clock.step(300)
    assert site.state("basalt-3")[0] == "Alert"


def test_before_4_4_the_ping_does_not_ask_whether_the_host_is_enabled(site_of: SiteOf) -> None:
    site = site_of("4.3.2")
    site.until(300, lambda: site.row("cobalt-2").status == "Up")


def test_reconnecting_a_healthy_host_takes_minutes_since_the_scan_waits(site: Site) -> None:
    site.job("reconnectHost", id=site.row("amber-2").id)
    assert site.state("amber-2")[0] == "Disconnected"
    taken = site.until(300, lambda: site.row("amber-2").status == "Up")
    assert taken >= 90


def test_reconnecting_does_not_heal_a_host_in_alert(site: Site) -> None:
    with pytest.raises(Refused) as refused:
        site.job("reconnectHost", id=site.row("cobalt-2").id)
    assert refused.value.code == 530
    assert refused.value.text == "Unable to disconnect host because it is not connected to this server"


def test_reconnecting_a_host_that_is_down_is_refused(site: Site) -> None:
    power.kill(site.world, site.world.host("basalt-3"))
    site.until(300, lambda: site.row("basalt-3").status == "Down")
    with pytest.raises(Refused, match=r"it is not in the correct state: host=.*; Status=Down"):
        site.job("reconnectHost", id=site.row("basalt-3").id)


def test_reconnecting_a_disconnected_host_succeeds_and_does_nothing(site: Site) -> None:
    site.job("reconnectHost", id=site.row("amber-2").id)
    site.job("reconnectHost", id=site.row("amber-2").id)
    assert site.state("amber-2")[0] == "Disconnected"
