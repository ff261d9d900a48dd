"""What an HA timeout means for this pool, and how near its hosts came to one lately."""

from __future__ import annotations

from datetime import timedelta

from pools.elections import ELECTION, LONGEST_S, elected_within
from pools.facts import Alert, PoolFacts
from pools.rules.words import clock
from pools.timing import Timing
from tests.workflows import amber
from workflows.steps.clocks import how_near_it_came, what_it_means


def with_alerts(*names: str) -> PoolFacts:
    at = amber.facts().at
    raised = (
        Alert(uuid=f"a{n}", name=name, priority=5, subject="h-amber-1", at=at - timedelta(hours=n))
        for n, name in enumerate(names)
    )
    pool = amber.facts().with_pool(alerts=tuple(raised)).pool
    assert pool
    return pool


def test_warnings_of_a_slow_heartbeat_are_counted_since_the_first() -> None:
    near = "HA_STATEFILE_APPROACHING_TIMEOUT"
    (says,) = how_near_it_came(with_alerts(near, near, "HA_HOST_WAS_FENCED", near, "VM_STARTED"))
    assert "3 × the heartbeat's storage came close to the timeout (HA_STATEFILE_APPROACHING_TIMEOUT)" in says
    assert "1 × a host fenced itself" in says
    assert f"Since {clock(amber.facts().at - timedelta(hours=3))}" in says
    assert "180 s or more" in says


def test_that_nothing_is_known_is_said_too() -> None:
    (says,) = how_near_it_came(with_alerts("VM_STARTED"))
    assert says.startswith("How slow the storage's slowest heartbeat was is not known")


def test_what_the_timeout_means_is_told_beside_the_clock_that_this_cloudstack_keeps() -> None:
    slow = Timing({"xenserver.heartbeat.timeout": 300.0})
    first, beside = what_it_means(180, 4, slow)
    assert "a new one serves within 300 s" in first
    assert "before CloudStack's own heartbeat does, at 300 s" in beside
    assert "resets a host after 120 s" in [*what_it_means(180, 4, Timing({}))][1]
    assert len([*what_it_means(180, 4, None)]) == 1


def test_an_election_has_its_time_whatever_was_typed_in() -> None:
    assert elected_within(180) == timedelta(seconds=180) + ELECTION
    assert elected_within(None) == elected_within(60)
    assert elected_within(10**30) == timedelta(seconds=LONGEST_S) + ELECTION
    assert elected_within(-5) == ELECTION
