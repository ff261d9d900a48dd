"""Workers as processes of their own, for many runs one after the other, and a run carried through by them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from lab.testing import RunningLab
from tests.faults.carrying import NotRight, Person
from tests.faults.mortal import Orders
from tests.faults.processes import Workers, workers
from workflows.models import Run

PATIENCE_S = 900.0
LOOKS_S = 0.1


@dataclass
class House:
    """The processes, and what they are told."""

    workers: Workers
    orders: Orders
    recoveries: dict[tuple[int, str], float] = field(default_factory=dict)
    """Step and point at which a worker was killed → seconds until the run was claimed again."""
    _fences: dict[tuple[int, str], int] = field(default_factory=dict)

    def carry_through(
        self,
        run: Run,
        lab: RunningLab,
        trouble: Callable[[Run], object] | None = None,
        say_yes: Callable[[Run], object] | None = None,
    ) -> list[str]:
        """Until the run has ended, with a person who confirms and decides: what they were asked. `trouble` is called
        at every look; `say_yes` is another way to confirm."""
        self.recoveries.clear()
        self._fences.clear()
        bo, deadline = Person(run, lab), time.monotonic() + PATIENCE_S
        bo.say_yes = say_yes or bo.say_yes
        while True:
            if bo.needed():
                bo.decide()
            if run.ended:
                return bo.asked
            if time.monotonic() > deadline:
                raise NotRight(f"it stands at step {run.index}, {run.state}: {run.reason}")
            self.workers.mind()
            self._watch(run)
            if trouble:
                trouble(run)
            time.sleep(LOOKS_S)

    def _watch(self, run: Run) -> None:
        """Note when the run is claimed again after a death: a claim raises the fence."""
        for death, at in self.orders.deaths(run.pk).items():
            fence = self._fences.setdefault(death, run.fence)
            if death not in self.recoveries and run.fence > fence:
                self.recoveries[death] = time.time() - at


@contextmanager
def house() -> Iterator[House]:
    """Two workers and two beats, until the block ends."""
    with workers("tests.faults.mortal") as running:
        running.second()
        running.beat("second-beat")
        yield House(running, Orders(Path(settings.DATA_DIR)))
