"""updateCluster: letting a cluster go and taking it back."""

from __future__ import annotations

import pytest

from lab.world import power
from tests.lab.cloudstack.conftest import Refused, Site


def update(site: Site, name: str, **params: str) -> dict[str, str]:
    return dict(site.ask("updateCluster", id=site.cluster(name).id, **params)["cluster"])


def statuses(site: Site, name: str) -> list[str]:
    return [row.status for row in site.cloud.cluster_hosts(site.cluster(name))]


def test_letting_go_takes_its_time_and_disconnects_the_hosts_that_are_up(site: Site) -> None:
    begin = site.clock.now()
    assert update(site, "cobalt", managedstate="Unmanaged")["managedstate"] == "Unmanaged"
    assert site.clock.now() - begin >= 5
    assert statuses(site, "cobalt") == ["Disconnected", "Alert", "Disconnected"]


def test_resource_states_stay_as_they_were(site: Site) -> None:
    update(site, "amber", managedstate="Unmanaged")
    assert {site.state(f"amber-{n}") for n in (1, 2, 3, 4)} == {("Disconnected", "Enabled")}


def test_nothing_that_happens_in_an_unmanaged_cluster_is_noticed(site: Site) -> None:
    update(site, "basalt", managedstate="Unmanaged")
    told = site.subjects()
    power.kill(site.world, site.world.host("basalt-3"))
    site.clock.step(3600)
    assert statuses(site, "basalt") == ["Disconnected"] * 5
    assert site.subjects() == told


def test_while_a_master_reboots_its_unmanaged_cluster_is_disconnected_and_nobody_is_told(site: Site) -> None:
    update(site, "basalt", managedstate="Unmanaged")
    told = site.subjects()
    power.reboot(site.world, site.world.host("basalt-1"))
    site.clock.step(600)
    assert statuses(site, "basalt") == ["Disconnected"] * 5
    update(site, "basalt", managedstate="Managed")
    site.until(400, lambda: statuses(site, "basalt") == ["Up"] * 5)
    assert site.subjects() == told


def test_taking_it_back_is_answered_at_once_and_the_hosts_follow_with_the_scan(site: Site) -> None:
    update(site, "amber", managedstate="Unmanaged")
    begin = site.clock.now()
    assert update(site, "amber", managedstate="Managed")["managedstate"] == "Managed"
    assert site.clock.now() == begin
    taken = site.until(300, lambda: statuses(site, "amber") == ["Up"] * 4)
    assert taken > 60


def test_a_cluster_with_a_host_that_is_connecting_cannot_be_let_go(site: Site) -> None:
    site.world.host("cobalt-2").enabled = True
    site.until(300, lambda: site.row("cobalt-2").status == "Connecting")
    with pytest.raises(Refused) as refused:
        update(site, "cobalt", managedstate="Unmanaged")
    assert refused.value.code == 530
    text = "PrepareUnmanaged Failed due to host 127.10.3.2 should not be in Connecting status"
    assert refused.value.text == text
    assert site.ask("listClusters", name="cobalt")["cluster"][0]["managedstate"] == "PrepareUnmanagedError"


def test_a_second_try_is_allowed_after_that(site: Site) -> None:
    site.cluster("cobalt").managed_state = "PrepareUnmanagedError"
    assert update(site, "cobalt", managedstate="Unmanaged")["managedstate"] == "Unmanaged"


def test_clusters_are_disabled_with_adjectives(site: Site) -> None:
    assert update(site, "amber", allocationstate="Disabled")["allocationstate"] == "Disabled"
    with pytest.raises(Refused) as refused:
        update(site, "amber", allocationstate="Disable")
    assert refused.value.code == 431


def test_a_managed_state_that_is_none_is_a_431(site: Site) -> None:
    with pytest.raises(
        Refused, match="Unable to resolve Managed State 'Off' to a supported state"
    ) as refused:
        update(site, "amber", managedstate="Off")
    assert refused.value.code == 431


def test_a_scenario_may_begin_with_an_unmanaged_cluster() -> None:
    site = Site({"unmanaged": ["basalt"]})
    site.clock.step(600)
    assert statuses(site, "basalt") == ["Disconnected"] * 5
    assert site.ask("listClusters", managedstate="Unmanaged")["count"] == 1
