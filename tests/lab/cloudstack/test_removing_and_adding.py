"""deleteHost and addHost: what they need, what they touch, and what they find."""

from __future__ import annotations

import pytest

from lab.scenarios.build import add_pool
from lab.world import World, pooling, power
from tests.lab.cloudstack.conftest import Refused, Site, SiteOf


def in_maintenance(site: Site, name: str) -> None:
    site.job("prepareHostForMaintenance", id=site.row(name).id)
    site.until(600, lambda: site.row(name).resource_state == "Maintenance")


def delete(site: Site, name: str, **params: str) -> None:
    assert site.ask("deleteHost", id=site.row(name).id, **params) == {"success": True}


def names(site: Site, cluster: str) -> list[str]:
    return [row.name for row in site.cloud.cluster_hosts(site.cluster(cluster))]


def test_a_host_not_in_maintenance_is_not_deleted(site_of: SiteOf) -> None:
    site = site_of("4.22.0")
    with pytest.raises(Refused) as refused:
        delete(site, "amber-2")
    uuid = site.row("amber-2").id
    assert refused.value.code == 530
    assert refused.value.text == (
        f"Host with UUID [{uuid}] is not in maintenance mode and no forced deletion was requested."
    )


def test_being_disabled_is_not_enough(site: Site) -> None:
    site.ask("updateHost", id=site.row("amber-2").id, allocationstate="Disable")
    with pytest.raises(Refused, match="not in maintenance mode"):
        delete(site, "amber-2")


@pytest.mark.parametrize("version", ["4.5.2", "4.20.1"])
def test_until_4_20_the_refusal_is_worded_otherwise(site_of: SiteOf, version: str) -> None:
    site = site_of(version)
    with pytest.raises(
        Refused, match=r"cannot be deleted as it is not in maintenance mode. Either put the host"
    ):
        delete(site, "amber-2")


def test_a_host_in_maintenance_is_deleted_and_not_listed_any_more(site: Site) -> None:
    in_maintenance(site, "amber-1")
    delete(site, "amber-1")
    assert site.ask("listHosts", name="amber-1") == {}


def test_deleting_does_not_eject_the_host_from_its_pool(site: Site) -> None:
    in_maintenance(site, "amber-1")
    delete(site, "amber-1")
    assert site.world.host("amber-1").pool is site.world.pool("amber")
    assert site.world.pool("amber").master is site.world.host("amber-1")


def test_the_pool_is_still_watched_through_a_master_that_was_deleted(site: Site) -> None:
    in_maintenance(site, "amber-1")
    delete(site, "amber-1")
    site.clock.step(1800)
    assert [site.state(name)[0] for name in names(site, "amber")] == ["Up"] * 3


def test_a_host_in_alert_is_deleted_by_force_only(site: Site) -> None:
    with pytest.raises(Refused):
        delete(site, "cobalt-2")
    delete(site, "cobalt-2", forced="true")
    assert names(site, "cobalt") == ["cobalt-1", "cobalt-3"]


def test_a_host_with_vms_is_deleted_by_force_only(site: Site) -> None:
    site.row("amber-2").resource_state = "Maintenance"
    with pytest.raises(Refused) as refused:
        delete(site, "amber-2")
    assert (refused.value.code, refused.value.text) == (530, "Failed to delete host")


def test_by_force_the_vms_are_written_down_as_stopped_although_they_run(site: Site) -> None:
    delete(site, "amber-2", forced="true")
    stopped = site.ask("listVirtualMachines", listall="true", state="Stopped")["virtualmachine"]
    assert len(stopped) == 5
    assert not any("hostid" in vm for vm in stopped)
    site.clock.step(600)
    assert len(site.world.host("amber-2").resident) == 5


def test_by_force_the_vms_of_a_machine_without_power_are_started_elsewhere(site: Site) -> None:
    guests = site.world.host("basalt-3").resident
    power.kill(site.world, site.world.host("basalt-3"))
    site.clock.step(1)
    delete(site, "basalt-3", forced="true")
    lost = (None, site.world.host("basalt-3"))
    site.until(600, lambda: all(vm.resident_on not in lost for vm in guests))
    assert {vm.power_state for vm in guests} == {"Running"}


