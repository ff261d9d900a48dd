"""Out-of-band management: the power of a machine that says nothing any more."""

from __future__ import annotations

import pytest

from lab.cloudstack.out_of_band import PASSWORD, USERNAME
from lab.world import power
from tests.lab.cloudstack.conftest import Json, Refused, Site, SiteOf


def configure(site: Site, name: str, **params: str) -> Json:
    told = {"driver": "ipmitool", "address": "127.20.2.3", "port": "623"}
    login = {"username": USERNAME, "password": PASSWORD}
    answer = site.ask("configureOutOfBandManagement", hostid=site.row(name).id, **(told | login | params))
    return dict(answer["outofbandmanagement"])


def switch(site: Site, name: str, verb: str = "enable") -> Json:
    return site.job(f"{verb}OutOfBandManagementForHost", hostid=site.row(name).id)


def action(site: Site, name: str, what: str) -> Json:
    job = site.job("issueOutOfBandManagementPowerAction", hostid=site.row(name).id, action=what)
    return dict(job["outofbandmanagement"])


def shown(site: Site, name: str) -> tuple[bool, str]:
    told = site.host(name)["outofbandmanagement"]
    return told["enabled"], told["powerstate"]


@pytest.fixture
def watched(site: Site) -> Site:
    """basalt-3 has a controller that is watched."""
    configure(site, "basalt-3")
    switch(site, "basalt-3")
    site.clock.step(5)
    return site


def test_it_is_disabled_until_it_is_configured_and_enabled(site: Site) -> None:
    assert shown(site, "basalt-3") == (False, "Disabled")
    told = configure(site, "basalt-3")
    assert (told["status"], told["powerstate"], told["password"]) == (True, "Disabled", f"{PASSWORD[0]}****")
    switch(site, "basalt-3")
    site.clock.step(5)
    assert shown(site, "basalt-3") == (True, "On")


def test_it_sees_a_machine_without_power_and_one_that_is_only_cut_off(watched: Site) -> None:
    host = watched.world.host("basalt-3")
    power.cut_network(watched.world, host)
    watched.clock.step(5)
    assert shown(watched, "basalt-3") == (True, "On")
    power.kill(watched.world, host)
    watched.clock.step(5)
    assert shown(watched, "basalt-3") == (True, "Off")


def test_status_is_asked_of_the_controller_itself(watched: Site) -> None:
    told = action(watched, "basalt-3", "STATUS")
    assert (told["action"], told["description"]) == ("STATUS", "Chassis Power is on")


def test_off_is_off_and_on_boots(watched: Site) -> None:
    host = watched.world.host("basalt-3")
    action(watched, "basalt-3", "OFF")
    assert host.power == "off"
    action(watched, "basalt-3", "ON")
    assert host.power == "booting"
    watched.until(900, lambda: watched.row("basalt-3").status == "Up")


@pytest.mark.parametrize("what", ["CYCLE", "RESET"])
def test_a_reset_boots_it_anew(watched: Site, what: str) -> None:
    before = watched.world.host("basalt-3").boot_time
    action(watched, "basalt-3", what)
    watched.clock.step(600)
    assert watched.world.host("basalt-3").boot_time > before


def test_a_soft_off_leaves_it_a_moment(watched: Site) -> None:
    action(watched, "basalt-3", "SOFT")
    assert watched.world.host("basalt-3").power == "on"
    watched.clock.step(30)
    assert watched.world.host("basalt-3").power == "off"


def test_a_button_does_nothing_to_a_machine_that_is_off(watched: Site) -> None:
    power.kill(watched.world, watched.world.host("basalt-3"))
    action(watched, "basalt-3", "RESET")
    assert watched.world.host("basalt-3").power == "off"


def test_an_unknown_action_fails(watched: Site) -> None:
    with pytest.raises(Refused, match=r"No enum constant .*PowerOperation\.off") as refused:
        action(watched, "basalt-3", "off")
    assert refused.value.code == 530


def test_a_driver_there_is_none_of_is_refused(site: Site) -> None:
    with pytest.raises(Refused, match="driver is not available"):
        configure(site, "basalt-3", driver="telepathy")


def test_what_is_not_configured_cannot_be_enabled_nor_used(site: Site) -> None:
    with pytest.raises(Refused, match="Please configure the host before enabling/disabling it"):
        switch(site, "basalt-3")
    with pytest.raises(Refused, match="disabled or not configured for the host"):
        action(site, "basalt-3", "STATUS")


def test_wrong_credentials_leave_the_state_unknown_and_are_an_alert_once(site: Site) -> None:
    configure(site, "basalt-3", password="wrong")
    switch(site, "basalt-3")
    site.clock.step(60)
    assert shown(site, "basalt-3") == (True, "Unknown")
    row = site.row("basalt-3")
    where = f"host:{row.number} in cluster:{row.cluster.number}, zone:1"
    subject = f"Out-of-band management auth-error detected for {where}"
    assert site.subjects().count(subject) == 1
    with pytest.raises(Refused, match="Please check configured credentials"):
        action(site, "basalt-3", "STATUS")


@pytest.mark.parametrize("place", ["Cluster", "Zone"])
def test_it_can_be_disabled_for_a_whole_cluster_or_zone(watched: Site, place: str) -> None:
    ids = {"Cluster": ("clusterid", watched.cluster("basalt").id), "Zone": ("zoneid", watched.cloud.zone.id)}
    parameter, value = ids[place]
    watched.job(f"disableOutOfBandManagementFor{place}", **{parameter: value})
    assert shown(watched, "basalt-3") == (True, "Disabled")
    with pytest.raises(Refused, match=f"disabled for the host's {place.lower()}"):
        action(watched, "basalt-3", "STATUS")
    watched.job(f"enableOutOfBandManagementFor{place}", **{parameter: value})
    assert shown(watched, "basalt-3") == (True, "On")


def test_the_password_is_changed_where_the_controller_takes_it(watched: Site) -> None:
    changed = watched.job(
        "changeOutOfBandManagementPassword", hostid=watched.row("basalt-3").id, password=PASSWORD
    )
    assert changed["outofbandmanagement"]["status"]
    with pytest.raises(Refused, match="Failed to change out-of-band management password"):
        watched.job("changeOutOfBandManagementPassword", hostid=watched.row("basalt-3").id, password="new")


def test_a_scenario_may_equip_its_hosts() -> None:
    site = Site({"out_of_band": ["amber-1"]})
    assert shown(site, "amber-1") == (True, "On")
    assert shown(site, "amber-2") == (False, "Disabled")


def test_before_4_9_there_is_none_of_it(site_of: SiteOf) -> None:
    old = site_of("4.8.0")
    assert old.reply("configureOutOfBandManagement").status == 401
    assert "outofbandmanagement" not in old.host("amber-1")
