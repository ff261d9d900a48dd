"""Ways a promise could break: an answer that comes too late, a half-done step, a choice at the wrong moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from pools.clients.errors import AnswerLost, Refused, Unreachable
from tests.workflows.engine.driving import drive, drive_to_the_end, person, yes
from tests.workflows.engine.toyworld import EFFECTS, IN_ORDER, ToyWorld
from workflows.catalogue import STEPS, WORKFLOWS
from workflows.engine.states import RunState, StepState
from workflows.models import Attempt, Run, RunStep
from workflows.running import choices, turn
from workflows.running.executor import tick

pytestmark = pytest.mark.django_db(transaction=True)

MAINTENANCE = "prepareHostForMaintenance"


def current(run: Run) -> RunStep:
    run.refresh_from_db()
    row = run.current()
    assert row
    return row


def until_step(run: Run, key: str, world: ToyWorld) -> RunStep:
    while current(drive(run, world)).key != key:
        yes(run, person("bo"))
    return current(run)


def confirmed(run: Run, key: str, world: ToyWorld) -> RunStep:
    """That step waits for nothing but a worker."""
    until_step(run, key, world)
    yes(run, person("bo"))
    return current(run)


def test_ha_stays_owed_when_a_lost_call_took_effect_before_the_second_was_refused(
    run: Run, world: ToyWorld
) -> None:
    not_on = Refused("XenServer", "HA_NOT_ENABLED")
    world.troubles["pool.disable_ha"] = [AnswerLost("pool.disable_ha", "reset"), not_on]
    drive_to_the_end(run, person("bo"), world)
    assert (run.state, current(run).error_code) == (RunState.FAILED, "HA_NOT_ENABLED")
    assert run.debts.filter(kind="ha", paid_at=None).exists()


@pytest.mark.parametrize("pay", [False, True])
def test_nobody_aborts_between_the_intent_and_the_call(
    run: Run, world: ToyWorld, monkeypatch: pytest.MonkeyPatch, pay: bool
) -> None:
    """The choice was open when it was judged; the worker writes its intent right after."""
    row = confirmed(run, "DesignateMaster", world)

    def worker_is_faster(_: str) -> None:
        RunStep.objects.filter(pk=row.pk).update(state=StepState.ACTING)

    monkeypatch.setattr(choices, "reasoned", worker_is_faster)
    with pytest.raises(choices.NotNow, match="being carried out"):
        choices.abort(run, person("ada"), pay, "Stop.")
    run.refresh_from_db()
    assert (run.state, run.index, run.ends_as) == (RunState.RUNNING, row.index, RunState.DONE)


def test_maintenance_that_began_although_its_answer_was_lost_is_waited_for(run: Run, world: ToyWorld) -> None:
    """CloudStack's job ends when the moves are scheduled: only the resource state shows that it began."""
    row = confirmed(run, "EnterMaintenance", world)
    world.troubles[MAINTENANCE] = [AnswerLost(MAINTENANCE, "reset")]
    tick(run.pk, "test", world)
    world.facts = world.facts.with_cs_host("cs-amber-1", resourcestate="PrepareForMaintenance")
    for _ in range(3):
        Run.objects.filter(pk=run.pk).update(next_due_at=None)
        tick(run.pk, "test", world)
    assert current(run).state == StepState.ACTING
    world.facts = EFFECTS[MAINTENANCE](world.facts, "cs-amber-1")
    drive(run, world)
    row.refresh_from_db()
    assert (row.state, world.sent) == (StepState.DONE, [])
    assert not run.journal.filter(kind="moved").exists()


def test_what_a_failed_try_did_in_the_end_is_taken_back_by_an_undo(run: Run, world: ToyWorld) -> None:
    confirmed(run, "EnterMaintenance", world)
    world.troubles[MAINTENANCE] = [AnswerLost(MAINTENANCE, "reset")]
    tick(run.pk, "test", world)
    world.facts = world.facts.with_cs_host("cs-amber-1", resourcestate="ErrorInMaintenance")
    assert drive(run, world).state == RunState.FAILED
    world.facts = EFFECTS[MAINTENANCE](world.facts, "cs-amber-1")
    choices.retry(run, person("bo"))
    until_step(run, "DisableHa", world)
    choices.undo(run, person("bo"), "The fan was mended.")
    drive_to_the_end(run, person("bo"), world)
    assert (run.state, world.sent) == (RunState.ABORTED, ["cancelHostMaintenance"])
    assert not run.debts.filter(paid_at=None).exists()


def test_after_a_retry_nothing_is_sent_without_a_new_yes(run: Run, world: ToyWorld) -> None:
    """The call vanished and its time ran out; the yes was for that call."""
    confirmed(run, "DesignateMaster", world)
    world.troubles["pool.designate_new_master"] = [AnswerLost("pool.designate_new_master", "reset")]
    tick(run.pk, "test", world)
    Attempt.objects.filter(step__run=run, outcome=Attempt.Outcome.LOST).update(
        outcome=Attempt.Outcome.OVERDUE
    )
    RunStep.objects.filter(run=run, key="DesignateMaster").update(state=StepState.FAILED)
    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED)
    choices.retry(Run.objects.get(pk=run.pk), person("bo"))
    assert drive(run, world).state == RunState.CONFIRM
    assert "pool.designate_new_master" not in world.sent
    assert drive_to_the_end(run, person("bo"), world).state == RunState.DONE
    assert world.sent == IN_ORDER


