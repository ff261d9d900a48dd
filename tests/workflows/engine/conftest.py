"""Runs on the toy world: pool amber as made facts, ada, bo and cy."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pools.models import Pool
from pools.secret import Secret
from tests.workflows.engine.driving import person
from tests.workflows.engine.toyworld import ToyWorld
from workflows.catalogue import STEPS, WORKFLOWS
from workflows.models import Run
from workflows.running import choices

INPUTS = {"host": "h-amber-1", "successor": "h-amber-2"}


@pytest.fixture(autouse=True)
def _hints_go_somewhere(broker: str) -> None:
    """Every move sends a tick's message; nobody reads them here, but finding no broker takes time each."""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> ToyWorld:
    """It obeys at once, so that nothing has to be given time to show itself."""
    for step in STEPS.values():
        monkeypatch.setattr(step, "settle", 0.0)
    return ToyWorld()


@pytest.fixture
def pool(transactional_db: None) -> Pool:
    return Pool.objects.create(
        name="amber", uuid="p-amber", addresses=["127.10.1.1"], password=Secret("-"), approvals_needed=0
    )


@pytest.fixture
def plan(pool: Pool, world: ToyWorld) -> Callable[[], Run]:
    """Plans remove-master as bo."""

    def planned() -> Run:
        return choices.plan_run(WORKFLOWS["remove-master"], pool, dict(INPUTS), person("bo"), world.facts)

    return planned


@pytest.fixture
def run(plan: Callable[[], Run]) -> Run:
    """Remove-master, started by bo."""
    planned = plan()
    choices.start(planned, person("bo"))
    planned.refresh_from_db()
    return planned
