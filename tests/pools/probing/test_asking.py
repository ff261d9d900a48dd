"""One address asked by itself, on the lab: who answers, whom it follows, and whether it reaches that master."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lab.testing import RunningLab, running_lab
from pools.clients import asking
from pools.clients.asking import Door, ask, touch
from pools.clients.trust import Trust
from pools.facts import Probe
from tests.pools.reach import answering, dripping, odd_server, plainly, to_pool
from tests.support.loops import awaited
from tests.support.waiting import soon


@pytest.fixture(scope="module")
def the_lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=1.0) as lab:
        yield lab


@pytest.fixture
def lab(the_lab: RunningLab) -> Iterator[RunningLab]:
    yield the_lab
    the_lab.mend()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs here hangs for ever: nobody need wait long to see that."""
    for name, seconds in (("ASK_S", 2.0), ("CONNECT_S", 1.5), ("THROUGH_S", 0.8)):
        monkeypatch.setattr(asking, name, seconds)


NOBODY_THERE = "127.10.250.250"


def asked(lab: RunningLab, host: str, **how: Any) -> Probe:
    return awaited(ask(lab.address(host), to_pool(lab, host), **how))


def local_sessions(lab: RunningLab) -> int:
    return lab.do(lambda world: sum(len(host.local_sessions) for host in world.hosts))


def test_a_member_names_its_master_and_a_master_itself(lab: RunningLab) -> None:
    member, master = asked(lab, "amber-2"), asked(lab, "amber-1")
    assert (member.answers, member.master, member.emergency) == (True, lab.address("amber-1"), False)
    assert (master.answers, master.master, master.emergency) == (True, lab.address("amber-1"), False)


def test_nothing_is_left_behind_by_any_question(lab: RunningLab) -> None:
    def sessions() -> int:
        return lab.do(lambda world: len(world.pool("amber").sessions))

    before = sessions()
    for host in ("amber-1", "amber-2"):
        asked(lab, host, through=True)
    assert (sessions(), local_sessions(lab)) == (before, 0)


def test_a_member_that_reaches_its_master_says_so_by_reading_through_it(lab: RunningLab) -> None:
    assert asked(lab, "amber-2").sees_master is None
    assert asked(lab, "amber-2", through=True).sees_master is True
    lab.break_("network-cut", "amber-1")
    lost = asked(lab, "amber-2", through=True)
    assert (lost.master, lost.sees_master) == (lab.address("amber-1"), False)
    assert local_sessions(lab) == 0, "the read that hangs is left, its session is not"


def test_emergency_mode_is_told_by_the_host_itself(lab: RunningLab) -> None:
    lab.do(lambda world: setattr(world.host("basalt-2"), "emergency", ["HOST_MASTER_CANNOT_TALK_BACK", "x"]))
    told = asked(lab, "basalt-2")
    lab.do(lambda world: setattr(world.host("basalt-2"), "emergency", None))
    assert (told.answers, told.emergency, told.code) == (True, True, "HOST_MASTER_CANNOT_TALK_BACK")


@pytest.mark.parametrize("lasting", ["emergency", "witness"])
def test_a_password_that_gave_no_local_session_is_not_tried_again_for_minutes(
    lab: RunningLab, lasting: str
) -> None:
    """The master is dead, its password was changed, and its members are asked each second."""
    reason = ["HOST_MASTER_CANNOT_TALK_BACK", "x"] if lasting == "emergency" else None
    lab.do(lambda world: setattr(world.host("basalt-2"), "emergency", reason))
    wrong, door = to_pool(lab, "basalt-2", password="stale"), Door()
    tries = len(lab.calls("session.slave_local_login_with_password"))
    for _ in range(3):
        told = awaited(ask(lab.address("basalt-2"), wrong, through=True, door=door))
        assert told.answers and told.emergency is not True
    lab.do(lambda world: setattr(world.host("basalt-2"), "emergency", None))
    assert len(lab.calls("session.slave_local_login_with_password")) == tries + 1
    assert not door.open


def test_a_password_that_is_right_keeps_the_door_open(lab: RunningLab) -> None:
    door = Door()
    assert [asked(lab, "amber-2", through=True, door=door).sees_master for _ in range(2)] == [True, True]
    assert door.open


