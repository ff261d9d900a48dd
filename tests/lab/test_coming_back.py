"""A crashed host that comes back, and each of the reasons for which it stays disabled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab.world import Host, Update, power
from lab.xapi import dialects
from tests.lab.inside import Inside

BOOT = 300


@pytest.fixture
def inside() -> Inside:
    return Inside("estate")


def crash(inside: Inside, name: str, meanwhile: Callable[[Host], object] = lambda host: None) -> Host:
    """The host loses power; something happens; it boots."""
    host = inside.host(name)
    power.kill(inside.world, host)
    inside.step(240)
    meanwhile(host)
    power.revive(inside.world, host)
    inside.step(BOOT)
    return host


def enable(inside: Inside, host: Host, master: str) -> list[str]:
    return inside.refusal(master, "host.enable", host.ref)


@pytest.mark.parametrize("name", ["amber-3", "basalt-3"])
def test_it_enables_itself_when_nothing_speaks_against_it(inside: Inside, name: str) -> None:
    before = inside.host(name).boot_time
    host = crash(inside, name)
    assert host.enabled and host.live
    assert host.boot_time > before


def test_a_plug_that_failed_keeps_it_disabled_while_ha_is_armed(inside: Inside) -> None:
    def cut(host: Host) -> None:
        power.cut_storage(inside.world, host, inside.sr("amber", "iscsi-1"))

    host = crash(inside, "amber-3", cut)
    assert not host.enabled
    power.mend_storage(inside.world, host, inside.sr("amber", "iscsi-1"))
    [pbd] = [pbd for pbd in host.pbds if not pbd.attached]
    inside.call("amber-1", "PBD.plug", pbd.ref)
    inside.call("amber-1", "host.enable", host.ref)
    assert host.enabled


def test_without_ha_an_unplugged_sr_does_not(inside: Inside) -> None:
    def cut(host: Host) -> None:
        power.cut_storage(inside.world, host, inside.sr("basalt", "iscsi-1"))

    host = crash(inside, "basalt-3", cut)
    assert [pbd.sr.name for pbd in host.pbds if not pbd.attached] == ["iscsi-1"]
    assert host.enabled


def test_who_was_disabled_for_good_stays_so_over_a_boot(inside: Inside) -> None:
    dialects.speak(inside.pool("basalt"), "current")
    inside.call("basalt-1", "host.disable", inside.host("basalt-3").ref, False)
    host = crash(inside, "basalt-3")
    assert not host.enabled
    inside.call("basalt-1", "host.enable", host.ref)
    assert host.enabled


def test_who_was_just_disabled_does_not(inside: Inside) -> None:
    inside.call("basalt-1", "host.disable", inside.host("basalt-3").ref)
    assert crash(inside, "basalt-3").enabled


def test_a_disabled_host_comes_back_enabled_from_a_restart_of_its_toolstack(inside: Inside) -> None:
    host = inside.host("basalt-3")
    inside.call("basalt-1", "host.disable", host.ref)
    inside.call("basalt-1", "host.restart_agent", host.ref)
    inside.step(60)
    assert host.enabled


@pytest.mark.parametrize(
    "guidance", ["restart_device_model", "reboot_host_on_livepatch_failure", "restart_vm"]
)
def test_a_guidance_that_a_boot_does_not_settle_keeps_it_disabled(inside: Inside, guidance: str) -> None:
    dialects.speak(inside.pool("basalt"), "current")
    host = crash(inside, "basalt-3", lambda host: host.pending_guidances.append(guidance))
    settled = guidance.startswith("reboot_host")
    assert host.enabled is settled
    if not settled:
        assert enable(inside, host, "basalt-1") == ["HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", host.ref]


def test_a_boot_settles_what_asked_for_it(inside: Inside) -> None:
    host = inside.host("basalt-3")
    host.pending_guidances = ["reboot_host", "restart_toolstack"]
    host.pending_guidances_recommended = ["reboot_host"]
    host.updates_requiring_reboot = [Update("OpaqueRef:u", "u", "XS82E001")]
    crash(inside, "basalt-3")
    assert host.pending_guidances == host.pending_guidances_recommended == []
    assert host.updates_requiring_reboot == []


def test_a_restart_of_the_toolstack_settles_only_what_asked_for_that(inside: Inside) -> None:
    host = inside.host("basalt-3")
    host.pending_guidances = ["reboot_host", "restart_toolstack"]
    power.restart_toolstack(inside.world, host)
    inside.step(60)
    assert host.pending_guidances == ["reboot_host"]


def test_a_shutdown_that_never_came_to_its_reboot_keeps_it_disabled(inside: Inside) -> None:
    host = inside.host("basalt-3")
    host.disabled_until_reboot = True
    power.restart_toolstack(inside.world, host)
    inside.step(60)
    assert not host.enabled
    assert enable(inside, host, "basalt-1") == ["HOST_DISABLED_UNTIL_REBOOT"]
    dialects.speak(inside.pool("basalt"), "current")
    assert enable(inside, host, "basalt-1") == ["HOST_DISABLED_UNTIL_REBOOT", host.ref]
    assert crash(inside, "basalt-3").enabled


def test_before_its_storage_is_plugged_it_is_still_booting(inside: Inside) -> None:
    host = inside.host("basalt-3")
    power.kill(inside.world, host)
    power.revive(inside.world, host)
    inside.step(power.BOOT_SECONDS + power.TOOLSTACK_SECONDS + 2)
    assert host.toolstack == "running"
    assert enable(inside, host, "basalt-1") == ["HOST_STILL_BOOTING"]
    inside.step(30)
    assert host.enabled


def test_a_host_in_emergency_mode_comes_out_of_it_when_its_master_is_back(inside: Inside) -> None:
    power.kill(inside.world, inside.host("basalt-1"))
    host = crash(inside, "basalt-3")
    assert host.emergency is not None
    power.revive(inside.world, inside.host("basalt-1"))
    inside.step(400)
    assert host.emergency is None and host.enabled


def test_one_that_does_not_return_stays_away(inside: Inside) -> None:
    host = inside.host("basalt-3")
    host.fails_to_boot = True
    crash(inside, "basalt-3")
    inside.step(3600)
    assert (host.power, host.live) == ("booting", False)


def test_its_own_master_address_is_an_emergency(inside: Inside) -> None:
    host = inside.host("basalt-3")
    inside.call("basalt-3", "pool.emergency_reset_master", host.address, local=True)
    inside.step(60)
    assert host.emergency == ["HOST_ITS_OWN_SLAVE"]
    inside.call("basalt-3", "pool.emergency_reset_master", inside.host("basalt-1").address, local=True)
    inside.step(60)
    assert host.emergency is None


def test_without_an_address_it_has_no_management(inside: Inside) -> None:
    host = inside.host("basalt-3")
    host.pifs[0].ip = ""
    power.restart_toolstack(inside.world, host)
    inside.step(60)
    assert host.emergency == ["HOST_HAS_NO_MANAGEMENT_IP"]


def test_a_member_newer_than_its_master_waits_for_it(inside: Inside) -> None:
    pool = inside.pool("basalt")
    dialects.speak(pool, "8.3")
    host = inside.host("basalt-3")
    newest = dialects.DIALECTS["current"]
    host.software_version = {**newest.software_version, "hostname": host.name}
    power.restart_toolstack(inside.world, host)
    inside.step(60)
    assert host.emergency == ["HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR", newest.xapi]
