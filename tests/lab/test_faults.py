"""Faults on the wire, each over a real socket."""

from __future__ import annotations

import http.client
import time
import xmlrpc.client
from typing import Any

import pytest
import XenAPI

from lab.calls import MOST, CallLog
from lab.chaos import Nonsense
from lab.faults import Fault, FaultTable
from tests.lab.conftest import Site, proxy
from tests.lab.test_dead_masters import impatient

BROKEN = (OSError, http.client.HTTPException)


def disable(site: Site, session: Any) -> None:
    session.xenapi.host.disable(site.host("basalt-2").ref)


def test_a_hanging_host_accepts_and_never_answers(site: Site) -> None:
    site.lab.break_("hang", "amber-2")
    client = proxy(site.lab.url("amber-2"))
    impatient(client)
    with pytest.raises(TimeoutError):
        client.slave_local_login_with_password("root", "baton-lab")
    site.lab.break_("unhang", "amber-2")
    site.local_session("amber-2")


def test_a_slow_host_answers_late(site: Site) -> None:
    session = site.session()
    site.lab.break_("slow", "amber-1", delay=0.3, call="pool.get_all")
    begun = time.monotonic()
    session.xenapi.pool.get_all()
    assert time.monotonic() - begun >= 0.3


def test_a_reset_before_the_call_leaves_everything_as_it_was(site: Site) -> None:
    session = site.session("basalt-1")
    site.lab.break_("reset-before", "basalt-1", call="host.disable")
    with pytest.raises(BROKEN):
        disable(site, session)
    assert site.host("basalt-2").enabled is True


def test_a_reset_after_the_call_leaves_its_effect(site: Site) -> None:
    session = site.session("basalt-1")
    site.lab.break_("reset-after", "basalt-1", call="host.disable", times=2)
    with pytest.raises(BROKEN):
        disable(site, session)
    assert site.host("basalt-2").enabled is False


def test_an_error_of_ones_choice_is_answered(site: Site) -> None:
    session = site.session("basalt-1")
    site.lab.break_("error", "basalt-1", call="host.disable", what="INTERNAL_ERROR, the dog ate it")
    with pytest.raises(XenAPI.Failure) as refused:
        disable(site, session)
    assert refused.value.details == ["INTERNAL_ERROR", "the dog ate it"]


def test_garbage_and_half_answers_and_500_are_no_answers(site: Site) -> None:
    session = site.session("basalt-1")
    for kind in ("garbage", "truncated", "http500"):
        site.lab.break_(kind, "basalt-1", call="host.disable", times=1)
        with pytest.raises((*BROKEN, xmlrpc.client.Error, Exception), match=r".") as failed:
            disable(site, session)
        assert not isinstance(failed.value, XenAPI.Failure)


def test_a_dripping_answer_arrives_whole_in_the_end(site: Site) -> None:
    session = site.session()
    site.lab.break_("drip", "amber-1", call="pool.get_all", delay=0.0)
    assert len(session.xenapi.pool.get_all()) == 1


def test_the_log_says_what_the_fault_did(site: Site) -> None:
    session = site.session("basalt-1")
    site.lab.break_("error", "basalt-1", call="host.disable", times=1, what="X")
    with pytest.raises(XenAPI.Failure):
        disable(site, session)
    disable(site, session)
    assert [call["outcome"] for call in site.lab.calls("host.disable")] == ["fault: error", "ok"]


def test_a_cut_network_swallows_connections(site: Site) -> None:
    site.lab.break_("network-cut", "basalt-2")
    client = proxy(site.lab.url("basalt-2"))
    impatient(client)
    site.lab.wait_until(lambda world: site.lab.lab.listeners[world.host("basalt-2")].mode == "swallowing")
    with pytest.raises(TimeoutError):
        client.slave_local_login_with_password("root", "baton-lab")


def test_a_new_certificate_is_shown_at_once(site: Site) -> None:
    before = site.lab.fingerprint("amber-1")
    site.lab.break_("new-certificate", "amber-1")
    assert site.lab.fingerprint("amber-1") != before
    site.session()


def test_a_changed_password_is_refused_until_mended(fast: Site) -> None:
    fast.lab.break_("password", "amber-1", what="other")
    with pytest.raises(XenAPI.Failure):
        fast.session()
    fast.lab.mend("amber-1")
    fast.session()


def test_mending_all_brings_back_what_was_killed_hung_and_cut(site: Site) -> None:
    site.lab.break_("kill", "basalt-3")
    site.lab.break_("hang", "amber")
    site.lab.break_("network-cut", "basalt-2")
    site.lab.mend()
    site.lab.step(300)
    site.session()
    assert site.host("basalt-3").live
    assert site.host("basalt-2").network_cut is False


def test_what_cannot_be_broken_is_refused_with_what_can(site: Site) -> None:
    with pytest.raises(Nonsense, match="there are: kill"):
        site.lab.break_("explode", "amber-1")
    with pytest.raises(Nonsense, match="amber, basalt, cobalt"):
        site.lab.break_("kill", "nowhere")
    with pytest.raises(Nonsense, match="nfs-hb"):
        site.lab.break_("storage-cut", "amber-1", sr="floppy")