def test_a_yes_that_grew_old_while_no_worker_was_there_is_given_back(run: Run, world: ToyWorld) -> None:
    row = confirmed(run, "DisableHa", world)
    RunStep.objects.filter(pk=row.pk).update(confirmed_at=timezone.now() - timedelta(hours=8))
    assert drive(run, world).state == RunState.CONFIRM
    assert "pool.disable_ha" not in world.sent
    assert "grown old" in run.journal.get(kind="moved").says


def test_ha_set_otherwise_during_the_maintenance_is_not_turned_off(run: Run, world: ToyWorld) -> None:
    """What would be restored is not what would be lost."""
    until_step(run, "DisableHa", world)
    world.facts = world.facts.with_ha(timeout_s=60)
    tick(run.pk, "test", world)
    row = current(run)
    with pytest.raises(choices.NotNow, match="HA is set as it was when the run began"):
        choices.confirm(run, row.index, person("bo"), row.digest)


def test_the_run_is_not_over_while_ha_is_off_again(
    run: Run, world: ToyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It went off after the look that proved the restore done, which has grown old when the last step is judged."""
    monkeypatch.setattr(turn, "FRESH_S", -1.0)
    until_step(run, "RestoreHa", world)
    yes(run, person("bo"))
    drive(run, world, until=lambda r: current(r).key == "BothCaptainsAgree")
    world.facts = world.facts.with_ha(enabled=False)
    tick(run.pk, "test", world)
    Run.objects.filter(pk=run.pk).update(next_due_at=None)
    tick(run.pk, "test", world)
    assert (current(run).key, run.state) == ("BothCaptainsAgree", RunState.RUNNING)


def test_the_look_that_proves_a_step_done_shows_the_next_and_is_none_to_act_on(
    run: Run, world: ToyWorld
) -> None:
    until_step(run, "RestoreHa", world)
    yes(run, person("bo"))
    looked = world.looks
    tick(run.pk, "test", world)
    assert (current(run).state, world.looks) == (StepState.ACTING, looked + 1), "a look of its own to act on"
    tick(run.pk, "test", world)
    run.refresh_from_db()
    assert (run.state, world.looks) == (RunState.DONE, looked + 2), "one look for the two steps that are over"


def test_a_step_of_two_calls_that_was_cut_in_the_middle_is_in_doubt_and_not_unsent(
    run: Run, world: ToyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old key is removed; the master is away before the new one is set."""
    monkeypatch.setitem(
        EFFECTS, "pool.remove_from_other_config", lambda f, *_: f.with_ha(default_timeout_s=None)
    )
    monkeypatch.setitem(
        EFFECTS,
        "pool.add_to_other_config",
        lambda f, _ref, _key, value: f.with_ha(default_timeout_s=int(value)),
    )
    world.troubles["pool.add_to_other_config"] = [Unreachable("refused", "amber-1"), None]
    choices.abort(run, person("bo"), False, "Another workflow.")
    change = WORKFLOWS["change-ha-timeout"]
    other = choices.plan_run(change, run.pool, {"timeout": "240"}, person("bo"), world.facts)
    choices.start(other, person("bo"))
    confirmed(other, "SetTimeoutGuard", world)
    drive(other, world)
    (attempt,) = Attempt.objects.filter(step__key="SetTimeoutGuard")
    assert attempt.outcome != Attempt.Outcome.UNSENT
    assert "Nothing more was sent" in other.journal.get(kind="moved").says
    until_step(other, "DisableHa", world)
    assert world.facts.pool
    assert world.facts.pool.ha.default_timeout_s == 240


def test_a_vote_counts_for_the_plan_that_was_read_even_if_the_plan_moves_at_that_moment(
    run: Run, world: ToyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.running import asking

    Run.objects.filter(pk=run.pk).update(state=RunState.APPROVAL, approvals_needed=1)
    real, read = asking.moved, run.fingerprint

    def plan_moves(run: Run, *args: object, **more: object) -> None:
        Run.objects.filter(pk=run.pk).update(fingerprint="f" * 64)
        real(run, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(asking, "moved", plan_moves)
    with pytest.raises(choices.Moved):
        choices.vote(run, person("ada"), True, "", read)
    run.refresh_from_db()
    assert run.state == RunState.APPROVAL
    assert not run.approvals.exists()


def test_a_cluster_that_cloudstack_does_not_show_is_no_proof_that_the_host_is_deleted(
    run: Run, world: ToyWorld
) -> None:
    until_step(run, "DeleteInCloudStack", world)
    world.facts = world.facts.with_cloudstack(cluster="", hosts=())
    tick(run.pk, "test", world)
    row = current(run)
    assert (row.key, row.state) == ("DeleteInCloudStack", StepState.CONFIRM)
    assert row.shown
    assert row.shown["blocked"]
    assert "shows no cluster amber" in row.shown["unknown"]


def test_every_step_that_owes_says_how_it_is_taken_back() -> None:
    assert [key for key, step in STEPS.items() if step.owes and not step.undo_with] == []
