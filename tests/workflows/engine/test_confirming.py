"""A yes is bound to what was shown, and is good for one act."""

from __future__ import annotations

import pytest

from pools.encoding import facts_to
from pools.models import Pool
from tests.workflows.engine.driving import drive, drive_to_the_end, person, states, yes
from tests.workflows.engine.toyworld import ToyWorld
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import RunState, StepState
from workflows.models import Run, RunStep
from workflows.running import choices
from workflows.running.executor import tick

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(run: Run, world: ToyWorld) -> Run:
    """It waits before the first step that changes something: maintenance in CloudStack."""
    return drive(run, world)


def current(run: Run) -> RunStep:
    run.refresh_from_db()
    row = run.current()
    assert row
    return row


def until_step(run: Run, key: str, world: ToyWorld) -> RunStep:
    while current(drive(run, world)).key != key:
        yes(run, person("bo"))
    return current(run)


def test_what_was_shown_is_kept_with_its_digest(waiting: Run) -> None:
    row = current(waiting)
    assert row.shown
    assert row.shown["digest"] == row.digest
    assert [call["request"] for call in row.shown["calls"]] == [
        "POST command=prepareHostForMaintenance id=cs-amber-1"
    ]
    assert states(waiting)[:3] == ["done", "done", "confirm"]


def test_a_digest_of_something_else_is_refused_and_nothing_is_sent(waiting: Run, world: ToyWorld) -> None:
    with pytest.raises(choices.Moved):
        choices.confirm(waiting, waiting.index, person("bo"), "0" * 64)
    assert current(waiting).state == StepState.CONFIRM
    assert world.sent == []


def test_newer_facts_of_the_watcher_count_at_the_click(waiting: Run, world: ToyWorld, pool: Pool) -> None:
    row = current(waiting)
    tick(waiting.pk, "test", world)  # a look after which the watcher looks again
    newer = world.look(pool, world.facts).with_cs_host("cs-amber-1", state="Alert")
    Pool.objects.filter(pk=pool.pk).update(facts=facts_to(newer))
    waiting = Run.objects.get(pk=waiting.pk)
    with pytest.raises(choices.Moved) as refusal:
        choices.confirm(waiting, row.index, person("bo"), row.digest)
    assert any("holds no longer" in line for line in refusal.value.differences)


def test_a_world_that_moves_after_the_yes_gives_it_back(waiting: Run, world: ToyWorld) -> None:
    yes(waiting, person("bo"))
    world.facts = world.facts.with_cs_host("cs-amber-1", state="Alert")

    drive(waiting, world)

    row = current(waiting)
    assert waiting.state == RunState.CONFIRM
    assert row.confirmed_by is None
    assert row.differences
    assert world.sent == []
    assert waiting.journal.filter(kind="moved").exists()


def test_a_blocked_step_cannot_be_confirmed(waiting: Run, world: ToyWorld) -> None:
    world.facts = world.facts.with_cs_host("cs-amber-1", state="Alert")
    tick(waiting.pk, "test", world)
    row = current(waiting)
    with pytest.raises(choices.NotNow, match="CloudStack shows amber-1 Up"):
        choices.confirm(waiting, row.index, person("bo"), row.digest)


def test_a_second_click_is_told_who_was_first(waiting: Run) -> None:
    row = current(waiting)
    choices.confirm(waiting, row.index, person("bo"), row.digest)
    with pytest.raises(choices.NotNow, match="confirmed by bo already"):
        choices.confirm(waiting, row.index, person("ada"), row.digest)


def test_a_step_that_is_not_current_cannot_be_confirmed(waiting: Run) -> None:
    with pytest.raises(choices.NotNow):
        choices.confirm(waiting, waiting.index + 1, person("bo"), "")
    with pytest.raises(choices.NotNow):
        choices.confirm(waiting, 99, person("bo"), "")


def test_the_eject_wants_the_hosts_name_typed(run: Run, world: ToyWorld) -> None:
    row = until_step(run, "EjectFromPool", world)
    assert choices.name_to_type(run, row) == "amber-1"
    for typed in ("", "amber-2"):
        with pytest.raises(choices.NotNow, match="Type amber-1"):
            choices.confirm(run, row.index, person("bo"), row.digest, typed)
    choices.confirm(run, row.index, person("bo"), row.digest, "amber-1")
    assert drive_to_the_end(run, person("bo"), world).state == RunState.DONE


def test_what_somebody_did_by_hand_is_not_done_again(waiting: Run, world: ToyWorld) -> None:
    world.facts = world.facts.with_cs_host("cs-amber-1", resourcestate="Maintenance").with_vms_off(
        "h-amber-1"
    )

    tick(waiting.pk, "test", world)

    assert states(waiting)[2] == "already"
    assert drive_to_the_end(waiting, person("bo"), world).state == RunState.DONE
    assert "prepareHostForMaintenance" not in world.sent


def test_steps_that_are_not_needed_say_why(run: Run, world: ToyWorld) -> None:
    """HA was off when it began: there is nothing to remember, to turn off, or to restore."""
    world.facts = world.facts.with_ha(enabled=False)
    again = choices.plan_run(WORKFLOWS["remove-master"], run.pool, run.inputs, person("bo"), world.facts)
    choices.abort(run, person("bo"), False, "Planned again.")
    choices.start(again, person("bo"))
    drive_to_the_end(again, person("bo"), world)
    assert again.state == RunState.DONE
    row = again.steps.get(key="RestoreHa")
    assert (row.state, row.says) == ("not-needed", "Not needed: HA was off when the run began.")
    assert "pool.enable_ha" not in world.sent
