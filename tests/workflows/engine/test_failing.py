"""What goes wrong becomes a page with choices, and what is owed is known throughout."""

from __future__ import annotations

import pytest

from pools.clients.errors import AnswerLost, Refused, Unreachable
from tests.workflows.engine.driving import drive, drive_to_the_end, person, states, yes
from tests.workflows.engine.toyworld import EFFECTS, IN_ORDER, ToyWorld
from workflows.catalogue import STEPS
from workflows.engine.states import RunState, StepState
from workflows.engine.step import Resend
from workflows.models import Attempt, Run
from workflows.running import choices, journal
from workflows.running.executor import tick

pytestmark = pytest.mark.django_db(transaction=True)

HA_ON = Refused("XenServer", "HA_IS_ENABLED", "x")


def until_done(run: Run, key: str, world: ToyWorld) -> Run:
    """Confirm all up to that step, which is done then; the next one waits or has failed."""
    while drive(run, world).state == RunState.CONFIRM:
        row = run.current()
        assert row
        if run.steps.get(key=key).over:
            return run
        yes(run, person("bo"))
    return run


def failing_at_designate(run: Run, world: ToyWorld) -> Run:
    """HA is off by then and the host in maintenance; XAPI refuses the new master."""
    world.troubles["pool.designate_new_master"] = [HA_ON]
    return drive_to_the_end(run, person("bo"), world)


def opened(run: Run) -> set[str]:
    return {option.name for option in choices.options(run) if option.open}


def test_a_refusal_is_kept_in_the_captains_own_words(run: Run, world: ToyWorld) -> None:
    failing_at_designate(run, world)
    row = run.current()
    assert row
    assert (run.state, row.state) == (RunState.FAILED, StepState.FAILED)
    assert (row.error_code, row.error_params) == ("HA_IS_ENABLED", ["x"])
    assert run.holds_pool
    assert opened(run) == {"retry", "correct", "undo", "abort", "abort-pay"}


def test_a_retry_is_confirmed_again_and_goes_on(run: Run, world: ToyWorld) -> None:
    failing_at_designate(run, world)
    choices.retry(run, person("bo"))
    assert drive(run, world).state == RunState.CONFIRM
    assert drive_to_the_end(run, person("bo"), world).state == RunState.DONE
    assert world.sent == IN_ORDER


def test_a_captain_that_takes_no_connection_is_tried_again_by_itself(run: Run, world: ToyWorld) -> None:
    world.troubles["pool.disable_ha"] = [Unreachable("refused", "amber-1"), None]
    assert drive_to_the_end(run, person("bo"), world).state == RunState.DONE
    assert world.sent == IN_ORDER
    outcomes = (
        Attempt.objects.filter(step__key="DisableHa").order_by("number").values_list("outcome", flat=True)
    )
    assert list(outcomes) == [Attempt.Outcome.UNSENT, Attempt.Outcome.DONE]