def test_a_pool_means_all_its_hosts_and_its_master_the_present_one(site: Site) -> None:
    site.lab.break_("kill", "basalt:master")
    assert [host.name for host in site.pool("basalt").hosts if host.power == "off"] == ["basalt-1"]
    site.lab.break_("kill", "cobalt")
    assert {host.power for host in site.pool("cobalt").hosts} == {"off"}


def test_a_fault_acts_as_often_as_it_is_told_after_as_many_calls_as_it_is_told() -> None:
    table = FaultTable()
    table.add(Fault("hang", "amber-*", "pool.*", times=2, after=1))
    assert table.take("basalt-1", "pool.eject") is None
    acted = [table.take("amber-1", "Async.pool.eject") is not None for _ in range(5)]
    assert acted == [False, True, True, False, False]


def test_a_task_without_end_stays_pending_until_its_toolstack_restarts(site: Site) -> None:
    session = site.session("basalt-1")
    site.lab.break_("endless", "basalt", call="host.disable", times=1)
    task = session.xenapi.Async.host.disable(site.host("basalt-2").ref)
    site.lab.step(7200)
    assert session.xenapi.task.get_status(task) == "pending"
    assert site.host("basalt-2").enabled
    disable(site, session)
    assert not site.host("basalt-2").enabled


def test_a_task_can_fail_with_a_chosen_error_having_done_nothing(site: Site) -> None:
    session = site.session("basalt-1")
    site.lab.break_("fails", "basalt", call="host.disable", times=1, what="HOST_OFFLINE, OpaqueRef:b")
    task = session.xenapi.Async.host.disable(site.host("basalt-2").ref)
    site.lab.step(5)
    record = session.xenapi.task.get_record(task)
    assert (record["status"], record["error_info"]) == ("failure", ["HOST_OFFLINE", "OpaqueRef:b"])
    assert site.host("basalt-2").enabled
    disable(site, session)
    assert not site.host("basalt-2").enabled


def test_a_fault_can_act_late(site: Site) -> None:
    session = site.session("basalt-1")
    site.lab.break_("error", "basalt-1", call="pool.get_all", what="X", delay=0.3)
    begun = time.monotonic()
    with pytest.raises(XenAPI.Failure):
        session.xenapi.pool.get_all()
    assert time.monotonic() - begun >= 0.3


def test_a_cut_between_chosen_hosts_leaves_clients_alone(site: Site) -> None:
    site.lab.break_("network-cut", "basalt-2", **{"from": "basalt-1"})
    world = site.lab.world
    assert not world.hears(site.host("basalt-2"), site.host("basalt-1"))
    assert world.hears(site.host("basalt-2"), site.host("basalt-3"))
    site.local_session("basalt-2")
    site.lab.mend("basalt-2")
    assert world.hears(site.host("basalt-2"), site.host("basalt-1"))


def test_a_machine_that_does_not_boot_waits_to_be_mended(site: Site) -> None:
    site.lab.break_("no-boot", "basalt-3")
    site.lab.break_("reboot", "basalt-3")
    site.lab.step(3600)
    assert site.host("basalt-3").power == "booting"
    site.lab.mend("basalt-3")
    site.lab.step(300)
    assert (site.host("basalt-3").power, site.host("basalt-3").toolstack) == ("on", "running")


def test_a_toolstack_that_died_comes_back_when_mended(site: Site) -> None:
    site.lab.break_("toolstack-stop", "basalt-3")
    site.lab.step(600)
    assert site.host("basalt-3").toolstack == "stopped"
    site.lab.mend("basalt-3")
    site.lab.step(60)
    assert site.host("basalt-3").toolstack == "running"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"colour": "red"}, "nothing is called 'colour' here"),
        ({"times": "often"}, "times is 'often', and should be int"),
        ({"delay": -1}, "should be from 0"),
        ({"call": 7}, "call is 7, and should be str"),
        ({"after": True}, "after is True"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(options: dict[str, Any], says: str, site: Site) -> None:
    with pytest.raises(Nonsense, match=says):
        site.lab.break_("hang", "amber-1", **options)
    assert site.lab.world.faults.faults == []


def test_the_log_keeps_the_last_calls_and_no_secrets() -> None:
    log = CallLog()
    many = MOST + MOST // 5
    for _ in range(many):
        log.record(0.0, "xapi", "amber-1", "pool.get_all", [])
    assert MOST <= len(log.calls) <= MOST * 1.1
    assert log.calls[-1].number == many
    log.record(
        0.0, "xapi", "amber-1", "PBD.create", [{"device_config": {"cifspassword": "swordfish", "path": "/"}}]
    )
    [last] = log.as_data(last=1)
    assert last["args"] == [{"device_config": {"cifspassword": "***", "path": "/"}}]
