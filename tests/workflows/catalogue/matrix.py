"""`make catalogue`: each workflow is stopped before, and refused at, each of its steps. Minutes; not in `make test`."""

from __future__ import annotations

import pytest

from pools.clients.errors import Refused
from tests.workflows.catalogue.changing import CHANGES, comes_to_rest
from tests.workflows.catalogue.projecting import (
    VARIANTS,
    acting,
    begun,
    payable,
    settled,
    stopped,
    told,
    walked,
)
from tests.workflows.engine.driving import drive, person, yes
from workflows.engine.states import RunState
from workflows.running import choices, journal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker", "at_once")]


def everywhere() -> list[object]:
    return [
        pytest.param(variant, after, id=f"{variant}-{after}")
        for variant in VARIANTS
        for after in range(len(acting(variant)))
    ]


@pytest.mark.parametrize("variant, after", everywhere())
def test_stopped_before_any_step_what_it_owes_is_put_back(variant: str, after: int) -> None:
    run, world = stopped(variant, after)
    assert journal.verify(run) == []
    if variant != "settle-debts":
        assert [kind for kind in settled(run, world) if payable(kind, world)] == []


@pytest.mark.parametrize("variant, after", everywhere())
def test_refused_at_any_step_it_stops_with_the_captains_words_and_goes_on_when_asked(
    variant: str, after: int
) -> None:
    run, world = begun(variant)
    walked(run, world, after)
    row = run.current()
    assert row and row.shown, (run.reason, told(run))
    before, sent = world.facts, len(world.sent)
    world.refuse_next = Refused(
        "XenServer", "OTHER_OPERATION_IN_PROGRESS", "pool", "OpaqueRef:p", "apply_updates"
    )
    yes(run, person("bo"))
    drive(run, world)
    if {call["system"] for call in row.shown["calls"]} <= {"Baton"}:
        return  # a statement, or a policy of ours: no captain could refuse it

    assert run.state == RunState.FAILED
    row.refresh_from_db()
    assert (row.error_code, row.error_params[-1]) == ("OTHER_OPERATION_IN_PROGRESS", "apply_updates")
    assert (world.facts, len(world.sent)) == (before, sent)
    assert not run.debts.filter(step_index=row.index, paid_at=None).exists()

    choices.retry(run, person("bo"))
    assert drive(run, world).state == RunState.CONFIRM, (run.reason, told(run))
    assert run.index == row.index


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("variant, after", everywhere())
def test_when_the_world_changes_it_goes_on_or_says_why_not(variant: str, after: int, change: str) -> None:
    comes_to_rest(variant, after, CHANGES[change])
