"""Every step of every workflow, met by a worker's death at every point: part of `make faults`.

Each case is a run of its own, in this process, on a lab of its own: the worker is torn away at one point of one step,
its lease runs out, and another goes on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.db import connection

from lab.testing import RunningLab
from tests.faults.carrying import NotRight, Undisturbed, judge
from tests.faults.cases import CASES, workflow_of
from tests.faults.dying import OF_WAITS, POINTS, WIRE, doomed
from tests.faults.record import WRONG, Seen, keep
from tests.faults.worlds import Once, carry_through, undisturbed, workers_rest, world
from workflows.catalogue import STEPS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

CHOSEN = [case for case in CASES if os.environ.get("ONLY", workflow_of(case)) == workflow_of(case)]


@pytest.fixture(autouse=True)
def _the_lab_is_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost call has had its time to show itself after a part of a second: the lab's clock runs a thousand times
    faster than the product's."""
    for step in STEPS.values():
        monkeypatch.setattr(step, "settle", 0.3)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("workflow", CHOSEN)
def test_wherever_a_worker_dies_the_run_goes_on(workflow: str, point: str) -> None:
    seen = list(met(workflow, point))
    keep(seen)
    assert [one.said for one in seen if one.verdict == WRONG] == []


def met(workflow: str, point: str, only: int | None = None) -> Iterator[Seen]:
    """A case for each step that has this point (or for one of them)."""
    wanted = undisturbed(workflow)
    for index, (key, _) in enumerate(wanted.steps):
        if only not in (None, index) or (index not in wanted.calls and point not in OF_WAITS):
            continue
        if said := one(workflow, point, index, wanted):
            yield Seen(
                workflow=workflow,
                point=point,
                step=f"{index + 1}. {key}",
                how="in this process",
                database=connection.vendor,
                said=said,
            )


def one(workflow: str, point: str, index: int, wanted: Undisturbed) -> str:
    """What came of it; empty when the step has no such point: what it waits for was so at once."""
    doom = Once(point, frozenset({index}))
    try:
        with workers_rest(), world(workflow) as (lab, run), doomed(doom) as captains:
            _break_the_wire(lab, point, index, wanted)
            asked = carry_through(run, lab, captains)
            if not doom.dead:
                return "" if point in OF_WAITS else f"{WRONG}: it was never reached"
            return judge(run, lab, wanted, asked)
    except NotRight as wrong:
        return f"{WRONG}: {wrong}"


def _break_the_wire(lab: RunningLab, point: str, index: int, wanted: Undisturbed) -> None:
    if point in WIRE:
        call = wanted.calls[index][0]
        lab.break_(WIRE[point], "*", call=call, times=1, after=wanted.before(index, call))
