"""Where a worker dies: named points of a step, at which whatever runs is torn away.

Nothing of this lives in the product: the captains and the journal are wrapped from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from pools.clients.errors import AnswerLost
from pools.clients.xapi import Endpoint
from pools.facts import Facts
from pools.models import Pool
from workflows.engine.states import StepState
from workflows.models import RunStep
from workflows.running import executor, journal
from workflows.running.captains import Hands, TheCaptains

BEFORE_INTENT = "before intent"
AFTER_INTENT = "after intent"
REQUEST_LOST = "request sent and lost"
ANSWER_LOST = "request done, answer lost"
ANSWER_UNSAVED = "answer not saved"
POLLING = "while polling"
SAVING = "while saving done"

POINTS = (BEFORE_INTENT, AFTER_INTENT, REQUEST_LOST, ANSWER_LOST, ANSWER_UNSAVED, POLLING, SAVING)
WIRE = {REQUEST_LOST: "reset-before", ANSWER_LOST: "reset-after"}
"""Points at which the wire fails too: the lab's fault."""
OF_WAITS = (POLLING, SAVING)
"""Points that a step which only looks has too."""


class Doom(Protocol):
    """Whose time has come: called at every point of every step; does not return if the worker dies there."""

    def __call__(self, point: str, run: int, index: int) -> None: ...


@dataclass
class Mortal(TheCaptains):
    """The captains of a worker that may die wherever it touches them."""

    doom: Doom

    def look(self, pool: Pool, known: Facts) -> Facts:
        row = current(pool)
        if row and (row.state == StepState.WAITING or _answered(row)):
            self.doom(POLLING, row.run_id, row.index)
        return super().look(pool, known)

    @contextmanager
    def acting(self, pool: Pool, facts: Facts) -> Iterator[Hands]:
        row = current(pool)
        if row and row.state == StepState.CONFIRMED:
            self.doom(BEFORE_INTENT, row.run_id, row.index)
        with super().acting(pool, facts) as hands:
            yield _MortalHands(hands, self, row) if row else hands

    def around(self, row: RunStep, send: Callable[[], Any]) -> Any:
        """Send it, unless the worker's time has come."""
        self.doom(AFTER_INTENT, row.run_id, row.index)
        try:
            answer = send()
        except AnswerLost:
            for point in WIRE:
                self.doom(point, row.run_id, row.index)
            raise
        self.doom(ANSWER_UNSAVED, row.run_id, row.index)
        return answer


@dataclass
class _MortalHands:
    hands: Hands
    captains: Mortal
    row: RunStep

    @property
    def xapi(self) -> Any:
        return _MortalCaptain(self.hands.xapi, self)

    @property
    def cloudstack(self) -> Any:
        return _MortalCaptain(self.hands.cloudstack, self)

    def member(self, address: str) -> Any:
        return _MortalCaptain(self.hands.member(address), self)

    def at(self, way: Endpoint) -> Any:
        return _MortalCaptain(self.hands.at(way), self)

    def status(self, kind: str, id: str) -> Any:
        return self.hands.status(kind, id)


@dataclass
class _MortalCaptain:
    captain: Any
    hands: _MortalHands

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """`start`, `call` or `do`."""
        send = getattr(self.captain, name)

        def mortal(*args: Any, **params: Any) -> Any:
            return self.hands.captains.around(self.hands.row, lambda: send(*args, **params))

        return mortal


def current(pool: Pool) -> RunStep | None:
    """The step that the run which holds this pool is at."""
    run = pool.runs.filter(holds_pool=True).first()
    return run.current() if run else None


def _answered(row: RunStep) -> bool:
    last = row.last_attempt()
    return row.state == StepState.ACTING and last is not None and last.answered_at is not None


@contextmanager
def doomed(doom: Doom) -> Iterator[Mortal]:
    """Every worker of this process is mortal, until the block ends."""
    captains, write = Mortal(doom), journal.write

    def writes(run_id: int, kind: str, *args: Any, **more: Any) -> Any:
        if kind == str(StepState.DONE):
            doom(SAVING, run_id, more["step"])
        return write(run_id, kind, *args, **more)

    real = executor.TheCaptains
    journal.write = writes
    executor.TheCaptains = lambda: captains  # type: ignore[assignment,misc]
    try:
        yield captains
    finally:
        journal.write, executor.TheCaptains = write, real  # type: ignore[misc]
