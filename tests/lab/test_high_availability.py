"""pool.enable_ha and disable_ha: every check, in xapi's order, and what remains afterwards."""

from __future__ import annotations

from typing import Any

import pytest
import XenAPI

from lab.world import World
from tests.lab.conftest import Site, code


def enable(site: Site, pool: str = "basalt", sr: str = "nfs-hb", **configuration: str) -> Any:
    return site.run(site.session(f"{pool}-1"), "pool.enable_ha", [site.sr(pool, sr)], configuration)


def refusal(site: Site, sr: str = "nfs-hb", **configuration: str) -> str:
    with pytest.raises(XenAPI.Failure) as refused:
        enable(site, sr=sr, **configuration)
    return code(refused)


def test_enabling_arms_every_host_with_the_timeout_asked_for(site: Site) -> None:
    enable(site, timeout="180")
    pool = site.pool("basalt")
    assert (pool.ha_enabled, pool.ha_timeout, pool.ha_configuration) == (True, 180.0, {"timeout": "180"})
    assert all(host.ha_armed and host.ha_statefiles == pool.ha_statefiles for host in pool.hosts)


def test_enabling_makes_a_statefile_and_a_redo_log_on_the_first_sr_only(site: Site) -> None:
    session = site.session("basalt-1")
    site.run(session, "pool.enable_ha", [site.sr("basalt", "nfs-hb"), site.sr("basalt", "iscsi-1")], {})
    [statefile] = session.xenapi.pool.get_ha_statefiles(session.xenapi.pool.get_all()[0])
    assert session.xenapi.VDI.get_SR(statefile) == site.sr("basalt", "nfs-hb")
    assert session.xenapi.VDI.get_type(statefile) == "ha_statefile"


def test_without_a_timeout_the_pools_default_counts_and_without_that_sixty_seconds(site: Site) -> None:
    enable(site)
    assert site.pool("basalt").ha_timeout == 60
    site.run(site.session("basalt-1"), "pool.disable_ha")
    site.lab.do(lambda world: world.pool("basalt").other_config.update(default_ha_timeout="240"))
    enable(site)
    assert site.pool("basalt").ha_timeout == 240


@pytest.mark.parametrize("timeout", ["9", "soon", "-60"])
def test_a_nonsense_timeout_is_found_only_after_the_vdis_are_made(site: Site, timeout: str) -> None:
    assert refusal(site, timeout=timeout) == "INTERNAL_ERROR"
    assert any(vdi.type == "ha_statefile" for vdi in site.pool("basalt").vdis)
    assert site.pool("basalt").ha_enabled is False