def test_a_member_is_asked_without_trying_its_password(lab: RunningLab) -> None:
    """A member refuses with its master's address before it looks at the password: no lock-out comes from there."""
    wrong = to_pool(lab, "amber-2", password="no")
    assert awaited(ask(lab.address("amber-2"), wrong)).master == lab.address("amber-1")


def test_where_nobody_may_log_in_only_tls_is_asked_for(lab: RunningLab) -> None:
    before = len(lab.calls("session.login_with_password"))
    assert asked(lab, "amber-1", login=False).answers
    assert len(lab.calls("session.login_with_password")) == before


def test_how_far_it_came_tells_a_hung_toolstack_from_a_machine_that_is_gone(lab: RunningLab) -> None:
    lab.break_("hang", "amber-1")
    hung, gone = asked(lab, "amber-1"), awaited(ask(NOBODY_THERE, to_pool(lab, "amber-3")))
    assert (hung.answers, hung.code, hung.reached) == (False, "timeout", "tls")
    assert (gone.answers, gone.code, gone.reached) == (False, "refused", "")


def test_a_master_that_let_us_in_has_answered_although_the_farewell_stays_open(lab: RunningLab) -> None:
    """Through a slow network the two take longer than one question may."""
    lab.break_("hang", "amber-1", call="session.logout")
    slow = asked(lab, "amber-1")
    assert (slow.answers, slow.master) == (True, lab.address("amber-1"))


def test_one_that_left_a_login_open_must_answer_something_smaller_first(lab: RunningLab) -> None:
    """Or it would wake up with a session for every second that it hung."""
    before = len(lab.calls("session.login_with_password"))
    lab.break_("hang", "amber-1")
    assert not asked(lab, "amber-1", wary=True).answers
    assert len(lab.calls("session.login_with_password")) == before
    lab.mend()
    assert asked(lab, "amber-1", wary=True).master == lab.address("amber-1")


def test_another_certificate_gets_no_password(lab: RunningLab) -> None:
    strange = replace(to_pool(lab, "amber-2"), trust=Trust(frozenset({"ab" * 32})))
    before = len(lab.calls())
    told = awaited(ask(lab.address("amber-2"), strange))
    assert (told.answers, told.code) == (False, "tls-untrusted")
    assert lab.fingerprint("amber-2")[:2].upper() in told.says
    assert len(lab.calls()) == before


def test_an_authority_that_did_not_sign_it_is_told_with_the_fingerprint_that_was_seen(
    lab: RunningLab,
) -> None:
    strange = replace(to_pool(lab, "amber-2"), trust=Trust(ca=lab.certificate("amber-1")))
    told = awaited(ask(lab.address("amber-2"), strange))
    assert told.code == "tls-untrusted" and told.says.count(":") > 31


@pytest.mark.parametrize(
    "behaviour",
    [
        dripping,
        answering(b"<!DOCTYPE x [<!ENTITY a 'b'>]><methodResponse/>"),
        answering(b"<methodResponse>" + b"<params>" * 3000),
        answering(b"not XML"),
        answering(b"", status="500 Oh no"),
        lambda connection: connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n" + b"a" * 99
        ),
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000),
    ],
    ids=["drip", "doctype", "deep", "garbage", "500", "200 MB", "endless headers"],
)
def test_whatever_answers_there_it_is_over_soon_and_raises_nothing(behaviour: Any) -> None:
    with odd_server(behaviour) as server, soon():
        told = awaited(ask("127.0.0.1", plainly(server)))
    assert not told.answers and told.says


def test_a_tls_handshake_that_stalls_is_given_up(lab: RunningLab) -> None:
    lab.break_("network-cut", "amber-4")
    told = asked(lab, "amber-4")
    assert (told.answers, told.code, told.reached) == (False, "timeout", "tcp")


def test_a_touch_says_no_word(lab: RunningLab) -> None:
    before = len(lab.calls())
    assert awaited(touch(lab.address("amber-1"), lab.port))
    assert not awaited(touch("no.such.host.invalid", lab.port))
    assert not awaited(touch(NOBODY_THERE, lab.port))
    assert len(lab.calls()) == before
