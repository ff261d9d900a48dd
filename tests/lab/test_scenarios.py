"""Every scenario can be built, says what it is, and is quiet unless it is about a fault."""

from __future__ import annotations

import pytest

from lab import opening, scenarios
from lab.server.settings import Settings
from lab.world import SteppedClock, World
from lab.xapi.calls.joining import join
from lab.xapi.registry import Context


def opened(name: str) -> World:
    """The world as a lab opens with it."""
    return opening.world(Settings(name, speed=None))


@pytest.mark.parametrize("name", scenarios.names())
def test_a_scenario_opens_and_lives_for_an_hour(name: str) -> None:
    world = opened(name)
    world.clock.live_through(3600)
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


def test_a_dead_master_died_before_the_lab_opened() -> None:
    world = opened("dead-master")
    assert (world.host("basalt-1").power, world.pool("basalt").ha_enabled) == ("off", False)
    assert world.now() == SteppedClock().now() + 120


def test_what_is_held_back_has_not_happened_and_lies_its_time_back_once_it_may() -> None:
    world = opening.world(Settings("dead-master", speed=None, held=True))
    world.clock.live_through(60)
    assert world.host("basalt-1").power == "on"
    assert opening.begin_past(world)
    assert world.host("basalt-1").power == "off"
    assert world.now() == SteppedClock().now() + 60 + 120
    assert not opening.begin_past(world)


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


def states(world: World) -> dict[str, str]:
    """What CloudStack shows of each host that is not Up."""
    return {row.name: row.status for row in world.cloudstack.hosts.values() if row.status != "Up"}


def test_in_alert_are_the_hosts_that_the_scenario_names_and_no_others() -> None:
    world = opened("alert")
    named = ("amber-2", "amber-3", "basalt-2", "basalt-3", "cobalt-2")
    assert states(world) == dict.fromkeys(named, "Alert")


def test_after_half_a_master_change_nobody_is_master_and_all_are_in_emergency_mode() -> None:
    world = opened("master-change-half-done")
    assert all(host.emergency for host in world.hosts)
    assert world.host("amber-2").emergency == ["HOST_BROKEN"]


@pytest.mark.parametrize(
    ("name", "product", "version"),
    [
        ("xenserver-6-2", "6.2.0", "4.3.1"),
        ("xenserver-6-5", "6.5.0", "4.5.2"),
        ("xenserver-7-1", "7.1.2", "4.9.3"),
        ("xenserver-8-2", "8.2.1", "4.19.1"),
        ("xenserver-current", "8.4.0", "4.22.0"),
    ],
)
def test_each_dialect_has_its_scenario(name: str, product: str, version: str) -> None:
    world = opened(name)
    assert world.host("amber-1").software_version["product_version"] == product
    assert world.cloudstack.version.text == version


def test_fourteen_of_sixteen_hosts_wait_for_their_reboot() -> None:
    world = opened("rolling")
    assert sum(bool(host.updates_requiring_reboot) for host in world.hosts) == 14


@pytest.mark.parametrize(
    ("stranger", "says"),
    [
        ("birch-1", ""),
        ("birch-2", "HOSTS_NOT_COMPATIBLE"),
        ("birch-3", "HOSTS_NOT_HOMOGENEOUS"),
        ("birch-4", "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS"),
        ("birch-5", "JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS"),
        ("birch-6", "LICENCE_RESTRICTION"),
        ("birch-8", "LICENSE_HOST_POOL_MISMATCH"),
        ("birch-9", "POOL_JOINING_EXTERNAL_AUTH_MISMATCH"),
        ("birch-10", "POOL_JOINING_HOST_HAS_BONDS"),
        ("birch-11", "POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH"),
        ("birch-12", "OPERATION_NOT_ALLOWED"),
        ("birch-13", "POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH"),
        ("cedar-1", "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS"),
    ],
)
def test_a_stranger_may_join_or_not_as_the_scenario_says(stranger: str, says: str) -> None:
    world = opened("strangers")
    host, master = world.host(stranger), world.host("amber-1")
    for pool in (host.pool, master.pool):
        pool.ha_enabled = False
    context = Context(world, host, session="", task_ref=world.new_ref())
    joining = world.run(join(context, master.address, "root", "baton-lab"), host)
    world.clock.live_through(100)
    assert (joining.error.code if joining.error else "") == says
    assert (host in master.pool.hosts) == (not says)
