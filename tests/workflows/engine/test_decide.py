"""What the engine does next, as a table: where the step stands, what was seen, what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pools.cloudstack_facts import CsJob
from pools.facts import Facts, Task
from tests.workflows import amber
from tests.workflows.engine.toysteps import (
    GivesUp,
    NotForThisPool,
    TurnOff,
    TurnOffOnce,
    TurnOffWhenBooted,
    WaitUntilOff,
)
from workflows.engine import decide as d
from workflows.engine.panel import panel
from workflows.engine.states import StepState
from workflows.engine.step import Handle, Step

NOW = amber.AT
ON = amber.facts()
OFF = ON.with_ha(enabled=False)
SILENT = replace(ON, pool=None)
LOST = d.Tried(number=1, answered=False, doubted_at=NOW - timedelta(seconds=6))
JUST_LOST = d.Tried(number=1, answered=False, doubted_at=NOW - timedelta(seconds=1))
UNNOTICED = d.Tried(number=1, answered=False)
ANSWERED = d.Tried(number=1, answered=True, handle=Handle("xapi-task", "t"))
IN_TIME = NOW + timedelta(seconds=30)
TOO_LATE = NOW - timedelta(seconds=1)


def decided(
    step: Step,
    facts: Facts,
    state: StepState,
    *,
    tried: d.Tried | None = None,
    remote: d.Remote | None = None,
    confirmed: str = "",
    deadline: object = IN_TIME,
) -> d.Decision:
    standing = d.Standing(state=state, confirmed_digest=confirmed, deadline_at=deadline, tried=tried)  # type: ignore[arg-type]
    return d.decide(step, amber.situation(facts), standing, remote or d.Remote(), NOW)


def digest(facts: Facts) -> str:
    return panel(TurnOff(), amber.situation(facts)).digest


def with_task(status: str, error: tuple[str, ...] = ()) -> Facts:
    return ON.with_pool(tasks=(Task(ref="t9", name="Async.pool.disable_ha", status=status, error=error),))


def with_dead_member() -> Facts:
    return ON.with_host("h-amber-3", live=False)


class TestAFreshStep:
    def test_that_does_not_apply_is_not_needed_and_says_why(self) -> None:
        assert decided(NotForThisPool(), ON, StepState.TODO) == d.NotNeeded("this pool has no need of it")

    def test_that_is_so_already_calls_nothing(self) -> None:
        assert decided(TurnOff(), OFF, StepState.TODO) == d.AlreadySo()

    def test_that_changes_something_asks_a_person(self) -> None:
        assert isinstance(decided(TurnOff(), ON, StepState.TODO), d.Ask)

    def test_that_only_looks_begins_by_itself(self) -> None:
        assert decided(WaitUntilOff(), ON, StepState.TODO) == d.Begin()

    def test_becomes_so_while_a_person_thinks(self) -> None:
        assert decided(TurnOff(), OFF, StepState.CONFIRM) == d.AlreadySo()

    def test_acts_once_confirmed(self) -> None:
        assert isinstance(decided(TurnOff(), ON, StepState.CONFIRMED, confirmed=digest(ON)), d.Act)

    def test_gives_the_confirmation_back_when_the_world_moved(self) -> None:
        moved = decided(TurnOff(), with_dead_member(), StepState.CONFIRMED, confirmed=digest(ON))
        assert isinstance(moved, d.Void)

    def test_never_acts_on_a_confirmed_panel_that_is_blocked(self) -> None:
        blocked = with_dead_member()
        assert isinstance(decided(TurnOff(), blocked, StepState.CONFIRMED, confirmed=digest(blocked)), d.Void)

    def test_waits_while_the_captain_is_silent(self) -> None:
        assert isinstance(decided(TurnOff(), SILENT, StepState.CONFIRMED, confirmed=digest(ON)), d.Wait)

    def test_fails_when_the_captain_stays_silent(self) -> None:
        failed = decided(TurnOff(), SILENT, StepState.CONFIRMED, confirmed=digest(ON), deadline=TOO_LATE)
        assert isinstance(failed, d.Fail)
        assert failed.code == "CANNOT_LOOK"

    def test_shows_a_blocked_panel_while_the_captain_is_silent(self) -> None:
        asked = decided(TurnOff(), SILENT, StepState.CONFIRM)
        assert isinstance(asked, d.Ask)
        assert asked.panel.blocked


class TestAStepThatWasAnswered:
    def test_is_done_when_it_is_so(self) -> None:
        assert isinstance(decided(TurnOff(), OFF, StepState.ACTING, tried=ANSWERED), d.Done)

    def test_is_done_even_if_its_task_failed(self) -> None:
        failed = d.Remote("failure", error=("SESSION_INVALID",))
        assert isinstance(decided(TurnOff(), OFF, StepState.ACTING, tried=ANSWERED, remote=failed), d.Done)

    def test_waits_and_tells_the_share(self) -> None:
        waits = decided(TurnOff(), ON, StepState.ACTING, tried=ANSWERED, remote=d.Remote("pending", 0.4))
        assert isinstance(waits, d.Wait)
        assert waits.progress.share == 0.4
        assert not waits.doubtful

    def test_fails_with_the_captains_own_words(self) -> None:
        remote = d.Remote("failure", error=("HA_IS_ENABLED", "x"))
        failed = decided(TurnOff(), ON, StepState.ACTING, tried=ANSWERED, remote=remote)
        assert failed == d.Fail("HA_IS_ENABLED", ("x",))

    def test_is_tried_again_when_what_refuses_it_goes_by(self) -> None:
        remote = d.Remote("failure", error=("HOST_STILL_BOOTING",))
        refused = decided(TurnOffWhenBooted(), ON, StepState.ACTING, tried=ANSWERED, remote=remote)
        assert refused == d.Later("HOST_STILL_BOOTING")

    def test_goes_on_when_its_task_is_gone(self) -> None:
        waits = decided(TurnOff(), ON, StepState.ACTING, tried=ANSWERED, remote=d.Remote("gone"))
        assert isinstance(waits, d.Wait)

    def test_waits_while_the_master_restarts(self) -> None:
        waits = decided(TurnOff(), SILENT, StepState.ACTING, tried=ANSWERED)
        assert isinstance(waits, d.Wait)
        assert not waits.doubtful

    def test_fails_after_its_deadline_and_names_what_does_not_hold(self) -> None:
        facts = with_dead_member()
        late = decided(TurnOff(), facts, StepState.ACTING, tried=ANSWERED, deadline=TOO_LATE)
        assert isinstance(late, d.Fail)
        assert (late.code, late.params) == ("OVERDUE", ("Every member is live",))

    def test_fails_at_once_when_the_captain_gave_up(self) -> None:
        assert decided(GivesUp(), ON, StepState.ACTING, tried=ANSWERED) == d.Fail(
            "GAVE_UP", (), "It is in an error state."
        )


class TestAStepInDoubt:
    def test_is_done_when_it_is_so(self) -> None:
        assert isinstance(decided(TurnOff(), OFF, StepState.ACTING, tried=LOST), d.Done)

    def test_looks_first(self) -> None:
        waits = decided(TurnOff(), ON, StepState.ACTING, tried=UNNOTICED)
        assert isinstance(waits, d.Wait)
        assert waits.doubtful

    def test_gives_the_call_time_to_show_itself(self) -> None:
        assert isinstance(decided(TurnOff(), ON, StepState.ACTING, tried=JUST_LOST), d.Wait)

    def test_waits_when_its_task_is_found(self) -> None:
        assert isinstance(decided(TurnOff(), with_task("pending"), StepState.ACTING, tried=LOST), d.Wait)

    def test_never_resends_when_its_task_succeeded(self) -> None:
        assert isinstance(decided(TurnOff(), with_task("success"), StepState.ACTING, tried=LOST), d.Wait)

    def test_fails_with_the_error_of_the_task_that_is_found(self) -> None:
        facts = with_task("failure", ("VDI_IN_USE", "v"))
        assert decided(TurnOff(), facts, StepState.ACTING, tried=LOST) == d.Fail("VDI_IN_USE", ("v",))

    def test_does_not_take_a_task_that_was_there_before_for_its_own(self) -> None:
        known = replace(LOST, tasks=frozenset({"t9"}))
        assert isinstance(
            decided(TurnOff(), with_task("pending"), StepState.ACTING, tried=known), d.SendAgain
        )

    def test_waits_while_the_pool_is_busy_with_it(self) -> None:
        busy = ON.with_pool(current_operations=("ha_disable",))
        assert isinstance(decided(TurnOff(), busy, StepState.ACTING, tried=LOST), d.Wait)

    def test_waits_while_cloudstack_works_on_it(self) -> None:
        job = CsJob(id="j1", command="org.apache.SomeCmd", status=0)
        busy = ON.with_cloudstack(jobs=(job,))
        assert isinstance(decided(TurnOff(), busy, StepState.ACTING, tried=LOST), d.Wait)

    @pytest.mark.parametrize(
        ("states", "all_in_all"),
        [
            (("failure", "pending"), "pending"),
            (("success", "failure"), "failure"),
            (("success", "unknown", "failure"), "unknown"),
            (("success", "success"), "success"),
            (("gone", "success"), "gone"),
        ],
    )
    def test_calls_that_were_sent_together_are_judged_when_the_last_has_ended(
        self, states: tuple[str, ...], all_in_all: str
    ) -> None:
        assert d.together([d.Remote(state) for state in states]).state == all_in_all

    def test_waits_when_the_handle_is_on_record_and_pending(self) -> None:
        handled = replace(LOST, handle=Handle("xapi-task", "t"))
        waits = decided(TurnOff(), ON, StepState.ACTING, tried=handled, remote=d.Remote("pending"))
        assert isinstance(waits, d.Wait)

    def test_is_sent_again_on_proof_that_nothing_came(self) -> None:
        again = decided(TurnOff(), ON, StepState.ACTING, tried=LOST)
        assert isinstance(again, d.SendAgain)
        assert "It is not done." in again.seen

    def test_asks_a_person_when_sending_twice_could_hurt(self) -> None:
        assert isinstance(decided(TurnOffOnce(), ON, StepState.ACTING, tried=LOST), d.Doubt)

    def test_asks_a_person_when_it_vanished_too_often(self) -> None:
        often = replace(LOST, number=d.ENOUGH_SENDS)
        assert isinstance(decided(TurnOff(), ON, StepState.ACTING, tried=often), d.Doubt)

    def test_waits_while_the_captain_is_silent(self) -> None:
        assert isinstance(decided(TurnOff(), SILENT, StepState.ACTING, tried=LOST), d.Wait)

    def test_asks_a_person_when_the_captain_stays_silent(self) -> None:
        doubt = decided(TurnOff(), SILENT, StepState.ACTING, tried=LOST, deadline=TOO_LATE)
        assert isinstance(doubt, d.Doubt)


FACTS = st.sampled_from(
    [ON, OFF, SILENT, replace(ON, cloudstack=None), with_task("pending"), with_dead_member()]
)
STEPS = st.sampled_from([TurnOff(), TurnOffOnce(), WaitUntilOff(), NotForThisPool(), GivesUp()])
REMOTES = st.sampled_from([d.Remote(s) for s in ("pending", "success", "failure", "gone", "unknown")])
TRIED = st.sampled_from([LOST, JUST_LOST, UNNOTICED, ANSWERED, replace(ANSWERED, doubted_at=NOW)])
DEADLINES = st.sampled_from([None, IN_TIME, TOO_LATE])


@given(step=STEPS, facts=FACTS, remote=REMOTES, tried=TRIED, deadline=DEADLINES)
def test_an_intent_on_record_never_leads_straight_to_another_act(
    step: Step, facts: Facts, remote: d.Remote, tried: d.Tried, deadline: object
) -> None:
    decision = decided(step, facts, StepState.ACTING, tried=tried, remote=remote, deadline=deadline)
    assert not isinstance(decision, d.Act | d.Ask | d.Begin)


@given(step=STEPS, facts=FACTS, remote=REMOTES, tried=TRIED, deadline=DEADLINES)
def test_a_call_is_sent_again_only_when_no_answer_came_and_everything_could_be_read(
    step: Step, facts: Facts, remote: d.Remote, tried: d.Tried, deadline: object
) -> None:
    decision = decided(step, facts, StepState.ACTING, tried=tried, remote=remote, deadline=deadline)
    if isinstance(decision, d.SendAgain):
        assert tried.doubted_at is not None
        assert facts.pool is not None
        assert facts.cloudstack is not None
        assert not step.done(amber.situation(facts))
        assert remote.state not in ("pending", "success")


@given(
    step=STEPS,
    facts=FACTS,
    state=st.sampled_from([StepState.TODO, StepState.CONFIRM]),
    digest_=st.text(max_size=3),
)
def test_nothing_acts_that_was_not_confirmed(
    step: Step, facts: Facts, state: StepState, digest_: str
) -> None:
    assert not isinstance(decided(step, facts, state, confirmed=digest_), d.Act)


@pytest.mark.parametrize("step", [TurnOff(), TurnOffOnce(), WaitUntilOff()])
def test_every_wait_has_an_end(step: Step) -> None:
    """Past the deadline nothing waits on, whatever was seen."""
    for facts in (ON, SILENT, with_task("pending"), with_dead_member()):
        for state, tried in (
            (StepState.WAITING, None),
            (StepState.ACTING, ANSWERED),
            (StepState.ACTING, LOST),
        ):
            decision = decided(step, facts, state, tried=tried, deadline=TOO_LATE)
            assert isinstance(decision, d.Fail | d.Doubt)
