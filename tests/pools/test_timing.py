"""Sentences that speak of CloudStack's clocks take them from its settings, and say where they could not be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pools.facts import Facts
from pools.pages.clocks import clocks
from pools.pages.cloudstack import settings
from pools.rules import judge_all
from pools.timing import timing
from tests.pools.world import NOW, amber, judged, master_silent, policy


def told(facts: Facts, **values: str) -> Facts:
    names = {name.replace("_", "."): value for name, value in values.items()}
    return facts.with_cloudstack(settings=tuple(sorted(names.items())))


def said(facts: Facts, code: str, **case: object) -> list[str]:
    return [f.says for f in judge_all(judged(facts, **case)) if f.code == code]


def test_what_was_not_read_is_cloudstacks_default() -> None:
    clock = timing(amber().cloudstack)
    assert (clock.heartbeat_s, clock.lost_s, clock.believes_s, clock.migration_s) == (120, 150, 1800, 3600)
    assert clock.source("alert.wait") == "alert.wait, CloudStack's default"


@pytest.mark.parametrize("nonsense", ["", "soon", "-1", "0", "nan", "1e99"])
def test_a_setting_that_is_no_time_is_as_good_as_not_told(nonsense: str) -> None:
    assert timing(told(amber(), alert_wait=nonsense).cloudstack).told == {}


def test_the_drawing_has_the_heartbeat_as_it_is_set() -> None:
    facts = told(amber(), xenserver_heartbeat_timeout="240")
    assert facts.pool
    drawn = clocks(facts.pool, policy(), timing(facts.cloudstack))
    assert [bar.seconds for bar in drawn.bars] == [180, 240, 180]
    assert "HA fences before CloudStack’s heartbeat" in drawn.says
    assert drawn.says.endswith("(xenserver.heartbeat.timeout).")


def test_how_long_a_stale_up_lasts_is_as_it_is_set() -> None:
    (default,) = said(master_silent(), "cloudstack-stale-up")
    assert default.endswith("It may say so for 30 min (alert.wait, CloudStack's default).")
    (short,) = said(told(master_silent(), alert_wait="300"), "cloudstack-stale-up")
    assert short.endswith("It may say so for 5 min (alert.wait).")


@pytest.mark.parametrize(("wait", "stuck"), [("3600", False), ("1200", True)])
def test_a_maintenance_is_stuck_after_what_one_migration_gets(wait: str, stuck: bool) -> None:
    facts = told(amber().with_cs_host("cs-2", resourcestate="PrepareForMaintenance"), migratewait=wait)
    since = {"cs-2": NOW - timedelta(minutes=30)}
    assert bool(said(facts, "cloudstack-maintenance-stuck", preparing_since=since)) is stuck


def test_a_timeout_within_cloudstacks_heartbeat_says_so() -> None:
    facts = amber().with_ha(timeout_s=90)
    assert said(facts, "ha-timeout-short")[0].endswith("CloudStack's own heartbeat waits 120 s.")
    assert "heartbeat" not in said(replace(facts, cloudstack=None), "ha-timeout-short")[0]


def test_the_page_marks_what_was_not_read() -> None:
    shown = {each.name: (each.value, each.told) for each in settings(told(amber(), ping_timeout="3"))}
    assert shown["ping.timeout"] == ("× 3", True) and shown["alert.wait"] == ("1800 s", False)
