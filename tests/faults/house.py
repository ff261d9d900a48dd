"""Workers as processes of their own, and a run carried through by them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection

from tests.faults.carrying import NotRight, Person
from tests.faults.mortal import Orders
from tests.faults.processes import Workers, workers
from workflows.models import Run

PATIENCE_S = 900.0
LOOKS_S = 0.25
CHILDREN = 5
"""Of each worker: in a wave they die many at a time, and each needs a moment to be replaced."""


@dataclass
class House:
    """The processes, and what they are told."""

    workers: Workers
    orders: Orders


@dataclass
class Recoveries:
    """How long a run stood still after each death of its worker: until it was claimed again, which raises the fence."""

    orders: Orders
    run: int
    seconds: dict[tuple[int, str], float] = field(default_factory=dict)
    """By step and point."""
    _fences: dict[tuple[int, str], int] = field(default_factory=dict)

    def watch(self, run: Run) -> None:
        for death, at in self.orders.deaths(self.run).items():
            fence = self._fences.setdefault(death, run.fence)
            if death not in self.seconds and run.fence > fence:
                self.seconds[death] = time.time() - at


def carry_through(bo: Person, each_look: Callable[[Run], object]) -> list[str]:
    """Until the run has ended, with a person who confirms and decides: what they were asked. Raises NotRight."""
    run, deadline = bo.run, time.monotonic() + PATIENCE_S
    while True:
        try:
            if bo.needed():
                bo.decide()
                run.refresh_from_db()
            each_look(run)
        except DatabaseError:  # it is what is being cut
            connection.close()
        if run.ended:
            return bo.asked
        if time.monotonic() > deadline:
            raise NotRight(f"it stands at step {run.index + 1}, {run.state}: {run.reason}")
        time.sleep(LOOKS_S)


@pytest.fixture(scope="module")
def processes(broker: str, django_db_setup: None, django_db_blocker: object) -> Iterator[House]:
    """For one module alone: its workers would tick the runs of every later test on the same database."""
    with django_db_blocker.unblock(), house() as running:  # type: ignore[attr-defined]
        yield running


@pytest.fixture(scope="module")
def few_processes(broker: str, django_db_setup: None, django_db_blocker: object) -> Iterator[House]:
    """One worker and one beat, for a run at a time: half of what `processes` starts."""
    with django_db_blocker.unblock(), workers("tests.faults.mortal") as running:  # type: ignore[attr-defined]
        yield House(running, Orders(Path(settings.DATA_DIR)))


@contextmanager
def house() -> Iterator[House]:
    """Two workers and two beats, until the block ends."""
    with workers("tests.faults.mortal", CHILDREN) as running:
        running.second()
        running.beat("second-beat")
        yield House(running, Orders(Path(settings.DATA_DIR)))
