"""Every scenario can be built, says what it is, and is quiet unless it is about a fault."""

from __future__ import annotations

import pytest

from lab import scenarios
from lab.world import SteppedClock, World


@pytest.mark.parametrize("name", scenarios.names())
def test_a_scenario_builds_and_lives_for_an_hour(name: str) -> None:
    world = scenarios.load(name, World(SteppedClock()))
    world.begin()
    world.clock.step(3600)  # type: ignore[attr-defined]
    assert world.crashes == []
    assert scenarios.summary(name).endswith(".")


def test_the_issues_pools_are_there() -> None:
    world = scenarios.load("estate", World(SteppedClock()))
    shape = {pool.name: (len(pool.hosts), pool.ha_enabled, pool.ha_timeout) for pool in world.pools}
    assert shape == {"amber": (4, True, 180.0), "basalt": (5, False, 60.0), "cobalt": (3, True, 180.0)}
    assert [host.address for host in world.pool("cobalt").hosts] == ["127.10.3.1", "127.10.3.2", "127.10.3.3"]


def test_the_same_seed_makes_the_same_world() -> None:
    one, two = (scenarios.load("estate", World(SteppedClock(), seed=7)) for _ in range(2))
    assert [host.uuid for host in one.hosts] == [host.uuid for host in two.hosts]


def test_an_unknown_scenario_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"there are: .*estate"):
        scenarios.load("atlantis", World(SteppedClock()))
