"""Real workers, killed with signal 9 in every step of every workflow: part of `make faults`.

Three runs for each workflow; in every step a worker dies at two or three points, one after the other. Each is a case.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from lab.testing import RunningLab
from tests.faults.carrying import NotRight, Undisturbed, judge
from tests.faults.dying import (
    AFTER_INTENT,
    ANSWER_LOST,
    ANSWER_UNSAVED,
    BEFORE_INTENT,
    POLLING,
    REQUEST_LOST,
    SAVING,
    WIRE,
)
from tests.faults.house import House, house
from tests.faults.matrix import CHOSEN
from tests.faults.record import ASKED, RIGHT, WRONG, Seen, keep
from tests.faults.worlds import undisturbed, world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

SPEED = 200.0
TOGETHER = (
    (BEFORE_INTENT, POLLING, SAVING),
    (AFTER_INTENT, ANSWER_UNSAVED),
    (REQUEST_LOST, ANSWER_LOST),
)
"""Points that one step of one run can have all of, one worker after the other."""


@pytest.fixture(scope="module")
def processes(broker: str, django_db_setup: None, django_db_blocker: object) -> Iterator[House]:
    """For this module alone: its workers would tick the runs of every later test on the same database."""
    with django_db_blocker.unblock(), house() as running:  # type: ignore[attr-defined]
        yield running


@pytest.mark.parametrize("points", TOGETHER, ids=" + ".join)
@pytest.mark.parametrize("workflow", CHOSEN)
def test_a_worker_is_killed_in_every_step(processes: House, workflow: str, points: tuple[str, ...]) -> None:
    seen = killed(processes, workflow, points)
    keep(seen)
    assert seen, "no worker died"
    assert [one.said for one in seen if one.verdict == WRONG] == []


def killed(running: House, workflow: str, points: tuple[str, ...], *, whole: bool = False) -> list[Seen]:
    """A case for each death: right if the run came to the right end."""
    wanted = undisturbed(workflow)
    with world(workflow, SPEED) as (lab, run):
        running.orders.write(points=points, run=run.pk, whole=whole)
        _break_the_wire(lab, points, wanted)
        asked: list[str] = []
        try:
            asked = running.carry_through(run, lab)
            said = judge(run, lab, wanted, asked)
        except NotRight as wrong:
            said = f"{WRONG}: {wrong}"
        finally:
            running.orders.write()
        deaths = running.orders.deaths(run.pk) or ({(0, points[0]): 0.0} if said != RIGHT else {})
        saids = {index: _of_step(index, said, asked) for index, _ in deaths}
        return [_seen(running, wanted, workflow, death, saids[death[0]]) for death in sorted(deaths)]


def _of_step(index: int, said: str, asked: list[str]) -> str:
    """What is said of the whole run, but a question only of the step that it was about."""
    mine = [question for question in asked if question.startswith(f"step {index + 1}:")]
    if said.startswith(ASKED):
        return f"{ASKED}: {mine[0]}" if mine else RIGHT
    return said


def _seen(running: House, wanted: Undisturbed, workflow: str, death: tuple[int, str], said: str) -> Seen:
    index, point = death
    key = wanted.steps[index][0] if index < len(wanted.steps) else "more"
    return Seen(
        workflow=workflow,
        point=point,
        step=f"{index + 1}. {key}",
        how="kill -9",
        database=connection.vendor,
        said=said,
        recovery_s=running.recoveries.get(death),
    )


def _break_the_wire(lab: RunningLab, points: tuple[str, ...], wanted: Undisturbed) -> None:
    """The first call of each name meets the first fault, the one that is sent in its place the next."""
    for point in points:
        for call in wanted.all_calls if point in WIRE else ():
            lab.break_(WIRE[point], "*", call=call, times=1)
