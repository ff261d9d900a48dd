"""How judgements are put together: order, what is expected, and what happens when a rule breaks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pools.facts import Facts
from pools.rules import CODES, RANK, judge_all, master_disabled, worst
from pools.rules.case import Case, Expected, Finding, Obligations, Severity
from pools.rules.code import Code
from tests.pools.world import NOW, amber, crashed, ha_off, judged, master_silent


def expecting(code: str, subject: str, minutes: int = 5) -> Obligations:
    until = NOW + timedelta(minutes=minutes)
    return Obligations(expected=(Expected(code=code, subject=subject, run=7, until=until),), holder=7)


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


def test_nothing_is_expected_beyond_its_deadline() -> None:
    found = by_code(judged(crashed(), obligations=expecting("cloudstack-alert", "*", minutes=-1)))
    assert found["cloudstack-alert"].expected_by is None


class Broken:
    """A rule with a bug in it, after its first finding."""

    CODES: tuple[Code, ...] = ()

    def judge(self, case: Case) -> Iterator[Finding]:
        raise ZeroDivisionError


def test_a_rule_that_breaks_hides_no_other_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    case = judged(amber().with_host("amber-1", enabled=False))
    with caplog.at_level(logging.ERROR, logger="pools.rules"):
        found = judge_all(case, (Broken(), master_disabled))
    assert [(f.code, f.severity) for f in found] == [
        ("master-disabled", Severity.CRITICAL),
        ("rule-failed", Severity.INFO),
    ]
    assert "ZeroDivisionError" in found[1].says
    assert caplog.records[0].exc_info


def test_no_two_codes_share_a_name() -> None:
    slugs = [code.slug for code in CODES.values()]
    assert len(slugs) == len(set(slugs))


# Any facts at all: values of the right types, fitting together or not. UTC times, as the collector gives them.
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
st.register_type_strategy(datetime, times)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(facts=st.from_type(Facts), known=st.none() | st.from_type(Facts), now=times)
def test_no_rule_breaks_on_any_facts(facts: Facts, known: Facts | None, now: datetime) -> None:
    case = Case(pool="amber", facts=facts, now=now, known=known, good_at=known.at if known else None)
    assert "rule-failed" not in {f.code for f in judge_all(case)}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