def test_the_record_of_its_local_storage_stays_unless_it_is_to_be_destroyed(site: Site) -> None:
    def pools() -> int:
        return int(site.ask("listStoragePools", clusterid=site.cluster("amber").id)["count"])

    before = pools()
    delete(site, "amber-2", forced="true")
    assert pools() == before
    delete(site, "amber-3", forced="true", forcedestroylocalstorage="true")
    assert pools() == before - 1
    site.add_host("amber", "127.10.1.1")
    assert pools() == before


def test_adding_a_host_discovers_every_member_that_is_not_known() -> None:
    site = Site({"absent": ["amber-2", "amber-4"]})
    added = site.add_host("amber", "127.10.1.1")
    assert (added["count"], [host["name"] for host in added["host"]]) == (2, ["amber-2", "amber-4"])
    assert {host["state"] for host in added["host"]} == {"Up"}
    assert sorted(names(site, "amber")) == ["amber-1", "amber-2", "amber-3", "amber-4"]


def test_a_member_that_was_deleted_but_not_ejected_comes_back_with_the_next_add_host(site: Site) -> None:
    in_maintenance(site, "amber-3")
    delete(site, "amber-3")
    added = site.add_host("amber", "127.10.1.2")
    assert [host["name"] for host in added["host"]] == ["amber-3"]


def test_a_member_that_was_ejected_does_not_come_back(site: Site) -> None:
    in_maintenance(site, "basalt-5")
    pooling.leave(site.world, site.world.host("basalt-5"))
    delete(site, "basalt-5")
    with pytest.raises(Refused) as refused:
        site.add_host("basalt", "127.10.2.1")
    assert (refused.value.code, refused.value.text) == (530, "Failed to add host")


def add_stranger(world: World) -> None:
    add_pool(world, "stranger", 1)


def test_a_stranger_to_the_pool_is_refused_without_a_reason() -> None:
    site = Site({"clusters": ["amber", "basalt", "cobalt"]}, add_stranger)
    with pytest.raises(Refused) as refused:
        site.add_host("amber", "127.10.4.1")
    url = "http://127.10.4.1"
    assert refused.value.code == 530
    assert refused.value.text == f"Unable to add the host: Cannot find the server resources at {url}"


def test_before_4_17_the_refusal_does_not_even_name_the_address() -> None:
    site = Site({"clusters": ["amber", "basalt", "cobalt"], "version": "4.16.1"}, add_stranger)
    with pytest.raises(Refused) as refused:
        site.add_host("amber", "127.10.4.1")
    assert (refused.value.code, refused.value.text) == (530, "Unable to add the host")


def test_a_stranger_may_join_a_cluster_that_has_no_host() -> None:
    site = Site({"clusters": ["amber", "basalt", "cobalt"]}, add_stranger)
    for name in names(site, "cobalt"):
        delete(site, name, forced="true")
    added = site.add_host("cobalt", "127.10.4.1")
    assert [host["name"] for host in added["host"]] == ["stranger-1"]
    assert site.cluster("cobalt").guid == site.world.pool("stranger").uuid


@pytest.mark.parametrize(("address", "password"), [("127.10.1.1", "wrong"), ("127.10.9.9", "baton-lab")])
def test_a_wrong_password_and_a_wrong_address_look_like_a_stranger(address: str, password: str) -> None:
    site = Site({"absent": ["amber-2"]})
    with pytest.raises(Refused, match="Unable to add the host"):
        site.add_host("amber", address, password)


def test_a_host_of_a_pool_without_a_master_cannot_be_added() -> None:
    site = Site({"absent": ["basalt-2"]})
    power.kill(site.world, site.world.host("basalt-1"))
    with pytest.raises(Refused, match="Unable to add the host"):
        site.add_host("basalt", "127.10.2.2")


def test_an_address_without_http_is_not_even_tried(site: Site) -> None:
    with pytest.raises(Refused, match="Unable to add the host"):
        site.ask(
            "addHost",
            zoneid=site.cloud.zone.id,
            podid=site.cloud.pod.id,
            clusterid=site.cluster("amber").id,
            hypervisor="XenServer",
            url="https://127.10.1.1",
            username="root",
            password="baton-lab",
        )


def test_the_password_of_add_host_is_not_in_the_log_of_calls() -> None:
    site = Site({"absent": ["amber-2"]})
    site.add_host("amber", "127.10.1.1")
    call = next(call for call in site.world.calls.calls if call.name == "addHost")
    assert isinstance(call.args, dict)
    assert call.args["password"] == "***"
