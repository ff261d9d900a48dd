"""An input was the cause: other inputs for what is left, approved anew where the policy asks for that."""

from __future__ import annotations

import pytest

from pools.clients.errors import Refused
from pools.encoding import facts_to
from pools.models import Pool
from tests.workflows.engine.driving import drive, drive_to_the_end, person
from tests.workflows.engine.toyworld import IN_ORDER, ToyWorld
from workflows.engine.states import RunState, StepState
from workflows.models import Run
from workflows.running import choices, journal

pytestmark = pytest.mark.django_db(transaction=True)

OTHER = {"successor": "h-amber-3"}


@pytest.fixture
def failed(run: Run, world: ToyWorld) -> Run:
    """amber-2 does not take the role of master."""
    world.troubles["pool.designate_new_master"] = [Refused("XenServer", "HOST_IS_SLAVE", "h-amber-2")]
    drive_to_the_end(run, person("bo"), world)
    Pool.objects.filter(pk=run.pool_id).update(facts=facts_to(world.facts), looked_at=world.facts.at)
    return Run.objects.get(pk=run.pk)


@pytest.fixture
def asked(failed: Run) -> Run:
    """bo's correction, which waits for somebody else."""
    Pool.objects.filter(pk=failed.pool_id).update(approvals_needed=1)
    failed.pool.refresh_from_db()
    choices.correct(failed, person("bo"), OTHER)
    return Run.objects.get(pk=failed.pk)


def fingerprint(run: Run) -> str:
    assert run.correction
    return str(run.correction["fingerprint"])


def test_the_run_goes_on_with_another_master_and_does_nothing_twice(failed: Run, world: ToyWorld) -> None:
    choices.correct(failed, person("bo"), OTHER)
    assert drive_to_the_end(failed, person("bo"), world).state == RunState.DONE
    assert world.facts.pool and world.facts.pool.master == "h-amber-3"
    assert world.sent == IN_ORDER
    assert journal.verify(failed) == []


def test_what_is_left_is_laid_out_with_the_new_name(failed: Run, world: ToyWorld) -> None:
    was = failed.fingerprint
    choices.correct(failed, person("bo"), OTHER)
    run = Run.objects.get(pk=failed.pk)
    row = run.current()
    assert row and (row.title, row.state) == ("Make amber-3 the master", StepState.TODO)
    assert run.inputs["successor"] == "h-amber-3"
    assert run.fingerprint != was


def test_the_corrected_step_is_confirmed_again(failed: Run, world: ToyWorld) -> None:
    choices.correct(failed, person("bo"), OTHER)
    assert drive(failed, world).state == RunState.CONFIRM


def test_with_a_policy_it_waits_for_somebody_elses_yes_and_keeps_the_pool(asked: Run) -> None:
    assert asked.state == RunState.FAILED and asked.holds_pool
    with pytest.raises(choices.NotNow, match="somebody else"):
        choices.vote_on_correction(asked, person("bo"), True, "", fingerprint(asked))
    choices.vote_on_correction(asked, person("ada"), True, "", fingerprint(asked))
    run = Run.objects.get(pk=asked.pk)
    assert (run.state, run.correction, run.inputs["successor"]) == (RunState.RUNNING, None, "h-amber-3")


def test_a_no_drops_the_correction_and_the_run_stands_as_before(asked: Run) -> None:
    with pytest.raises(choices.NotNow, match="reason"):
        choices.vote_on_correction(asked, person("ada"), False, " ", fingerprint(asked))
    choices.vote_on_correction(asked, person("ada"), False, "amber-3 is old.", fingerprint(asked))
    run = Run.objects.get(pk=asked.pk)
    assert (run.state, run.correction, run.inputs["successor"]) == (RunState.FAILED, None, "h-amber-2")


def test_what_was_refused_may_be_proposed_again_and_whoever_refused_it_may_agree(asked: Run) -> None:
    choices.vote_on_correction(asked, person("ada"), False, "amber-3 is old.", fingerprint(asked))
    choices.correct(asked, person("bo"), OTHER)
    with pytest.raises(choices.NotNow, match="somebody else"):
        choices.vote_on_correction(asked, person("bo"), True, "", fingerprint(asked))
    choices.vote_on_correction(asked, person("ada"), True, "", fingerprint(asked))
    assert Run.objects.get(pk=asked.pk).state == RunState.RUNNING
    votes = asked.journal.filter(kind="voted").order_by("seq")
    assert [vote.data["yes"] for vote in votes] == [False, True]


def test_a_yes_from_before_a_no_does_not_count_when_it_is_proposed_again(failed: Run) -> None:
    Pool.objects.filter(pk=failed.pool_id).update(approvals_needed=2)
    failed.pool.refresh_from_db()
    for who, word in (("ada", True), ("cy", False), ("dee", True)):
        if failed.correction is None:
            choices.correct(failed, person("bo"), OTHER)
        choices.vote_on_correction(failed, person(who), word, "amber-3 is old.", fingerprint(failed))
        failed.refresh_from_db()
    assert failed.correction and failed.state == RunState.FAILED
    with pytest.raises(choices.NotNow, match="already said"):
        choices.vote_on_correction(failed, person("dee"), True, "", fingerprint(failed))


def test_a_vote_about_something_else_is_refused(asked: Run) -> None:
    with pytest.raises(choices.Moved):
        choices.vote_on_correction(asked, person("ada"), True, "", "f" * 64)


def test_a_retry_meanwhile_drops_the_correction(asked: Run) -> None:
    mark = fingerprint(asked)
    choices.retry(asked, person("bo"))
    with pytest.raises(choices.NotNow, match="No corrected inputs"):
        choices.vote_on_correction(asked, person("ada"), True, "", mark)


def test_what_was_done_with_the_former_input_is_not_forgotten(failed: Run) -> None:
    with pytest.raises(choices.NotNow):
        choices.correct(failed, person("bo"), {"host": "h-amber-4"})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"successor": "h-amber-2"}, "has already"),
        ({"successor": "h-basalt-1"}, "cannot be chosen"),
        ({"successor": "<script>alert(1)</script>"}, "cannot be chosen"),
        ({"evil": "x"}, "no input"),
        ({}, "has already"),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(failed: Run, given: dict[str, str], says: str) -> None:
    with pytest.raises(choices.NotNow, match=says):
        choices.correct(failed, person("bo"), given)
    assert Run.objects.get(pk=failed.pk).state == RunState.FAILED


def test_what_may_be_under_way_comes_first(failed: Run) -> None:
    row = failed.current()
    assert row
    row.attempts.update(outcome="overdue")
    with pytest.raises(choices.NotNow, match="under way"):
        choices.correct(failed, person("bo"), OTHER)
