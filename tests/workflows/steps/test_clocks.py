"""What an HA timeout means for this pool, and how near its hosts came to one lately."""

from __future__ import annotations

from datetime import timedelta

from pools.facts import Alert, PoolFacts
from tests.workflows import amber
from workflows.steps.clocks import how_near_it_came


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
    assert f"Since {amber.facts().at - timedelta(hours=3):%d %b %H:%M} UTC" in says
    assert "180 s or more" in says


def test_that_nothing_is_known_is_said_too() -> None:
    (says,) = how_near_it_came(with_alerts("VM_STARTED"))
    assert says.startswith("How slow the storage's slowest heartbeat was is not known")
