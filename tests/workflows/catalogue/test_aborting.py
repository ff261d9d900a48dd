"""A run may be stopped anywhere: what it leaves owing is on record, and settle-debts puts it back.

Here each workflow is stopped half-way, where it owes most; at every step by `make catalogue` (matrix.py).
"""

from __future__ import annotations

import pytest

from tests.workflows.catalogue.projecting import (
    VARIANTS,
    acting,
    begun,
    payable,
    settled,
    stopped,
    to_the_end,
    told,
)
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import RunState
from workflows.running import journal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker", "at_once")]


@pytest.mark.parametrize("variant", ["elect-master, HA armed", "settle-debts"])
def test_it_ends_well_with_nothing_owed_but_on_purpose(variant: str) -> None:
    run, world = begun(variant)
    to_the_end(run, world)
    assert run.state == RunState.DONE, (run.reason, told(run))
    owed = {debt.kind for debt in run.debts.filter(paid_at=None) if payable(debt.kind, world)}
    assert owed == set(WORKFLOWS[run.workflow].leaves)
    assert journal.verify(run) == []


def half_way() -> list[object]:
    lengths = {variant: len(acting(variant)) for variant in VARIANTS if variant != "settle-debts"}
    return [pytest.param(v, n // 2, id=f"{v}-{n // 2}") for v, n in lengths.items() if n > 1]


@pytest.mark.parametrize("variant, after", half_way())
def test_stopped_half_way_what_it_owes_is_put_back(variant: str, after: int) -> None:
    run, world = stopped(variant, after)
    assert [kind for kind in settled(run, world) if payable(kind, world)] == []