def test_ha_that_is_on_cannot_be_switched_on(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        enable(site, "amber")
    assert code(refused) == "HA_IS_ENABLED"


def test_mixed_versions_are_refused_before_anything_else(site: Site) -> None:
    site.lab.do(lambda world: world.host("amber-2").software_version.update(platform_version="3.4.0"))
    with pytest.raises(XenAPI.Failure) as refused:
        enable(site, "amber")
    assert code(refused) == "NOT_SUPPORTED_DURING_UPGRADE"


def test_a_licence_without_ha_is_refused_in_british_spelling(site: Site) -> None:
    site.lab.do(lambda world: world.host("basalt-2").license_params.update(enable_xha="false"))
    assert refusal(site) == "LICENCE_RESTRICTION"


def test_an_unplugged_management_interface_is_refused(site: Site) -> None:
    site.lab.do(lambda world: setattr(world.host("basalt-2").pifs[0], "attached", False))
    assert refusal(site) == "REQUIRED_PIF_IS_UNPLUGGED"


def test_a_host_that_is_not_live_is_refused(site: Site) -> None:
    site.lab.do(lambda world: setattr(world.host("basalt-3"), "live", False))
    assert refusal(site) == "HOST_OFFLINE"


def test_an_sr_unplugged_on_one_host_is_refused(site: Site) -> None:
    site.lab.break_("unplug", "basalt-2")
    assert refusal(site) == "SR_NO_PBDS"


def test_a_local_sr_is_refused(site: Site) -> None:
    assert refusal(site, sr="Local storage on basalt-1") == "SR_NO_PBDS"


def test_an_iso_library_is_refused(site: Site) -> None:
    assert refusal(site, sr="isos") == "SR_OPERATION_NOT_SUPPORTED"


def test_a_full_sr_is_refused(site: Site) -> None:
    def fill(world: World) -> None:
        next(sr for sr in world.pool("basalt").srs if sr.name == "nfs-hb").size = 1024

    site.lab.do(fill)
    assert refusal(site) == "SR_SOURCE_SPACE_INSUFFICIENT"


def test_with_no_sr_given_any_that_can_is_taken_and_with_none_that_can_it_is_refused(site: Site) -> None:
    for host in ("basalt-1", "basalt-2"):
        site.lab.break_("unplug", host, sr="nfs-hb")
    session = site.session("basalt-1")
    site.run(session, "pool.enable_ha", [], {})
    [statefile] = site.pool("basalt").ha_statefiles
    assert session.xenapi.VDI.get_SR(statefile) == site.sr("basalt", "iscsi-1")
    site.run(session, "pool.disable_ha")
    site.lab.break_("unplug", "basalt-1", sr="iscsi-1")
    with pytest.raises(XenAPI.Failure) as refused:
        site.run(session, "pool.enable_ha", [], {})
    assert code(refused) == "CANNOT_CREATE_STATE_FILE"


def test_a_host_that_lost_the_storage_cannot_access_the_statefile(site: Site) -> None:
    site.lab.break_("storage-cut", "basalt-4", sr="nfs-hb")
    assert refusal(site) == "HA_HOST_CANNOT_ACCESS_STATEFILE"


def test_two_enables_at_once_refuse_each_other(site: Site) -> None:
    session = site.session("basalt-1")
    session.xenapi.Async.pool.enable_ha([site.sr("basalt", "nfs-hb")], {})
    assert refusal(site) == "HA_ENABLE_IN_PROGRESS"


def test_progress_grows_while_hosts_are_armed(site: Site) -> None:
    session = site.session("basalt-1")
    task = session.xenapi.Async.pool.enable_ha([site.sr("basalt", "nfs-hb")], {})
    seen = []
    while session.xenapi.task.get_status(task) == "pending":
        seen.append(session.xenapi.task.get_progress(task))
        site.lab.step(3)
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    assert session.xenapi.task.get_progress(task) == 1.0


def test_disabling_ends_at_once_for_readers_and_later_for_the_caller(site: Site) -> None:
    session = site.session()
    pool = session.xenapi.pool.get_all()[0]
    task = session.xenapi.Async.pool.disable_ha()
    assert session.xenapi.pool.get_ha_enabled(pool) is False
    assert session.xenapi.task.get_status(task) == "pending"
    assert list(session.xenapi.pool.get_current_operations(pool).values()) == ["ha_disable"]
    site.lab.step(30)
    assert session.xenapi.task.get_status(task) == "success"


def test_disabling_remembers_statefile_and_configuration(site: Site) -> None:
    session = site.session()
    site.run(session, "pool.disable_ha")
    record = session.xenapi.pool.get_record(session.xenapi.pool.get_all()[0])
    assert record["ha_configuration"] == {"timeout": "180"}
    assert session.xenapi.VDI.get_SR(record["ha_statefiles"][0]) == site.sr("amber", "nfs-hb")


def test_ha_that_is_off_cannot_be_switched_off(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        site.run(site.session("basalt-1"), "pool.disable_ha")
    assert code(refused) == "HA_NOT_ENABLED"


def test_without_the_statefile_disabling_waits_for_every_host(site: Site) -> None:
    session = site.session()
    for name in ("amber-1", "amber-2", "amber-3", "amber-4"):
        site.lab.break_("storage-cut", name, sr="nfs-hb")
    site.lab.do(lambda world: setattr(world.host("amber-4"), "network_cut", True))
    task = session.xenapi.Async.pool.disable_ha()
    site.lab.step(100)
    assert session.xenapi.task.get_status(task) == "pending"
    site.lab.do(lambda world: setattr(world.host("amber-4"), "network_cut", False))
    site.lab.step(60)
    assert session.xenapi.task.get_status(task) == "success"


def test_tolerance_below_zero_is_invalid(site: Site) -> None:
    session = site.session()
    with pytest.raises(XenAPI.Failure) as refused:
        session.xenapi.pool.set_ha_host_failures_to_tolerate(session.xenapi.pool.get_all()[0], "-1")
    assert code(refused) == "INVALID_VALUE"


def test_more_failures_than_hosts_would_break_the_plan(site: Site) -> None:
    session = site.session()
    with pytest.raises(XenAPI.Failure) as refused:
        session.xenapi.pool.set_ha_host_failures_to_tolerate(session.xenapi.pool.get_all()[0], "4")
    assert code(refused) == "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN"


def test_with_overcommitment_allowed_the_plan_may_fall_short_and_says_so(site: Site) -> None:
    xenapi = site.session().xenapi
    pool = xenapi.pool.get_all()[0]
    xenapi.pool.set_ha_allow_overcommit(pool, True)
    xenapi.pool.set_ha_host_failures_to_tolerate(pool, "4")
    assert xenapi.pool.get_ha_overcommitted(pool) is True
    assert (
        xenapi.pool.get_ha_plan_exists_for(pool)
        == xenapi.pool.ha_compute_max_host_failures_to_tolerate()
        == "3"
    )


def test_a_priority_that_is_none_is_invalid(site: Site) -> None:
    vm = site.host("amber-1").resident[0]
    with pytest.raises(XenAPI.Failure) as refused:
        site.session().xenapi.VM.set_ha_restart_priority(vm.ref, "1")
    assert refused.value.details == ["INVALID_VALUE", "ha_restart_priority", "1"]


def test_protecting_and_unprotecting_a_running_vm_shows_in_its_record(site: Site) -> None:
    xenapi = site.session().xenapi
    vm = site.host("amber-1").resident[0]
    xenapi.VM.set_ha_restart_priority(vm.ref, "restart")
    assert xenapi.VM.get_ha_always_run(vm.ref) is True
    xenapi.VM.set_ha_restart_priority(vm.ref, "")
    assert xenapi.VM.get_ha_always_run(vm.ref) is False


def test_a_hypothetical_plan_changes_nothing(site: Site) -> None:
    xenapi = site.session().xenapi
    vm = site.host("amber-1").resident[0]
    assert int(xenapi.pool.ha_compute_hypothetical_max_host_failures_to_tolerate({vm.ref: "restart"})) == 3
    assert vm.ha_restart_priority == ""


def test_the_log_says_how_an_asynchronous_call_ended(site: Site) -> None:
    session = site.session("basalt-1")
    session.xenapi.Async.pool.enable_ha([site.sr("basalt", "nfs-hb")], {"timeout": "180"})
    assert [call["outcome"] for call in site.lab.calls("pool.enable_ha")] == ["under way"]
    site.lab.step(120)
    session.xenapi.Async.pool.enable_ha([site.sr("basalt", "nfs-hb")], {})
    assert [call["outcome"] for call in site.lab.calls("pool.enable_ha")] == ["ok", "HA_IS_ENABLED"]


def test_a_timeout_that_is_no_string_has_the_wrong_type(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        site.run(site.session("basalt-1"), "pool.enable_ha", [site.sr("basalt", "nfs-hb")], {"timeout": 180})
    assert code(refused) == "FIELD_TYPE_ERROR"
