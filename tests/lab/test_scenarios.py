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


def opened(name: str) -> World:
    """The world as it is when a lab opens with it, without its CloudStack."""
    world = scenarios.load(name, World(SteppedClock()))
    world.begin()
    world.clock.live_through(scenarios.past(name))
    return world


def test_a_dead_master_died_before_the_lab_opened() -> None:
    world = opened("dead-master")
    assert (world.host("basalt-1").power, world.pool("basalt").ha_enabled) == ("off", False)
    assert world.now() == SteppedClock().now() + 120


def test_with_ha_a_new_master_is_due_within_a_minute_of_the_opening() -> None:
    world = opened("dead-master-ha")
    assert world.pool("amber").master is world.host("amber-1")
    world.clock.live_through(100)
    assert world.pool("amber").master is not world.host("amber-1")


def test_the_host_of_the_fence_loop_resets_itself_again_and_again() -> None:
    world = opened("fence-loop")
    boots = set()
    for _ in range(60):
        boots.add(world.host("amber-1").boot_time)
        world.clock.live_through(30)
    assert len(boots) > 3
    assert world.host("amber-2").power == "off"
