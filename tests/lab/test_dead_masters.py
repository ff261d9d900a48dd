"""A master dies: what its members say, who takes over, and what happens when it comes back."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import XenAPI

from tests.lab.conftest import Site, code, proxy


def dead(site: Site, master: str) -> None:
    site.lab.break_("kill", master)


def test_a_dead_host_refuses_connections(site: Site) -> None:
    dead(site, "basalt-1")
    site.lab.wait_until(lambda world: site.lab.lab.listeners[world.host("basalt-1")].mode == "closed")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((site.lab.address("basalt-1"), site.lab.port), timeout=5)


def test_running_members_go_on_naming_the_dead_master(site: Site) -> None:
    dead(site, "basalt-1")
    site.lab.step(3600)
    with pytest.raises(XenAPI.Failure) as refused:
        site.session("basalt-2")
    assert refused.value.details == ["HOST_IS_SLAVE", "127.10.2.1"]


def test_running_members_are_not_in_emergency_mode(site: Site) -> None:
    dead(site, "basalt-1")
    assert site.local_session("basalt-2").xenapi.host.is_in_emergency_mode() is False


def test_a_call_that_needs_the_database_hangs_until_a_master_answers(site: Site) -> None:
    session = site.local_session("basalt-2")
    dead(site, "basalt-1")
    hanging = proxy(site.lab.url("basalt-2"))
    hanging._session = session._session
    impatient(hanging)
    with pytest.raises(TimeoutError):
        hanging.xenapi.pool.get_all()
    [call] = site.lab.calls("pool.get_all")
    assert call["outcome"] == "hangs: no master answers"


def impatient(client: Any) -> None:
    """Give up after half a second."""
    transport = client("transport")
    make = transport.make_connection

    def quick(host: Any) -> Any:
        connection = make(host)
        connection.timeout = 0.5
        return connection

    transport.make_connection = quick


def test_without_ha_nobody_takes_over(site: Site) -> None:
    dead(site, "basalt-1")
    site.lab.step(7200)
    assert site.pool("basalt").master is site.host("basalt-1")
    assert site.lab.do(lambda world: world.pool_answering_for(world.host("basalt-2"))) is None


def test_with_ha_a_new_master_answers_soon_after_the_timeout_and_not_before(site: Site) -> None:
    dead(site, "amber-1")
    site.lab.step(170)
    assert site.pool("amber").master is site.host("amber-1")
    site.lab.step(60)
    assert site.pool("amber").master is site.host("amber-2")
    assert len(site.session("amber-2").xenapi.host.get_all()) == 4


def test_with_ha_the_dead_masters_vms_are_halted_and_its_host_dead(site: Site) -> None:
    dead(site, "amber-1")
    site.lab.step(300)
    assert site.host("amber-1").resident == []
    assert (site.host("amber-1").live, site.host("amber-1").enabled) == (False, False)
    assert [m.name for m in site.pool("amber").messages] == ["POOL_MASTER_TRANSITION", "HA_HOST_FAILED"]


def test_the_old_master_comes_back_as_a_member(site: Site) -> None:
    dead(site, "amber-1")
    site.lab.step(300)
    site.lab.break_("revive", "amber-1")
    site.lab.step(300)
    with pytest.raises(XenAPI.Failure) as refused:
        site.session("amber-1")
    assert refused.value.details == ["HOST_IS_SLAVE", "127.10.1.2"]
    assert site.host("amber-1").live and site.host("amber-1").enabled


def test_a_member_whose_toolstack_starts_without_a_master_is_in_emergency_mode(site: Site) -> None:
    dead(site, "basalt-1")
    site.lab.break_("toolstack-restart", "basalt-2")
    site.lab.step(30)
    session = site.local_session("basalt-2")
    assert session.xenapi.host.is_in_emergency_mode() is True
    for refused_call in (lambda: site.session("basalt-2"), session.xenapi.pool.get_all):
        with pytest.raises(XenAPI.Failure) as refused:
            refused_call()
        assert code(refused) == "INTERNAL_ERROR"


def test_an_operator_makes_a_member_master_and_recovers_the_others(site: Site) -> None:
    dead(site, "basalt-1")
    site.local_session("basalt-2").xenapi.pool.emergency_transition_to_master()
    site.lab.step(60)
    session = site.session("basalt-2")
    reached = site.run(session, "pool.recover_slaves")
    assert reached.count("OpaqueRef:") == 3
    site.lab.step(120)
    hosts = {host.name: (host.live, host.enabled) for host in site.pool("basalt").hosts}
    assert hosts.pop("basalt-1") == (False, False)
    assert set(hosts.values()) == {(True, True)}


def test_members_that_were_not_recovered_still_believe_in_the_dead_master(site: Site) -> None:
    dead(site, "basalt-1")
    site.local_session("basalt-2").xenapi.pool.emergency_transition_to_master()
    site.lab.step(300)
    with pytest.raises(XenAPI.Failure) as refused:
        site.session("basalt-3")
    assert refused.value.details == ["HOST_IS_SLAVE", "127.10.2.1"]
    assert site.host("basalt-3").live is False


def test_an_armed_member_refuses_to_become_master_by_hand(site: Site) -> None:
    dead(site, "amber-1")
    with pytest.raises(XenAPI.Failure) as refused:
        site.local_session("amber-2").xenapi.pool.emergency_transition_to_master()
    assert code(refused) == "HA_IS_ENABLED"


def test_a_disarmed_candidate_becomes_master_and_ends_the_pools_ha(site: Site) -> None:
    dead(site, "amber-1")
    session = site.local_session("amber-2")
    session.xenapi.host.emergency_ha_disable()
    session.xenapi.pool.emergency_transition_to_master()
    site.lab.step(60)
    assert site.pool("amber").master is site.host("amber-2")
    assert site.pool("amber").ha_enabled is False


def test_disarming_twice_is_refused_unless_softly(site: Site) -> None:
    session = site.local_session("amber-2")
    session.xenapi.host.emergency_ha_disable()
    with pytest.raises(XenAPI.Failure) as refused:
        session.xenapi.host.emergency_ha_disable()
    assert code(refused) == "HA_NOT_ENABLED"
    session.xenapi.host.emergency_ha_disable(True)


def test_without_ha_a_dead_member_looks_live_for_ten_minutes(site: Site) -> None:
    dead(site, "basalt-4")
    site.lab.step(590)
    assert site.host("basalt-4").live is True
    site.lab.step(70)
    assert site.host("basalt-4").live is False


def test_a_dead_host_is_declared_dead_and_its_vms_halted(site: Site) -> None:
    dead(site, "basalt-4")
    session = site.session("basalt-1")
    site.run(session, "host.declare_dead", site.host("basalt-4").ref)
    assert site.host("basalt-4").resident == []


def test_a_living_host_is_not_declared_dead(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        site.session("basalt-1").xenapi.host.declare_dead(site.host("basalt-4").ref)
    assert code(refused) == "HOST_IS_LIVE"


def test_electing_a_member_while_the_old_master_is_well_bounces_back(site: Site) -> None:
    site.local_session("basalt-2").xenapi.pool.emergency_transition_to_master()
    site.lab.step(60)
    with pytest.raises(XenAPI.Failure) as refused:
        site.session("basalt-2")
    assert refused.value.details == ["HOST_IS_SLAVE", "127.10.2.1"]
    assert site.pool("basalt").master is site.host("basalt-1")


def test_a_healthy_master_told_to_follow_another_is_demoted(site: Site) -> None:
    site.local_session("basalt-1").xenapi.pool.emergency_reset_master("127.10.2.2")
    site.lab.step(60)
    with pytest.raises(XenAPI.Failure):
        site.session("basalt-1")
    assert site.host("basalt-1").is_master is False


def test_a_member_that_was_disarmed_alone_is_in_emergency_mode_after_a_restart(site: Site) -> None:
    site.local_session("amber-3").xenapi.host.emergency_ha_disable()
    site.lab.break_("toolstack-restart", "amber-3")
    site.lab.step(30)
    with pytest.raises(XenAPI.Failure) as refused:
        site.local_session("amber-3").xenapi.host.local_assert_healthy()
    assert code(refused) == "HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED"


def test_a_host_whose_record_was_destroyed_is_unknown_to_its_master(site: Site) -> None:
    host = site.host("basalt-3")
    dead(site, "basalt-3")
    site.lab.step(700)
    site.empty("basalt-3")
    site.session("basalt-1").xenapi.host.destroy(host.ref)
    site.lab.break_("revive", "basalt-3")
    site.lab.step(300)
    assert host.emergency == ["HOST_UNKNOWN_TO_MASTER", host.uuid]
