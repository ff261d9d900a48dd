"""Facts as JSON: what one version stored, another reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from pools.encoding import facts_from, facts_to
from pools.facts import Facts, Host, PoolFacts
from tests.pools.world import amber

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def through_json(facts: Facts) -> Facts:
    return facts_from(json.loads(json.dumps(facts_to(facts))))


def test_a_whole_pool_comes_back_equal() -> None:
    assert through_json(amber()) == amber()


@settings(max_examples=25, deadline=None)
@given(st.builds(Facts, at=st.datetimes(timezones=st.just(UTC)), pool=st.none() | st.builds(PoolFacts)))
def test_whatever_facts_there_are_come_back_equal(facts: Facts) -> None:
    # As text: a number that is none (NaN) equals nothing, not even itself.
    assert json.dumps(facts_to(through_json(facts))) == json.dumps(facts_to(facts))


def test_keys_that_a_newer_version_added_are_ignored() -> None:
    plain = facts_to(amber())
    plain["invented"] = 1
    plain["pool"]["hosts"][0]["invented"] = {"a": []}
    assert facts_from(plain) == amber()


def test_keys_that_an_older_version_did_not_write_take_their_default() -> None:
    host = Host(uuid="u", ref="r", name="amber-1", address="127.10.1.1", enabled=True, live=True)
    plain = facts_to(Facts(at=NOW))
    for name in ("gaps", "probes", "cloudstack"):
        del plain[name]
    assert facts_from(plain) == Facts(at=NOW)
    facts = amber().with_pool(hosts=(host,))
    plain = facts_to(facts)
    del plain["pool"]["hosts"][0]["maintenance_mode"]
    assert facts_from(plain) == facts
