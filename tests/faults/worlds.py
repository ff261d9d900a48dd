"""A lab, a pool of it and a started run; and what such a run does when nobody disturbs it."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from lab.testing import RunningLab
from tests.faults import record
from tests.faults.carrying import NotRight, Person, Undisturbed, picture
from tests.faults.cases import started
from tests.faults.mortal import Orders
from workflows.engine.states import MOVING
from workflows.models import Run
from workflows.running import executor
from workflows.running.captains import Captains

PATIENCE_S = 120.0
LOOKS_S = 0.1
"""A tick is made so often, due or not: the lab's time runs a thousand times faster than a step's pauses."""
_numbers = itertools.count(1)


@contextmanager
def world(workflow: str, speed: float = 1000.0) -> Iterator[tuple[RunningLab, Run]]:
    """The lab of that workflow's case, with its run started."""
    with started(workflow, speed, next(_numbers)) as (lab, run):
        yield lab, run


@contextmanager
def workers_rest() -> Iterator[None]:
    """Real workers, if this test process has started some, leave the runs of this block to it."""
    orders = Orders(Path(settings.DATA_DIR))
    orders.write(idle=True)
    try:
        yield
    finally:
        orders.write()


class Dies(BaseException):
    """The worker is killed here: nothing of it happens any more."""


@dataclass
class Once:
    """In this process: dies at one point of each of these steps, once."""

    point: str
    steps: frozenset[int]
    dead: list[int] = field(default_factory=list)

    def __call__(self, point: str, run: int, index: int) -> None:
        if point == self.point and index in self.steps and index not in self.dead:
            self.dead.append(index)
            raise Dies


@contextmanager
def without_last_words() -> Iterator[None]:
    """Who is killed lets nothing go: the lease stays until it runs out."""
    let_go = executor._let_go

    def silent(*args: Any) -> None:
        if sys.exc_info()[0] is not Dies:
            let_go(*args)

    executor._let_go = silent  # type: ignore[assignment]
    try:
        yield
    finally:
        executor._let_go = let_go


def carry_through(run: Run, lab: RunningLab, captains: Captains | None = None) -> list[str]:
    """To its end, with a person who confirms and decides: what they were asked. A lease of a dead worker has run out
    when the next one comes."""
    bo, deadline = Person(run, lab), time.monotonic() + PATIENCE_S
    with without_last_words():
        while True:
            if bo.needed():
                bo.decide()
                run.refresh_from_db()
            if run.ended:
                return bo.asked
            if time.monotonic() > deadline:
                raise NotRight(f"it stands at step {run.index}, {run.state}: {run.reason}")
            if run.state in MOVING:
                try:
                    executor.tick(run.pk, "test", captains)
                except Dies:
                    Run.objects.filter(pk=run.pk).update(lease_until=Now() - timedelta(seconds=1))
            run.refresh_from_db()
            if run.next_due_at and not run.waits_for_a_person:
                time.sleep(min(LOOKS_S, max(0.0, run.next_due_at.timestamp() - time.time())))


_known: dict[str, Undisturbed] = {}


def undisturbed(workflow: str) -> Undisturbed:
    """Carried through once per process, or once per log of a matrix."""
    if workflow not in _known:
        _known[workflow] = record.known(workflow) or _carried(workflow)
        record.remember(workflow, _known[workflow])
    return _known[workflow]


def _carried(workflow: str) -> Undisturbed:
    with workers_rest(), world(workflow) as (lab, run):
        return _watched(run, lab)


def _watched(run: Run, lab: RunningLab) -> Undisturbed:
    calls: dict[int, tuple[str, ...]] = {}
    seen = 0
    bo, deadline = Person(run, lab), time.monotonic() + PATIENCE_S
    while not run.ended:
        if bo.needed():
            bo.decide()
            run.refresh_from_db()
        index = run.index
        executor.tick(run.pk, "test")
        new = [call["name"].removeprefix("Async.") for call in lab.calls(changing=True)[seen:]]
        if new:
            calls[index] = (*calls.get(index, ()), *new)
            seen += len(new)
        run.refresh_from_db()
        if time.monotonic() > deadline or bo.asked:
            raise NotRight(
                f"undisturbed, it stands at step {run.index}, {run.state}: {run.reason} {bo.asked}"
            )
        if run.next_due_at:
            time.sleep(min(LOOKS_S, max(0.0, run.next_due_at.timestamp() - time.time())))
    return Undisturbed(
        picture=_settled(run),
        calls=calls,
        steps=tuple(run.steps.order_by("index").values_list("key", "state")),
        owed=run.debts.filter(paid_at=None).count(),
    )


def _settled(run: Run) -> dict[str, Any]:
    """The picture once it stands still."""
    last = None
    with suppress(NotRight):
        for _ in range(40):
            now = picture(run)
            if now == last:
                return now
            last = now
            time.sleep(0.5)
    raise NotRight(f"the pool does not come to rest: {last}")
