"""Real workers, killed with signal 9 in every step of every workflow: part of `make faults`.

One run for each workflow and point; a worker dies once in every step that has this point. Each death is a case.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from lab.testing import RunningLab
from tests.faults.carrying import RIGHT, WRONG, NotRight, Undisturbed, judge
from tests.faults.dying import POINTS, WIRE
from tests.faults.house import House, house
from tests.faults.matrix import CHOSEN
from tests.faults.record import Seen, keep
from tests.faults.worlds import undisturbed, world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

SPEED = 200.0


@pytest.fixture(scope="session")
def processes(broker: str, django_db_setup: None, django_db_blocker: object) -> Iterator[House]:
    with django_db_blocker.unblock(), house() as running:  # type: ignore[attr-defined]
        yield running


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("workflow", CHOSEN)
def test_a_worker_is_killed_in_every_step(processes: House, workflow: str, point: str) -> None:
    seen = list(killed(processes, workflow, point))
    keep(seen)
    assert seen, "no worker died"
    assert [one.said for one in seen if one.verdict == WRONG] == []


def killed(running: House, workflow: str, point: str, *, whole: bool = False) -> list[Seen]:
    """A case for each step in which a worker was killed: right if the run came to the right end."""
    wanted = undisturbed(workflow)
    with world(workflow, SPEED) as (lab, run):
        running.orders.write(point=point, run=run.pk, whole=whole)
        _break_the_wire(lab, point, wanted)
        try:
            asked = running.carry_through(run, lab)
            said = judge(run, lab, wanted, asked)
        except NotRight as wrong:
            said = f"{WRONG}: {wrong}"
        finally:
            running.orders.write()
        return [
            Seen(
                workflow=workflow,
                point=point,
                step=f"{index + 1}. {wanted.steps[index][0] if index < len(wanted.steps) else 'more'}",
                how="kill -9",
                database=connection.vendor,
                said=said,
                recovery_s=running.recoveries.get(index),
            )
            for index in running.died_in(run) or ([0] if said != RIGHT else [])
        ]


def _break_the_wire(lab: RunningLab, point: str, wanted: Undisturbed) -> None:
    if point in WIRE:
        for call in wanted.all_calls:
            lab.break_(WIRE[point], "*", call=call, times=1)