def test_a_refusal_that_goes_by_is_tried_again_by_itself(
    run: Run, world: ToyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(STEPS["DisableHa"], "goes_by", ("HA_IS_ENABLED",))
    world.troubles["pool.disable_ha"] = [HA_ON, HA_ON, None]
    assert drive_to_the_end(run, person("bo"), world).state == RunState.DONE
    assert world.sent == IN_ORDER
    outcomes = (
        Attempt.objects.filter(step__key="DisableHa").order_by("number").values_list("outcome", flat=True)
    )
    assert list(outcomes) == [Attempt.Outcome.REFUSED] * 2 + [Attempt.Outcome.DONE]


def test_a_refusal_that_does_not_go_by_after_all_is_a_failure_while_the_yes_is_fresh(
    run: Run, world: ToyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(STEPS["DisableHa"], "goes_by", ("HA_IS_ENABLED",))
    monkeypatch.setattr("workflows.running.acting.AGAIN_FOR_S", 0.0)
    world.troubles["pool.disable_ha"] = [HA_ON, None]
    drive_to_the_end(run, person("bo"), world)
    row = run.current()
    assert row
    assert (run.state, row.error_code) == (RunState.FAILED, "HA_IS_ENABLED")


def test_one_that_never_takes_it_fails_in_the_end_and_nothing_is_owed_for_it(
    run: Run, world: ToyWorld
) -> None:
    world.troubles["pool.disable_ha"] = [Unreachable("refused", "amber-1")] * 20
    drive_to_the_end(run, person("bo"), world)
    assert run.state == RunState.FAILED
    assert run.current().error_code == "refused"  # type: ignore[union-attr]
    assert not run.debts.filter(kind="ha", paid_at=None).exists()


def test_an_answer_that_is_lost_is_looked_for_and_not_sent_again(run: Run, world: ToyWorld) -> None:
    until_done(run, "BothCaptainsFollow", world)
    world.troubles["pool.eject"] = [AnswerLost("pool.eject", "reset")]
    yes(run, person("bo"))
    drive(run, world, until=lambda r: Attempt.objects.filter(outcome=Attempt.Outcome.LOST).exists())
    world.facts = world.facts.without_host("h-amber-1")  # it did arrive
    assert drive_to_the_end(run, person("bo"), world).state == RunState.DONE
    assert "pool.eject" not in world.sent
    assert run.journal.filter(kind="lost").count() == 1


class TestInDoubt:
    @pytest.fixture
    def doubtful(self, run: Run, world: ToyWorld, monkeypatch: pytest.MonkeyPatch) -> Run:
        """Nobody can tell whether the eject arrived, and sending it twice could hurt."""
        monkeypatch.setattr(STEPS["EjectFromPool"], "resend", Resend.ASK)
        world.troubles["pool.eject"] = [AnswerLost("pool.eject", "reset")]
        return drive_to_the_end(run, person("bo"), world)

    def test_the_run_stops_and_says_what_it_saw(self, doubtful: Run) -> None:
        row = doubtful.current()
        assert row
        assert doubtful.state == RunState.DOUBT
        assert "It is not done." in row.seen
        assert opened(doubtful) == {"it-happened", "it-did-not", "abort"}

    def test_a_person_says_that_it_happened(self, doubtful: Run, world: ToyWorld) -> None:
        world.facts = world.facts.without_host("h-amber-1")
        choices.it_happened(doubtful, person("ada"), "Its console shows a fresh install.")
        assert drive_to_the_end(doubtful, person("bo"), world).state == RunState.DONE
        assert "pool.eject" not in world.sent

    def test_a_person_says_that_it_did_not(self, doubtful: Run, world: ToyWorld) -> None:
        with pytest.raises(choices.NotNow, match="why"):
            choices.it_did_not(doubtful, person("ada"), "")
        choices.it_did_not(doubtful, person("ada"), "The master's log has no eject.")
        assert drive(doubtful, world).state == RunState.CONFIRM
        assert drive_to_the_end(doubtful, person("bo"), world).state == RunState.DONE
        assert world.sent == IN_ORDER


class TestEndingEarly:
    def test_what_is_owed_is_on_record_from_the_intent_on(self, run: Run, world: ToyWorld) -> None:
        failing_at_designate(run, world)
        kinds = set(run.debts.filter(paid_at=None).values_list("kind", flat=True))
        assert kinds == {"ha", "maintenance"}
        assert "nfs-hb, 180 s, 1 failure" in run.debts.get(kind="ha").says

    def test_abort_and_pay_puts_back_what_is_owed_and_ends(self, run: Run, world: ToyWorld) -> None:
        failing_at_designate(run, world)
        choices.abort(run, person("bo"), True, "The window is over.")
        drive_to_the_end(run, person("bo"), world)
        assert run.state == RunState.ABORTED
        assert world.facts.pool
        assert world.facts.pool.ha.enabled
        assert world.facts.cloudstack
        assert world.facts.cloudstack.hosts[0].resourcestate == "Enabled"
        assert not run.debts.filter(paid_at=None).exists()
        assert "cancelled" in states(run)
        assert not run.holds_pool

    def test_abort_after_the_eject_pays_with_the_steps_that_were_planned(
        self, run: Run, world: ToyWorld
    ) -> None:
        until_done(run, "EjectFromPool", world)
        choices.abort(run, person("bo"), True, "Enough.")
        drive_to_the_end(run, person("bo"), world)
        assert run.state == RunState.ABORTED
        assert world.sent == IN_ORDER
        assert not run.debts.filter(paid_at=None).exists()

    def test_leave_as_is_frees_the_pool_and_keeps_the_debts(self, run: Run, world: ToyWorld) -> None:
        failing_at_designate(run, world)
        choices.abort(run, person("bo"), False, "I do it by hand.")
        assert run.state == RunState.ABORTED
        run.refresh_from_db()
        assert not run.holds_pool
        assert run.debts.filter(paid_at=None).count() == 2

    def test_undo_takes_back_what_was_done_last_first(self, run: Run, world: ToyWorld) -> None:
        until_done(run, "BothCaptainsFollow", world)
        choices.undo(run, person("bo"), "The fan was mended.")
        drive_to_the_end(run, person("bo"), world)
        assert run.state == RunState.ABORTED
        assert world.sent[3:] == ["pool.designate_new_master", "pool.enable_ha", "cancelHostMaintenance"]
        assert world.facts.pool
        assert world.facts.pool.master == "h-amber-1"
        assert not run.debts.filter(paid_at=None).exists()
        assert journal.verify(run) == []

    def test_nothing_is_undone_after_the_point_of_no_return(self, run: Run, world: ToyWorld) -> None:
        until_done(run, "EjectFromPool", world)
        with pytest.raises(choices.NotNow, match="no way back"):
            choices.undo(run, person("bo"))

    def test_a_step_that_others_rely_on_is_not_skipped(self, run: Run, world: ToyWorld) -> None:
        failing_at_designate(run, world)
        with pytest.raises(choices.NotNow, match="rely"):
            choices.skip(run, person("bo"), "Why not.")

    def test_a_step_that_may_be_skipped_is_skipped_with_a_reason(
        self, run: Run, world: ToyWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        enable = EFFECTS["pool.enable_ha"]
        monkeypatch.setitem(EFFECTS, "pool.enable_ha", lambda *a: enable(*a).with_ha(failures_to_tolerate=0))
        while (row := drive(run, world).current()) and row.key != "RestoreTolerance":
            yes(run, person("bo"))
        choices.skip(run, person("bo"), "It is fine so.")
        assert drive_to_the_end(run, person("bo"), world).state == RunState.DONE
        assert run.steps.get(key="RestoreTolerance").says == "Skipped by bo: It is fine so."

    def test_a_run_that_has_ended_takes_no_choice(self, run: Run, world: ToyWorld) -> None:
        choices.abort(run, person("bo"), False, "No.")
        assert opened(run) == set()
        for choice in (choices.retry, choices.undo, choices.take_over):
            with pytest.raises(choices.NotNow):
                choice(run, person("ada"))


def test_taking_over_makes_an_owner_and_an_entry(run: Run) -> None:
    choices.take_over(run, person("ada"), "Bo's shift is over.")
    run.refresh_from_db()
    assert run.owner == person("ada")
    assert run.journal.filter(kind="took-over", actor="ada").exists()
    with pytest.raises(choices.NotNow, match="yours already"):
        choices.take_over(run, person("ada"))


def test_a_plan_that_cannot_be_made_says_so_on_the_run(
    run: Run, world: ToyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        raise KeyError("colour")

    monkeypatch.setattr(STEPS["EnterMaintenance"], "done", broken)
    tick(run.pk, "test", world)
    run.refresh_from_db()
    assert run.state == RunState.STARTING
    assert "KeyError" in run.reason


def test_a_step_that_cannot_judge_fails_with_a_page(
    run: Run, world: ToyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        raise KeyError("colour")

    drive(run, world)
    monkeypatch.setattr(STEPS["EnterMaintenance"], "done", broken)
    yes(run, person("bo"))
    drive_to_the_end(run, person("bo"), world)
    row = run.current()
    assert row
    assert (run.state, row.error_code, row.error_params[0]) == (RunState.FAILED, "BROKEN_STEP", "KeyError")
