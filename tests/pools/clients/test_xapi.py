"""A session with the master, on the lab."""

from __future__ import annotations

import threading

import pytest

from lab.testing import RunningLab, running_lab
from pools.clients.certificates import members_pins
from pools.clients.errors import (
    AnswerLost,
    ClientError,
    LoginRefused,
    Refused,
    SessionLost,
    TlsUntrusted,
    Unreachable,
)
from pools.clients.master import open_session
from pools.clients.wire import Deadline
from pools.clients.xapi import Xapi, changes
from tests.pools.reach import to_pool
from tests.support.waiting import eventually


def open_sessions(lab: RunningLab) -> set[str]:
    return lab.do(lambda world: set(world.pool("amber").sessions))


def test_it_names_itself_and_logs_out_at_the_end(lab: RunningLab) -> None:
    before, sessions = len(lab.calls("session.logout")), open_sessions(lab)
    with open_session(to_pool(lab, "amber-1")) as xapi:
        xapi.call("pool.get_all_records")
    login = lab.calls("session.login_with_password")[-1]
    assert login["args"] == ["root", "***", "1.0", "baton"]
    assert len(lab.calls("session.logout")) == before + 1
    assert open_sessions(lab) == sessions


def test_it_logs_out_when_the_work_fails(lab: RunningLab) -> None:
    sessions = open_sessions(lab)
    with pytest.raises(ZeroDivisionError), open_session(to_pool(lab, "amber-1")):
        raise ZeroDivisionError
    assert open_sessions(lab) == sessions


def test_a_member_names_the_master_and_is_followed(lab: RunningLab) -> None:
    with open_session(to_pool(lab, "amber-3")) as xapi:
        assert xapi.address == lab.address("amber-1")


def test_a_trusted_member_vouches_for_its_masters_certificate(lab: RunningLab) -> None:
    with open_session(to_pool(lab, "amber-3", pinned=("amber-3",))) as xapi:
        assert xapi.address == lab.address("amber-1")
        assert xapi.trust.pins == {lab.fingerprint("amber-3"), lab.fingerprint("amber-1")}
    assert not lab.do(lambda world: world.host("amber-3").local_sessions)


def test_a_master_that_shows_another_certificate_than_its_members_know_is_refused(lab: RunningLab) -> None:
    endpoint = to_pool(lab, "amber-3", pinned=("amber-3",))
    lab.break_("error", "amber-3", call="host.get_server_certificate", what="HOST_OFFLINE,x")
    with pytest.raises(TlsUntrusted) as refused, open_session(endpoint):
        pass
    assert refused.value.fingerprint == lab.fingerprint("amber-1")


def test_a_silent_first_address_is_passed_over(lab: RunningLab) -> None:
    lab.break_("network-cut", "amber-2")
    with open_session(to_pool(lab, "amber-2", "amber-3"), deadline=Deadline(20)) as xapi:
        assert xapi.address == lab.address("amber-1")


def test_when_the_master_is_dead_its_own_trouble_is_told() -> None:
    with running_lab("estate", speed=1.0) as lab:
        endpoint = to_pool(lab, "basalt-3", "basalt-1")
        lab.break_("kill", "basalt-1")
        with pytest.raises(Unreachable) as gone, open_session(endpoint):
            pass
        assert gone.value.code == "refused"
        assert lab.address("basalt-1") in gone.value.says


def test_a_wrong_password_is_tried_once_and_not_on_every_member(lab: RunningLab) -> None:
    before = len(lab.calls("session.login_with_password"))
    endpoint = to_pool(lab, "amber-1", "amber-2", "amber-3", password="wrong")
    with pytest.raises(LoginRefused, match="password"), open_session(endpoint):
        pass
    assert len(lab.calls("session.login_with_password")) == before + 1


def test_a_refusal_keeps_code_and_parameters_and_says_what_it_means(lab: RunningLab) -> None:
    with open_session(to_pool(lab, "amber-1")) as xapi:
        ref = xapi.call("host.get_all")[1]
        with pytest.raises(Refused) as no:
            xapi.call("pool.eject", ref)
    assert no.value.code == "HA_IS_ENABLED"
    assert "Turn HA off first" in no.value.says


