"""A worker that dies at any moment at which it touches the world: the next one goes on, and nothing is sent twice."""

from __future__ import annotations

import pytest

from tests.workflows.engine.driving import drive, person, yes
from tests.workflows.engine.toyworld import IN_ORDER, Dies, ToyWorld
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import journal

pytestmark = pytest.mark.django_db(transaction=True)

EVERY = 7
"""A worker dies at every seventh moment; starting at each of the first seven, every moment has its turn."""


def to_the_end(run: Run, world: ToyWorld) -> None:
    """Confirm whatever is asked; start a new worker whenever one dies."""
    while True:
        try:
            if drive(run, world).state != RunState.CONFIRM:
                return
        except Dies:
            continue
        yes(run, person("bo"))


def test_a_run_that_nobody_disturbs_sends_each_call_once_in_order(run: Run, world: ToyWorld) -> None:
    to_the_end(run, world)

    assert run.state == RunState.DONE, run.reason
    assert world.sent == IN_ORDER


@pytest.mark.parametrize("first", range(1, EVERY + 1))
def test_wherever_the_worker_dies_each_call_takes_effect_once(run: Run, world: ToyWorld, first: int) -> None:
    world.dies_at = range(first, 1_000, EVERY)

    to_the_end(run, world)

    assert run.state == RunState.DONE, run.reason
    assert world.sent == IN_ORDER
    assert world.moments > 40
    assert not run.debts.filter(paid_at=None).exists()
    assert journal.verify(run) == []
