"""A worker dies at one point of one step, in this process: the short version of what waves do with real processes.

Each case is a run of its own, on a lab of its own: the worker is torn away, its lease runs out, and another goes on.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from lab.testing import RunningLab
from tests.faults.carrying import NotRight, Undisturbed, judge
from tests.faults.dying import OF_WAITS, WIRE, doomed
from tests.faults.record import WRONG, Seen
from tests.faults.worlds import Once, carry_through, undisturbed, workers_rest, world


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
                wave="in this process",
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
