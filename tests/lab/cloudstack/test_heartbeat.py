"""CloudStack's own heartbeat: it resets hosts beside XenServer's HA, and tells the dead from the silent."""

from __future__ import annotations

import pytest

from lab.scenarios.build import sr_named
from lab.world import power
from tests.lab.cloudstack.conftest import Site, SiteOf


def cut(site: Site, name: str, sr: str) -> None:
    host = site.world.host(name)
    power.cut_storage(site.world, host, sr_named(host.pool, sr))


def test_a_host_that_loses_its_primary_storage_is_reset_after_two_minutes(site: Site) -> None:
    cut(site, "basalt-3", "iscsi-1")
    taken = site.until(300, lambda: site.world.host("basalt-3").power != "on")
    assert 120 <= taken <= 181


def test_it_goes_on_in_an_unmanaged_cluster(site: Site) -> None:
    site.ask("updateCluster", id=site.cluster("basalt").id, managedstate="Unmanaged")
    cut(site, "basalt-3", "iscsi-1")
    site.until(300, lambda: site.world.host("basalt-3").power != "on")


def test_storage_that_cloudstack_does_not_use_is_no_matter(site: Site) -> None:
    cut(site, "basalt-3", "nfs-hb")
    site.clock.step(900)
    assert site.world.host("basalt-3").power == "on"


def test_a_short_cut_is_no_matter(site: Site) -> None:
    cut(site, "basalt-3", "iscsi-1")
    site.clock.step(100)
    host = site.world.host("basalt-3")
    power.mend_storage(site.world, host, sr_named(host.pool, "iscsi-1"))
    site.clock.step(900)
    assert host.power == "on"


@pytest.mark.parametrize(("timeout", "resets"), [("600", False), ("60", True)])
def test_the_timeout_is_a_setting(site: Site, timeout: str, resets: bool) -> None:
    site.cloud.settings.put("xenserver.heartbeat.timeout", timeout)
    cut(site, "basalt-3", "iscsi-1")
    site.clock.step(130)
    assert (site.world.host("basalt-3").power != "on") is resets


def test_after_a_boot_it_does_not_run_before_cloudstack_has_connected_the_host(site: Site) -> None:
    host = site.world.host("basalt-3")
    host.auto_enable = False
    power.reboot(site.world, host)
    site.clock.step(240)
    host.enabled = False
    cut(site, "basalt-3", "iscsi-1")
    site.clock.step(900)
    assert host.power == "on"


def test_a_host_with_a_fresh_heartbeat_and_no_network_is_not_down(site_of: SiteOf) -> None:
    site = site_of("4.5.2")
    power.cut_network(site.world, site.world.host("basalt-3"))
    site.clock.step(600)
    assert site.row("basalt-3").status == "Up", "its neighbours read its file"


def test_its_vms_are_not_started_twice_while_nobody_is_sure(site: Site) -> None:
    guests = site.world.host("basalt-3").resident
    power.cut_network(site.world, site.world.host("basalt-3"))
    site.clock.step(3600)
    assert {vm.resident_on for vm in guests} == {site.world.host("basalt-3")}
