"""Plugs."""

from __future__ import annotations

import pytest
import XenAPI

from tests.lab.conftest import Site, code


def refusal(site: Site, pool: str, call: str, *args: str) -> str:
    with pytest.raises(XenAPI.Failure) as refused:
        site.run(site.session(f"{pool}-1"), call, *args)
    return code(refused)


def test_a_plug_that_failed_once_plugs_again(site: Site) -> None:
    site.run(site.session("cobalt-1"), "PBD.plug", site.pbd("cobalt-2", "iscsi-1"))
    assert all(pbd.attached for pbd in site.host("cobalt-2").pbds)


def test_plugging_what_is_plugged_changes_nothing(site: Site) -> None:
    assert site.session().xenapi.PBD.plug(site.pbd("amber-2", "iscsi-1")) == ""


def test_storage_that_is_cut_does_not_plug(site: Site) -> None:
    site.lab.break_("storage-cut", "cobalt-2", sr="iscsi-1")
    assert refusal(site, "cobalt", "PBD.plug", site.pbd("cobalt-2", "iscsi-1")) == "SR_BACKEND_FAILURE_47"


def test_the_heartbeats_sr_is_not_unplugged(site: Site) -> None:
    assert refusal(site, "amber", "PBD.unplug", site.pbd("amber-2", "nfs-hb")) == "HA_IS_ENABLED"


def test_an_sr_in_use_is_not_unplugged(site: Site) -> None:
    assert refusal(site, "amber", "PBD.unplug", site.pbd("amber-2", "iscsi-1")) == "VDI_IN_USE"


def test_an_sr_that_nobody_uses_is_unplugged(site: Site) -> None:
    site.run(site.session(), "PBD.unplug", site.pbd("amber-2", "isos"))
    assert site.session().xenapi.PBD.get_currently_attached(site.pbd("amber-2", "isos")) is False


def test_a_crash_with_cut_storage_leaves_the_host_disabled_while_ha_is_on(site: Site) -> None:
    site.lab.break_("storage-cut", "amber-3", sr="iscsi-1")
    site.lab.break_("reboot", "amber-3")
    site.lab.step(600)
    host = site.host("amber-3")
    assert (host.live, host.enabled) == (True, False)
    assert "PBD_PLUG_FAILED_ON_SERVER_START" in [message.name for message in site.pool("amber").messages]


def test_the_same_crash_without_ha_does_not(site: Site) -> None:
    site.lab.break_("storage-cut", "basalt-3", sr="iscsi-1")
    site.lab.break_("reboot", "basalt-3")
    site.lab.step(600)
    assert (site.host("basalt-3").live, site.host("basalt-3").enabled) == (True, True)


def test_a_host_that_loses_the_heartbeats_storage_fences_itself_after_the_timeout(site: Site) -> None:
    boot = site.host("amber-3").boot_time
    site.lab.break_("storage-cut", "amber-3", sr="nfs-hb")
    site.lab.step(170)
    assert site.host("amber-3").power == "on"
    site.lab.step(20)
    assert site.host("amber-3").power == "booting"
    site.lab.step(200)
    assert site.host("amber-3").boot_time > boot
    assert site.host("amber-3").emergency == ["HA_HOST_CANNOT_ACCESS_STATEFILE"]


def test_when_everybody_loses_the_statefile_the_network_keeps_the_pool_alive(site: Site) -> None:
    site.lab.break_("storage-cut", "amber", sr="nfs-hb")
    site.lab.step(600)
    assert all(host.power == "on" and host.live for host in site.pool("amber").hosts)


def test_a_host_cut_off_from_the_network_fences_itself_after_the_timeout(site: Site) -> None:
    site.lab.break_("network-cut", "amber-3")
    site.lab.step(200)
    assert site.host("amber-3").power == "booting"
    assert site.host("amber-3").live is False
