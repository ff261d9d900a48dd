"""What the pool's policy asks of people, and the version that a plan is pinned to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User

from pools.models import Pool
from tests.workflows.engine.driving import drive, person, yes
from tests.workflows.engine.toyworld import ToyWorld
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import choices, versions
from workflows.running.executor import tick

pytestmark = pytest.mark.django_db(transaction=True)


def policy(pool: Pool, **wanted: object) -> None:
    Pool.objects.filter(pk=pool.pk).update(**wanted)
    pool.refresh_from_db()


@pytest.fixture
def asked(plan: Callable[[], Run], pool: Pool) -> Run:
    """bo's plan to remove the master waits for one approval."""
    policy(pool, approvals_needed=1)
    run = plan()
    choices.request_approval(run, person("bo"))
    return run


def test_a_run_with_a_step_without_a_way_back_may_need_more_approvals(
    plan: Callable[[], Run], pool: Pool
) -> None:
    policy(pool, approvals_needed=0, approvals_by_risk={"final": 2, "low": 0})
    assert plan().approvals_needed == 2


def test_the_yes_of_somebody_who_was_demoted_does_not_count(asked: Run, pool: Pool, world: ToyWorld) -> None:
    choices.vote(asked, person("ada"), True, "", asked.fingerprint)
    User.objects.filter(username="ada").update(is_superuser=False)
    tick(asked.pk, "test", world)
    asked.refresh_from_db()
    assert asked.state == RunState.APPROVAL
    assert "no longer count" in asked.reason
    assert choices.approvals_left(asked) == 1


def test_one_approval_is_one_approval(asked: Run) -> None:
    assert asked.journal.get(kind="asked").says == "Asked for 1 approval."


def test_only_those_whom_the_policy_names_confirm(run: Run, pool: Pool, world: ToyWorld) -> None:
    drive(run, world)
    row = run.current()
    assert row
    policy(pool, confirmers={row.risk: ["oncall", "cy"]})
    with pytest.raises(choices.NotNow, match="only oncall or cy"):
        yes(Run.objects.get(pk=run.pk), person("bo"))
    person("bo").groups.add(Group.objects.create(name="oncall"))
    yes(Run.objects.get(pk=run.pk), person("bo"))


class TestTwoPeople:
    @pytest.fixture
    def waiting(self, run: Run, pool: Pool, world: ToyWorld) -> Run:
        policy(pool, second_person_from="low")
        drive(run, world)
        return Run.objects.get(pk=run.pk)

    def test_a_second_person_has_to_say_yes_to_the_same(self, waiting: Run, world: ToyWorld) -> None:
        yes(waiting, person("bo"))
        waiting.refresh_from_db()
        assert waiting.state == RunState.CONFIRM and not world.sent
        with pytest.raises(choices.NotNow, match="second person"):
            yes(waiting, person("bo"))
        yes(waiting, person("ada"))
        waiting.refresh_from_db()
        assert waiting.state == RunState.RUNNING

    def test_a_first_yes_to_something_else_does_not_count(self, waiting: Run) -> None:
        yes(waiting, person("bo"))
        waiting.steps.filter(index=waiting.index).update(first_digest="of-something-else")
        yes(waiting, person("ada"))
        waiting.refresh_from_db()
        assert waiting.state == RunState.CONFIRM

    def test_a_first_yes_of_somebody_demoted_does_not_count(self, waiting: Run) -> None:
        yes(waiting, person("bo"))
        User.objects.filter(username="bo").update(is_superuser=False)
        yes(waiting, person("ada"))
        waiting.refresh_from_db()
        assert waiting.state == RunState.CONFIRM

    def test_below_the_bar_one_is_enough(self, waiting: Run, pool: Pool) -> None:
        policy(pool, second_person_from="final")
        yes(Run.objects.get(pk=waiting.pk), person("bo"))
        waiting.refresh_from_db()
        assert waiting.state == RunState.RUNNING


class TestAnotherVersion:
    @pytest.fixture(autouse=True)
    def _released(self, asked: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        """The workflow's file was changed after the plan was made."""
        monkeypatch.setattr(versions, "STEPS", "of-the-next-release")

    def test_nobody_approves_it_any_more(self, asked: Run) -> None:
        with pytest.raises(choices.NotNow, match="another version"):
            choices.vote(asked, person("ada"), True, "", asked.fingerprint)

    def test_a_no_is_still_a_no(self, asked: Run) -> None:
        choices.vote(asked, person("ada"), False, "Not so.", asked.fingerprint)
        asked.refresh_from_db()
        assert asked.state == RunState.REFUSED

    def test_one_that_was_approved_before_is_given_back_and_says_so(
        self, asked: Run, world: ToyWorld
    ) -> None:
        Run.objects.filter(pk=asked.pk).update(state=RunState.STARTING)
        tick(asked.pk, "test", world)
        asked.refresh_from_db()
        assert asked.state == RunState.APPROVAL
        assert "another version" in " ".join(asked.differences)
        assert not world.sent
