"""A fence loop whose hosts find each other again just before one of them is disarmed."""

from __future__ import annotations

import pytest

from lab.world import mastery, power
from lab.world.world import World
from tests.workflows.catalogue.cases import CASES, begin, laid_out
from tests.workflows.catalogue.test_straight_way import ended_well
from tests.workflows.engine.driving import drive, drive_to_the_end, person
from workflows.engine.states import RunState

pytestmark = pytest.mark.django_db(transaction=True)


def the_other_returns(world: World) -> None:
    power.revive(world, world.host("amber-2"))


def the_master_serves(world: World) -> bool:
    return mastery.rules(world.host("amber-1"))


def test_a_master_that_serves_again_is_disarmed_and_its_toolstack_started_anew() -> None:
    """It was disarmed after its toolstack had started: HA would stay on in its database for ever."""
    case = CASES["break-fence-loop"]
    with laid_out(case) as (lab, pool):
        run = begin("break-fence-loop", pool, case.inputs)
        assert drive(run).state == RunState.CONFIRM
        lab.do(the_other_returns)
        lab.wait_until(the_master_serves, seconds=60)

        ended_well(drive_to_the_end(run, person("bo")))

        sent = [call["name"] for call in lab.calls(changing=True)]
        assert sent[:2] == ["host.emergency_ha_disable", "host.restart_agent"]
        assert not lab.do(lambda world: world.pool("amber").ha_enabled)
