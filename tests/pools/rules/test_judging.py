"""How judgements are put together: their order, what is expected, and that no facts break a rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pools.facts import Facts
from pools.rules import CODES, RANK, judge_all, worst
from pools.rules.case import Case, Finding, Severity
from tests.pools.rules.trouble import expecting
from tests.pools.world import NOW, amber, crashed, ha_off, judged, master_silent


def by_code(case: Case) -> dict[str, Finding]:
    return {f.code: f for f in judge_all(case)}


def test_worst_comes_first_and_causes_before_what_follows_from_them() -> None:
    found = judge_all(judged(master_silent(ha_off()), known=ha_off()))
    assert [f.code for f in found] == ["master-unreachable", "no-master-recovery", "cloudstack-stale-up"]


def test_severities_never_rise_down_the_list() -> None:
    ranks = [RANK[f.severity] for f in judge_all(judged(crashed().with_ha(default_timeout_s=None)))]
    assert ranks == sorted(ranks) and len(set(ranks)) == 3


@pytest.mark.parametrize("subject", ["amber-2", "*"])
def test_what_our_own_run_causes_is_listed_last_and_is_not_the_worst(subject: str) -> None:
    found = judge_all(judged(crashed(), obligations=expecting("cloudstack-alert", subject)))
    assert (found[-1].code, found[-1].expected_by) == ("cloudstack-alert", 7)
    assert worst(found) is Severity.WARNING


def test_the_same_trouble_of_another_host_is_not_expected() -> None:
    found = by_code(judged(crashed(), obligations=expecting("cloudstack-alert", "amber-3")))
    assert found["cloudstack-alert"].expected_by is None


@pytest.mark.parametrize(("minutes", "by"), [(0, 7), (-0.1, None)])
def test_nothing_is_expected_beyond_its_deadline(minutes: float, by: int | None) -> None:
    found = by_code(judged(crashed(), obligations=expecting("cloudstack-alert", "*", minutes=minutes)))
    assert found["cloudstack-alert"].expected_by == by


def test_a_well_pool_has_no_findings() -> None:
    assert judge_all(judged(amber())) == ()


def test_a_sentence_does_not_age() -> None:
    """Else every look would write every finding anew."""
    later = NOW + timedelta(minutes=1)
    for case in (
        judged(crashed(), ha_off_since=NOW),
        judged(ha_off(), ha_off_since=NOW - timedelta(hours=3)),
    ):
        moved = replace(case, now=later, good_at=later, facts=replace(case.facts, at=later))
        assert [f.says for f in judge_all(case)] == [f.says for f in judge_all(moved)]


def test_every_code_has_a_test_file_of_its_own() -> None:
    here = {path.stem for path in Path(__file__).parent.glob("test_*.py")}
    assert {f"test_{code.replace('-', '_')}" for code in CODES} <= here


def test_no_two_codes_share_a_name() -> None:
    slugs = [code.slug for code in CODES.values()]
    assert len(slugs) == len(set(slugs))


# Any facts at all: values of the right types, fitting together or not. UTC times, as the collector gives them.
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
st.register_type_strategy(datetime, times)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(facts=st.from_type(Facts), known=st.none() | st.from_type(Facts), now=times)
def test_no_rule_breaks_on_any_facts(facts: Facts, known: Facts | None, now: datetime) -> None:
    case = Case(pool="amber", facts=facts, now=now, known=known, good_at=known.at if known else None)
    assert "rule-failed" not in {f.code for f in judge_all(case)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_rule_breaks_when_parts_of_the_facts_are_missing(data: st.DataObject) -> None:
    facts = data.draw(st.sampled_from([amber(), crashed(), ha_off(), master_silent()]))
    if facts.pool:
        parts = ("hosts", "srs", "pbds", "vms", "alerts", "tasks")
        facts = facts.with_pool(**{part: () for part in parts if data.draw(st.booleans())})
        facts = facts.with_pool(master=data.draw(st.sampled_from(["amber-1", "nobody", ""])))
    facts = replace(facts, probes=facts.probes if data.draw(st.booleans()) else ())
    if data.draw(st.booleans()):
        facts = replace(facts, cloudstack=None)
    found = judge_all(judged(facts, known=data.draw(st.sampled_from([None, amber(), facts]))))
    assert "rule-failed" not in {f.code for f in found}
