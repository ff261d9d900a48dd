"""pool.designate_new_master: who may become master, and how long nobody is."""

from __future__ import annotations

import pytest
import XenAPI

from tests.lab.conftest import Site, code


def designate(site: Site, name: str) -> None:
    site.run(site.session("basalt-1"), "pool.designate_new_master", site.host(name).ref)


def refusal(site: Site, name: str) -> str:
    with pytest.raises(XenAPI.Failure) as refused:
        designate(site, name)
    return code(refused)


def test_the_new_master_answers_after_a_while_and_the_old_one_names_it(site: Site) -> None:
    designate(site, "basalt-3")
    site.lab.step(120)
    session = site.session("basalt-3")
    pool = session.xenapi.pool.get_all()[0]
    assert session.xenapi.pool.get_master(pool) == site.host("basalt-3").ref
    with pytest.raises(XenAPI.Failure) as refused:
        site.session("basalt-1")
    assert refused.value.details == ["HOST_IS_SLAVE", "127.10.2.3"]


def test_between_the_two_masters_nobody_answers(site: Site) -> None:
    designate(site, "basalt-3")
    site.lab.step(12)
    site.lab.wait_until(lambda world: all(listener.mode == "closed" for host, listener in site.lab.lab.listeners.items()
                                          if host.pool.name == "basalt"))  # fmt: skip
    for name in ("basalt-1", "basalt-3"):
        with pytest.raises(OSError, match="refused"):
            site.session(name)


def test_all_hosts_are_disabled_and_enable_themselves_again(site: Site) -> None:
    designate(site, "basalt-3")
    site.lab.step(31)
    hosts = site.pool("basalt").hosts
    assert not any(host.enabled for host in hosts)
    site.lab.step(60)
    assert all(host.enabled and host.live for host in hosts)


def test_sessions_and_tasks_are_lost_and_vms_run_on(site: Site) -> None:
    running = [vm for vm in site.pool("basalt").vms if vm.power_state == "Running"]
    designate(site, "basalt-3")
    site.lab.step(60)
    assert site.pool("basalt").sessions == {}
    assert site.pool("basalt").tasks == []
    assert [vm for vm in site.pool("basalt").vms if vm.power_state == "Running"] == running


def test_an_alert_tells_of_the_transition(site: Site) -> None:
    designate(site, "basalt-3")
    site.lab.step(60)
    [message] = [m for m in site.pool("basalt").messages if m.name == "POOL_MASTER_TRANSITION"]
    assert (message.priority, message.cls, message.obj_uuid) == (4, "Host", site.host("basalt-3").uuid)


def test_with_ha_on_it_is_refused(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        site.run(site.session(), "pool.designate_new_master", site.host("amber-2").ref)
    assert code(refused) == "HA_IS_ENABLED"


def test_the_present_master_is_accepted_and_nothing_happens(site: Site) -> None:
    designate(site, "basalt-1")
    site.lab.step(60)
    assert site.session("basalt-1").xenapi.task.get_all() != []


def test_a_target_that_is_not_live_is_refused(site: Site) -> None:
    site.lab.do(lambda world: setattr(world.host("basalt-3"), "live", False))
    assert refusal(site, "basalt-3") == "HOST_OFFLINE"


def test_another_host_that_is_not_live_is_refused_too(site: Site) -> None:
    site.lab.do(lambda world: setattr(world.host("basalt-5"), "live", False))
    assert refusal(site, "basalt-3") == "HOST_OFFLINE"


def test_a_host_that_only_looks_live_makes_it_fail_late(site: Site) -> None:
    site.lab.break_("kill", "basalt-5")
    assert refusal(site, "basalt-3") == "CANNOT_CONTACT_HOST"
    assert site.pool("basalt").master is site.host("basalt-1")


def test_a_second_one_meanwhile_is_refused(site: Site) -> None:
    session = site.session("basalt-1")
    session.xenapi.Async.pool.designate_new_master(site.host("basalt-2").ref)
    assert refusal(site, "basalt-3") == "DESIGNATE_NEW_MASTER_IN_PROGRESS"


def test_a_disabled_target_is_not_refused(site: Site) -> None:
    site.lab.break_("disable", "basalt-3")
    designate(site, "basalt-3")
    site.lab.step(120)
    assert site.pool("basalt").master is site.host("basalt-3")


def test_synchronising_fails_when_one_host_is_offline_and_ha_is_off(site: Site) -> None:
    site.lab.do(lambda world: setattr(world.host("basalt-5"), "live", False))
    with pytest.raises(XenAPI.Failure) as refused:
        site.run(site.session("basalt-1"), "pool.sync_database")
    assert code(refused) == "HOST_OFFLINE"
