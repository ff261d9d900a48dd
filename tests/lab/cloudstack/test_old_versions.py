"""CloudStack before 4.4 meddles with the pools itself; since then it does not."""

from __future__ import annotations

import json

import pytest

from lab.cloudstack.state import USER_KEYS
from lab.scenarios.build import add_pool
from lab.world import World, power
from tests.lab.cloudstack.conftest import Refused, Site, SiteOf


def masters(site: Site, pool: str) -> list[str]:
    hosts = site.world.pool(pool).hosts
    return [host.name for host in hosts if host.is_master and host.power == "on"]


def test_until_4_3_1_cloudstack_promotes_a_member_when_the_master_dies(site_of: SiteOf) -> None:
    site = site_of("4.3.1")
    power.kill(site.world, site.world.host("basalt-1"))
    site.clock.step(900)
    assert masters(site, "basalt") == ["basalt-2"]
    states = {row.name: row.status for row in site.cloud.cluster_hosts(site.cluster("basalt"))}
    assert states == {"basalt-1": "Down", **{f"basalt-{n}": "Up" for n in (2, 3, 4, 5)}}


@pytest.mark.parametrize("version", ["4.3.2", "4.5.2", "4.22.0"])
def test_since_4_3_2_it_does_not(site_of: SiteOf, version: str) -> None:
    site = site_of(version)
    power.kill(site.world, site.world.host("basalt-1"))
    site.clock.step(3600)
    assert masters(site, "basalt") == []


def test_with_ha_on_the_pool_elects_and_cloudstack_is_refused(site_of: SiteOf) -> None:
    site = site_of("4.3.1")
    power.kill(site.world, site.world.host("amber-1"))
    site.clock.step(900)
    assert len(masters(site, "amber")) == 1
    assert site.world.pool("amber").ha_enabled


def maintain_and_delete(site: Site, name: str) -> None:
    site.job("prepareHostForMaintenance", id=site.row(name).id)
    site.until(900, lambda: site.row(name).resource_state == "Maintenance")
    site.ask("deleteHost", id=site.row(name).id)


def test_before_4_4_deleting_a_host_ejects_it(site_of: SiteOf) -> None:
    site = site_of("4.3.2")
    maintain_and_delete(site, "basalt-5")
    assert len(site.world.pool("basalt").hosts) == 4
    assert site.world.host("basalt-5").pool is not site.world.pool("basalt")


def test_until_4_3_1_deleting_a_master_gives_the_pool_another_one_first(site_of: SiteOf) -> None:
    site = site_of("4.3.1")
    maintain_and_delete(site, "basalt-1")
    site.clock.step(120)
    assert masters(site, "basalt") == ["basalt-2"]
    assert site.world.host("basalt-1").pool is not site.world.pool("basalt")


def test_4_3_2_can_no_longer_remove_a_master(site_of: SiteOf) -> None:
    site = site_of("4.3.2")
    with pytest.raises(Refused, match="this host is master, and cannot designate a new master"):
        maintain_and_delete(site, "basalt-1")
    assert site.host("basalt-1")["resourcestate"] == "Maintenance"


def test_before_4_4_adding_a_stranger_joins_it_to_the_pool() -> None:
    def add_stranger(world: World) -> None:
        add_pool(world, "stranger", 1)

    site = Site({"clusters": ["amber", "basalt", "cobalt"], "version": "4.3.2"}, add_stranger)
    added = site.add_host("basalt", "127.10.4.1")
    assert [host["name"] for host in added["host"]] == ["stranger-1"]
    assert site.world.host("stranger-1").pool is site.world.pool("basalt")
    assert site.world.crashes == []


def test_until_4_5_a_command_that_is_unknown_or_not_allowed_is_a_432(site_of: SiteOf) -> None:
    site = site_of("4.5.2")
    unknown, forbidden = site.reply("listSecrets"), site.reply_to(USER_KEYS, "listHosts")
    assert (unknown.status, forbidden.status) == (432, 432)
    assert list(json.loads(forbidden.body)) == ["errorresponse"]


def test_a_management_servers_id_was_a_number_once(site_of: SiteOf) -> None:
    assert isinstance(site_of("4.5.2").host("amber-1")["managementserverid"], int)
    assert isinstance(site_of("4.20.1").host("amber-1")["managementserverid"], str)


def test_old_hosts_have_neither_annotations_nor_host_ha(site_of: SiteOf) -> None:
    old, new = site_of("4.5.2").host("amber-1"), site_of("4.20.1").host("amber-1")
    assert {"hostha", "outofbandmanagement", "cpuloadaverage", "arch"} <= set(new) - set(old)


@pytest.mark.parametrize(
    ("command", "since"),
    [
        ("issueOutOfBandManagementPowerAction", "4.9.0"),
        ("listHostsMetrics", "4.9.3"),
        ("listManagementServers", "4.11.0"),
        ("declareHostAsDegraded", "4.16.0"),
    ],
)
def test_a_command_is_there_since_its_version_and_list_apis_agrees(
    site_of: SiteOf, command: str, since: str
) -> None:
    major, minor, patch = map(int, since.split("."))
    before = f"{major}.{minor}.{patch - 1}" if patch else f"{major}.{minor - 1}.9"
    for version, there in ((before, False), (since, True)):
        apis = {api["name"] for api in site_of(version).ask("listApis")["api"]}
        assert (command in apis) is there


def test_parameters_that_came_later_are_ignored_before(site_of: SiteOf) -> None:
    for version, count in (("4.15.2", 60), ("4.16.0", 20)):
        site = site_of(version)
        amber = site.cluster("amber").id
        assert site.ask("listVirtualMachines", listall="true", clusterid=amber)["count"] == count


@pytest.mark.parametrize("version", ["4.3.1", "4.5.2"])
def test_until_4_5_a_host_tells_less_about_itself(site_of: SiteOf, version: str) -> None:
    later = {
        "hostha",
        "outofbandmanagement",
        "annotation",
        "memorywithoverprovisioning",
        "cpuallocatedpercentage",
    }
    assert not (later | {"cpuloadaverage", "explicithosttags", "arch"}) & set(
        site_of(version).host("amber-1")
    )


def test_the_classes_behind_maintenance_were_renamed_in_4_21(site_of: SiteOf) -> None:
    for version, name in (("4.20.1", "PrepareForMaintenanceCmd"), ("4.21.0", "PrepareForHostMaintenanceCmd")):
        site = site_of(version)
        job = site.ask("prepareHostForMaintenance", id=site.row("amber-1").id)["jobid"]
        assert site.ask("queryAsyncJobResult", jobid=job)["cmd"].endswith(f".{name}")