def test_start_returns_a_task_whose_end_is_seen(lab: RunningLab) -> None:
    with open_session(to_pool(lab, "cobalt-1")) as xapi:
        ref = xapi.start("pool.eject", xapi.call("host.get_all")[2])
        eventually(lambda: xapi.task(ref).state != "pending")
        task = xapi.task(ref)
    assert (task.state, task.error[0]) == ("failure", "HA_IS_ENABLED")


def test_a_task_that_nobody_knows_is_gone(lab: RunningLab) -> None:
    with open_session(to_pool(lab, "amber-1")) as xapi:
        assert xapi.task("OpaqueRef:00000000-0000-0000-0000-000000000000").state == "gone"


def _lose_sessions(lab: RunningLab) -> None:
    lab.do(lambda world: world.pool("amber").sessions.clear())


def test_a_read_survives_the_end_of_its_session(lab: RunningLab) -> None:
    with open_session(to_pool(lab, "amber-1")) as xapi:
        _lose_sessions(lab)
        assert xapi.call("pool.get_all")


def test_a_change_is_not_sent_again_when_its_session_has_ended(lab: RunningLab) -> None:
    before = len(lab.calls("host.disable"))
    with open_session(to_pool(lab, "amber-1")) as xapi:
        ref = xapi.call("host.get_all")[1]
        _lose_sessions(lab)
        with pytest.raises(SessionLost):
            xapi.call("host.disable", ref)
    assert len(lab.calls("host.disable")) == before + 1


@pytest.mark.parametrize("fault", ["reset-after", "garbage", "truncated", "http500"])
def test_a_change_whose_answer_is_lost_says_so_and_is_sent_once(lab: RunningLab, fault: str) -> None:
    before = len(lab.calls("host.disable"))
    with open_session(to_pool(lab, "amber-1")) as xapi:
        ref = xapi.call("host.get_all")[1]
        lab.break_(fault, "amber-1", call="host.disable")
        with pytest.raises(AnswerLost, match=r"host\.disable was sent"):
            xapi.call("host.disable", ref)
    assert len(lab.calls("host.disable")) == before + 1


def test_a_started_task_whose_answer_hangs_is_an_answer_lost(lab: RunningLab) -> None:
    with open_session(to_pool(lab, "basalt-1"), read_s=0.5) as xapi:
        lab.break_("hang", "basalt-1", call="pool.sync_database")
        with pytest.raises(AnswerLost):
            xapi.start("pool.sync_database")


@pytest.mark.parametrize("fault", ["reset-before", "garbage", "truncated", "http500"])
def test_a_read_whose_answer_is_lost_is_a_plain_trouble(lab: RunningLab, fault: str) -> None:
    with open_session(to_pool(lab, "amber-1")) as xapi:
        lab.break_(fault, "amber-1", call="pool.get_all")
        with pytest.raises(ClientError) as trouble:
            xapi.call("pool.get_all")
    assert trouble.value.code in {"cut", "bad-answer"}


def test_a_session_serves_one_thread_only(lab: RunningLab) -> None:
    said: list[BaseException] = []

    def elsewhere(xapi: Xapi) -> None:
        try:
            xapi.call("pool.get_all")
        except RuntimeError as error:
            said.append(error)

    with open_session(to_pool(lab, "amber-1")) as xapi:
        thread = threading.Thread(target=elsewhere, args=(xapi,))
        thread.start()
        thread.join()
    assert len(said) == 1


def test_the_members_certificates_are_learned_from_the_master(lab: RunningLab) -> None:
    with open_session(to_pool(lab, "amber-1", pinned=("amber-1",))) as xapi:
        pins = members_pins(xapi)
    assert pins == {lab.address(f"amber-{j}"): lab.fingerprint(f"amber-{j}") for j in (1, 2, 3, 4)}


def test_a_version_that_shows_no_certificates_teaches_none(lab: RunningLab) -> None:
    lab.break_("error", "amber-1", call="host.get_server_certificate", what="MESSAGE_METHOD_UNKNOWN,x")
    with open_session(to_pool(lab, "amber-1")) as xapi:
        assert members_pins(xapi) == {}


@pytest.mark.parametrize("call", ["pool.get_all_records", "SR.assert_can_host_ha_statefile", "pool.is_slave"])
def test_reads_are_known_by_their_names(call: str) -> None:
    assert not changes(call)


@pytest.mark.parametrize(
    "call", ["pool.set_ha_host_failures_to_tolerate", "host.disable", "PBD.plug", "something.new"]
)
def test_everything_else_counts_as_a_change(call: str) -> None:
    assert changes(call)
