"""The two captains side by side: what each says of a host, and what to make of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pools import captains
from pools.facts import Facts, Trouble
from pools.rules import judge_all
from pools.summary import summary, summary_from, summary_to
from tests.pools.world import amber, crashed, judged, master_silent, unplugged


def rows(facts: Facts) -> dict[str, captains.Row]:
    return {row.name: row for row in captains.rows(facts, amber(), judge_all(judged(facts)))}


def in_cloudstack(**changes: Any) -> Facts:
    return amber().with_cs_host("cs-2", **changes)


def test_two_captains_that_agree_have_nothing_to_say() -> None:
    assert {row.verdict for row in rows(amber()).values()} == {"Agree"}
    assert [row.name for row in rows(amber()).values() if row.is_master] == ["amber-1"]


@pytest.mark.parametrize(
    ("facts", "xenserver", "cloudstack"),
    [
        (amber(), ("ok", "Live, enabled"), ("ok", "Up")),
        (amber().with_host("amber-2", enabled=False), ("warning", "Live, disabled"), ("ok", "Up")),
        (amber().with_host("amber-2", live=False), ("critical", "Dead"), ("ok", "Up")),
        (in_cloudstack(state="Alert"), ("ok", "Live, enabled"), ("critical", "Alert")),
        (in_cloudstack(state="Down"), ("ok", "Live, enabled"), ("critical", "Down")),
        (in_cloudstack(state="Disconnected"), ("ok", "Live, enabled"), ("warning", "Disconnected")),
        (in_cloudstack(state="Quarantined"), ("ok", "Live, enabled"), ("warning", "Quarantined")),
        (in_cloudstack(resourcestate="Maintenance"), ("ok", "Live, enabled"), ("working", "Maintenance")),
        (
            in_cloudstack(resourcestate="ErrorInMaintenance", state="Up"),
            ("ok", "Live, enabled"),
            ("critical", "ErrorInMaintenance"),
        ),
        (amber().without_cs_host("cs-2"), ("ok", "Live, enabled"), ("absent", "Not in CloudStack")),
        (replace(amber(), cloudstack=None), ("ok", "Live, enabled"), ("absent", "Not connected")),
        (
            replace(amber(), cloudstack=None, cloudstack_trouble=Trouble(code="timeout")),
            ("ok", "Live, enabled"),
            ("unknown", "Not known"),
        ),
        (master_silent(), ("unknown", "Not known"), ("ok", "Up")),
    ],
)
def test_each_captain_is_quoted(
    facts: Facts, xenserver: tuple[str, str], cloudstack: tuple[str, str]
) -> None:
    row = rows(facts)["amber-2"]
    assert (row.xenserver.mark, row.xenserver.says) == xenserver
    assert (row.cloudstack.mark, row.cloudstack.says) == cloudstack


def test_what_was_known_before_names_the_hosts_of_a_silent_master_and_judges_none() -> None:
    found = rows(master_silent())
    assert set(found) == {"amber-1", "amber-2", "amber-3", "amber-4"}
    assert not any(row.agree or row.is_master for row in found.values())


def test_disagreements_come_first() -> None:
    first, *others = rows(crashed()).values()
    assert first.name == "amber-2"
    assert not first.agree and all(row.agree for row in others)
    assert first.remedy == "reenable-host"


def test_unplugged_storage_is_named_beside_the_state() -> None:
    assert rows(unplugged("amber-3", "iscsi-1"))["amber-3"].xenserver.detail == "storage iscsi-1 unplugged"


def test_a_host_that_only_cloudstack_knows_is_shown_too() -> None:
    lost = amber().without_host("amber-4")
    stranger = rows(lost)["amber-4"]
    assert (stranger.xenserver.says, stranger.agree) == ("Not in the pool", False)


@pytest.mark.parametrize(
    ("facts", "because", "then"),
    [
        (amber().with_host("amber-2", enabled=False), "does not answer CloudStack's ping", "Find out why"),
        (in_cloudstack(state="Alert"), "its next scan is due", "Wait about 4 min"),
        (in_cloudstack(state="Down"), "It was judged dead", "no guest runs twice"),
        (amber().without_cs_host("cs-2"), "joined in XenServer alone", "Add it to CloudStack"),
        (amber().without_host("amber-2"), "ejected or destroyed", "Delete it in CloudStack"),
        (master_silent(), "its members look Up", "Do not trust Up"),
    ],
)
def test_where_they_disagree_the_cause_and_the_next_step_are_shown(
    facts: Facts, because: str, then: str
) -> None:
    row = rows(facts)["amber-2"]
    assert because in row.cause and then in row.then and not row.agree


def test_where_they_agree_nothing_is_to_be_done() -> None:
    assert {(row.cause, row.then) for row in rows(amber()).values()} == {("", "")}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (amber(), "4 Up"),
        (in_cloudstack(state="Alert"), "3 Up, 1 Alert"),
        (in_cloudstack(resourcestate="Maintenance"), "3 Up, 1 Maintenance"),
        (amber().with_cloudstack(hosts=()), "no hosts"),
    ],
)
def test_cloudstacks_hosts_are_counted_by_what_says_most(facts: Facts, said: str) -> None:
    assert facts.cloudstack
    assert captains.states(facts.cloudstack) == said


class TestInShort:
    """The same, as it is stored for a row of the overview."""

    @pytest.mark.parametrize(
        "facts", [amber(), crashed(), master_silent(), replace(amber(), cloudstack=None)]
    )
    def test_comes_back_from_the_database_as_it_was(self, facts: Facts) -> None:
        short = summary(facts, amber())
        assert summary_from(summary_to(short)) == short

    def test_says_who_leads_and_how_ha_is_set(self) -> None:
        short = summary(amber(), amber())
        assert (short.master, short.ha_enabled, short.ha_timeout_s, short.guests) == ("amber-1", True, 180, 8)
        assert [m.name for m in short.members] == ["amber-1", "amber-2", "amber-3", "amber-4"]

    def test_keeps_the_masters_name_while_it_is_silent_and_claims_nothing_else(self) -> None:
        short = summary(master_silent(), amber())
        assert (short.master, short.ha_enabled, short.guests) == ("amber-1", None, None)
        assert {m.xenserver.mark for m in short.members} == {"unknown"}

    def test_of_a_pool_never_seen_is_empty(self) -> None:
        short = summary(replace(master_silent(), cloudstack=None), None)
        assert (short.master, short.members) == ("", ())
