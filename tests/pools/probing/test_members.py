"""Whose turn it is, and which address a look begins with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pools.clients.trust import Trust
from pools.clients.xapi import Endpoint
from pools.facts import Probe
from pools.probing.known import Asked, likeliest, silent_master
from pools.probing.members import Watched
from pools.probing.pace import pace
from pools.secret import Secret
from tests.pools.world import amber

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
A, B, C = "127.10.1.1", "127.10.1.2", "127.10.1.3"


def watched(*addresses: str) -> Watched:
    way = Endpoint(addresses, 443, "root", Secret("word"), Trust(plain=True))
    pool = Watched(1, way)
    pool.follow(way, 0.0, CALM)
    return pool


CALM = pace(hosts=3, doubtful_pools=0, doubtful_hosts=0)


def turns(pool: Watched, seconds: int, rate: object = CALM) -> tuple[int, int]:
    """How many asks and touches there are in so many seconds."""
    asked = touched = 0
    for now in range(seconds * 5):
        for _, fully in pool.due(now / 5, rate):  # type: ignore[arg-type]
            asked, touched = asked + fully, touched + (not fully)
    return asked, touched


def test_in_quiet_hours_an_address_is_touched_often_and_asked_seldom() -> None:
    asked, touched = turns(watched(A, B, C), 601)
    assert 15 <= asked <= 18
    assert 40 <= touched <= 50


def test_a_doubtful_master_and_its_members_are_asked_each_second() -> None:
    pool = watched(A, B, C)
    pool.doubt(doubtful=True)
    asked, _ = turns(pool, 10, pace(hosts=3, doubtful_pools=1, doubtful_hosts=3))
    assert 27 <= asked <= 33


def test_many_hosts_are_asked_no_more_than_the_rate_allows() -> None:
    """16,000 hosts in quiet hours, and half of them in doubt: not one question a second more than is stated."""
    calm = pace(hosts=16_000, doubtful_pools=0, doubtful_hosts=0)
    doubt = pace(hosts=16_000, doubtful_pools=500, doubtful_hosts=8_000)
    assert 16_000 / calm.ask_s <= 20 and 16_000 / calm.touch_s <= 100
    assert 500 / doubt.master_s + 8_000 / doubt.member_s <= 40


def test_a_member_in_emergency_mode_is_asked_again_soon() -> None:
    """It leaves that mode by itself, and nobody should read of it for two minutes more."""
    pool = watched(A, B)
    for member in pool.members.values():
        pool.heard(member, Probe(address=member.address, answers=True, emergency=member.address == B), NOW)
    asked, _ = turns(pool, 60)
    assert 11 <= asked <= 15


def test_who_is_under_way_is_not_asked_again() -> None:
    pool = watched(A)
    pool.doubt(doubtful=True)
    ((member, _),) = pool.due(5.0, CALM)
    member.busy = True
    assert list(pool.due(50.0, CALM)) == []


def test_only_another_answer_is_news() -> None:
    pool = watched(A, B)
    first = pool.members[A]
    assert not pool.heard(first, Probe(address=A, answers=True, master=A), NOW)
    assert not pool.heard(first, Probe(address=A, answers=True, master=A, seconds=3.0), NOW)
    assert pool.heard(first, Probe(address=A, answers=False, code="refused"), NOW)
    assert pool.silent_since is None
    pool.heard(pool.members[B], Probe(address=B, answers=False, code="refused"), NOW)
    assert pool.silent_since == NOW


def test_a_look_begins_with_whoever_says_that_it_is_the_master_then_with_whom_most_name() -> None:
    dead = Probe(address=A, answers=False, code="timeout")
    named = [Probe(address=a, answers=True, master=C) for a in (B, "127.10.1.4")]
    assert likeliest((A, B, C, "127.10.1.4"), [dead, *named])[0] == C
    itself = Probe(address=B, answers=True, master=B)
    assert likeliest((A, B, C), [dead, itself])[0] == B
    assert likeliest((A, B, C), [dead])[-1] == A
    assert likeliest((A, B, C), []) == (A, B, C)


def test_a_named_master_that_nobody_knew_is_tried_too() -> None:
    told = Probe(address=B, answers=True, master="127.10.1.9")
    assert likeliest((A, B), [told])[0] == "127.10.1.9"


def test_a_master_that_was_just_found_silent_is_not_asked_by_a_look_too() -> None:
    silent = Probe(address=A, answers=False, code="timeout", at=NOW - timedelta(seconds=5))
    loyal = Probe(address=B, answers=True, master=A, at=NOW - timedelta(seconds=5))
    assert silent_master((A, B), [silent, loyal], NOW) is silent
    assert silent_master((A, B), [silent, loyal], NOW + timedelta(minutes=2)) is None
    moved = Probe(address=B, answers=True, master=B, at=NOW)
    assert silent_master((A, B), [silent, moved], NOW) is None
    assert silent_master((A, B), [silent], NOW) is None


def test_once_the_master_is_silent_only_what_was_heard_since_is_evidence() -> None:
    old = Probe(address=A, answers=True, master=A, at=NOW - timedelta(minutes=2))
    new = Probe(address=B, answers=True, master=A, at=NOW + timedelta(seconds=1))
    asked = Asked((old, new), since=NOW)
    assert asked.missing((A, B, C), None) == [A, C]
    assert asked.missing((A, B, C), amber().pool) == []
    silent = Asked((Probe(address=A, answers=False, code="timeout", at=NOW),), since=NOW)
    assert silent.missing((A, B, C), amber().pool) == [A]


def test_a_silence_that_nobody_has_heard_before_has_only_begun() -> None:
    """A look that asks by itself may meet a toolstack that restarts: how long it has lasted is what counts."""
    began = NOW - timedelta(seconds=40)
    heard = Asked(
        (
            Probe(address=A, answers=True, master=A, since=began),
            Probe(address=B, answers=False, code="refused", since=began),
        ),
        stale=True,
    )
    assert heard.missing((A, B), None) == heard.missing((A, B), amber().pool) == [A, B]
    assert not heard.of((A, B)), "something has just happened: nothing that was heard before is evidence"
    refused = [Probe(address=address, answers=False, code="refused") for address in (A, B, C)]
    assert [heard.again(probe, NOW).since for probe in refused] == [NOW, began, NOW]
    assert heard.again(Probe(address=B, answers=False, code="timeout"), NOW).since == NOW
    assert heard.again(Probe(address=B, answers=True, master=A), NOW).since is None, (
        "a word is believed at once"
    )


@pytest.mark.parametrize(("code", "emergency"), [("SLAVE", True), ("ANOTHER", None)])
def test_an_emergency_is_not_over_because_its_question_stayed_open(code: str, emergency: bool | None) -> None:
    pool, slow = watched(A), Probe(address=A, answers=True, code=code)
    lost = Probe(address=A, answers=True, code="SLAVE", emergency=True)
    for probe in (lost, slow):
        pool.heard(pool.members[A], probe, NOW)
    assert pool.probes()[0].emergency is emergency
    assert Asked((lost,)).again(slow, NOW).emergency is emergency


def test_what_a_member_read_in_an_earlier_doubt_proves_nothing_in_the_next() -> None:
    pool = watched(A, B)
    through = Probe(address=B, answers=True, master=A, sees_master=True)
    pool.doubt(doubtful=True)
    assert pool.through(pool.members[B], 1.0)
    pool.heard(pool.members[B], through, NOW)
    pool.heard(pool.members[B], replace(through, sees_master=None), NOW)
    assert pool.probes()[0].sees_master is True, "within one doubt it stands until it is asked again"
    pool.doubt(doubtful=False)
    pool.doubt(doubtful=True)
    pool.heard(pool.members[B], replace(through, sees_master=None), NOW)
    assert pool.probes()[0].sees_master is None
    assert pool.through(pool.members[B], 2.0), "it is asked anew at once"


def test_a_new_password_is_tried_where_the_old_one_was_refused() -> None:
    pool = watched(A, B)
    door = pool.members[B].door
    door.knocked()
    pool.follow(pool.way, 1.0, CALM)
    assert pool.members[B].door is door
    assert not door.open
    pool.follow(pool.way, 2.0, CALM, "another")
    assert pool.members[B].door.open
