"""host-dead: a host is gone by its master's word, or by its own silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pools.rules.case import Case
from tests.pools.rules.judging import CRITICAL, fires_on, found, silent_on, the
from tests.pools.world import NOW, amber, judged, master_silent, with_probe

CODE = "host-dead"


def quiet(address: str, code: str = "timeout") -> Case:
    return judged(with_probe(amber(), address, answers=False, code=code))


def new_master(minutes: float, **changes: object) -> Case:
    """The master started so long ago, and calls amber-3 dead."""
    at = NOW.timestamp() - 60 * minutes
    facts = amber().with_host("amber-1", agent_start_time=at).with_host("amber-3", live=False)
    return judged(with_probe(facts, "127.10.1.3", **changes))


test_it_fires_on = fires_on(
    CODE,
    {
        "not live": (CRITICAL, "amber-3", judged(amber().with_host("amber-3", live=False))),
        "silent, and live for 600 s more": (CRITICAL, "amber-3", quiet("127.10.1.3")),
        "refusing connections": (CRITICAL, "amber-3", quiet("127.10.1.3", "refused")),
        "not live, though it answers": (CRITICAL, "amber-3", new_master(3)),
        "not live for a new master, and silent": (
            CRITICAL,
            "amber-3",
            new_master(1, answers=False, code="timeout"),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "one that a new master does not know of yet": new_master(2.9),
        "one that restarts together with its master": new_master(
            1, answers=False, code="refused", since=NOW - timedelta(seconds=59)
        ),
        "one that a new master does not know of yet, and that has been silent for a moment": new_master(
            1, answers=False, code="timeout", since=NOW - timedelta(seconds=14)
        ),
        "a certificate that does not match": quiet("127.10.1.3", "tls-untrusted"),
        "a host that nobody probed": judged(replace(amber(), probes=())),
        "the master's own address, which is another trouble": quiet("127.10.1.1"),
        "a disabled host": judged(amber().with_host("amber-3", enabled=False)),
        "a silent master": judged(master_silent(), known=amber().with_host("amber-3", live=False)),
    },
)


def test_it_counts_the_guests_that_are_lost_with_it() -> None:
    says = the(judged(amber().with_host("amber-3", live=False)), CODE).says
    assert "2 guests still count as running there." in says


def test_it_says_when_the_host_itself_answers() -> None:
    facts = amber().with_host("amber-3", live=False)
    assert "is dead, though its own address answers." in the(judged(facts), CODE).says
    silent = with_probe(facts, "127.10.1.3", answers=False, code="timeout")
    assert "XenServer says that amber-3 is dead. " in the(judged(silent), CODE).says


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("refused", "the connection is refused"),
        ("timeout", "no answer in time"),
        ("no-route", "no way to it"),
        ("unknown-name", "its name is not known here"),
        ("cut", "the connection is closed at once"),
    ],
)
def test_it_says_how_the_host_is_silent(code: str, words: str) -> None:
    says = the(quiet("127.10.1.3", code), CODE).says
    assert says.startswith(
        f"amber-3 does not answer at 127.10.1.3 ({words}), and its master still says live."
    )


@pytest.mark.parametrize("code", ["refused", "cut"])
def test_a_toolstack_that_restarts_kills_no_host_for_a_minute(code: str) -> None:
    for seconds, dead in ((59, 0), (60, 1)):
        since = NOW - timedelta(seconds=seconds)
        facts = with_probe(amber(), "127.10.1.3", answers=False, code=code, since=since)
        assert len(found(judged(facts), CODE)) == dead
