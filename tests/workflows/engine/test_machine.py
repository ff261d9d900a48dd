"""A run under everything at once: people, workers that die or are overtaken, calls that fail. It always has a way out.

Hypothesis chooses what happens next; the code is the real one, the database too, and only the captains are made up.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pools.clients.errors import AnswerLost, ClientError, Refused, Unreachable
from pools.models import Pool
from pools.secret import Secret
from tests.workflows.engine.conftest import INPUTS
from tests.workflows.engine.driving import person, yes
from tests.workflows.engine.toyworld import IN_ORDER, Dies, ToyWorld
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import HOLDING, RunState
from workflows.models import Attempt, Run
from workflows.running import choices, executor, journal, lease

pytestmark = pytest.mark.django_db(transaction=True)

EXAMPLES = int(os.environ.get("EXAMPLES", "3"))
CALLS = st.sampled_from(IN_ORDER)
SETTLED = (
    Attempt.Outcome.UNSENT,
    Attempt.Outcome.REFUSED,
    Attempt.Outcome.FAILED,
    Attempt.Outcome.DONE,
    Attempt.Outcome.OVERDUE,
    Attempt.Outcome.VANISHED,
    Attempt.Outcome.DENIED,
    Attempt.Outcome.LOST,
)
TROUBLES: dict[str, Any] = {
    "lost": lambda call: AnswerLost(call, "reset"),
    "refused": lambda call: Refused("XenServer", "HA_IS_ENABLED"),
    "away": lambda call: Unreachable("refused", "amber-1"),
}
_names = itertools.count(1)


class Watched(ToyWorld):
    """Knows under which attempt each call took effect."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run, self.under = run, Counter[int]()

    def carry_out(self, call: str, *args: Any) -> None:
        row = Run.objects.get(pk=self.run.pk).current()
        last = row.last_attempt() if row else None
        self.sent = Noted(self.sent, self.under, last.pk if last else 0)
        super().carry_out(call, *args)


class Noted(list[str]):
    """Calls that took effect; the next ones do so under that attempt."""

    def __init__(self, calls: list[str], under: Counter[int], attempt: int) -> None:
        super().__init__(calls)
        self.under, self.attempt = under, attempt

    def append(self, call: str) -> None:
        super().append(call)
        self.under[self.attempt] += 1


class RunMachine(RuleBasedStateMachine):
    """One run of remove-master."""

    def __init__(self) -> None:
        super().__init__()
        name = f"amber {next(_names)}"
        self.pool = Pool.objects.create(
            name=name, addresses=["127.10.1.1"], password=Secret("-"), approvals_needed=0
        )
        facts = ToyWorld().facts
        self.run = choices.plan_run(WORKFLOWS["remove-master"], self.pool, dict(INPUTS), person("bo"), facts)
        self.world = Watched(self.run)
        self.lines: list[str] = []
        choices.start(self.run, person("bo"))

    # What can happen

    @rule(at=st.integers(1, 6), what=st.sampled_from(["nothing", "nothing", "dies", "is overtaken"]))
    def tick(self, at: int, what: str) -> None:
        moment = self.world.moments + at
        self.world.dies_at = (moment,) if what == "dies" else ()
        if what == "is overtaken":
            self.world.meanwhile[moment] = self._overtake
        self._tick()

    @rule()
    def someone_confirms(self) -> None:
        self.run.refresh_from_db()
        if self.run.state != RunState.CONFIRM:
            return
        row = self.run.current()
        assert row
        with suppress(choices.NotNow):
            yes(self.run, person("bo"))
            with pytest.raises(choices.NotNow):
                choices.confirm(
                    Run.objects.get(pk=self.run.pk), row.index, person("ada"), row.digest, "amber-1"
                )

    @rule(call=CALLS, kind=st.sampled_from(sorted(TROUBLES)))
    def a_call_will_fail(self, call: str, kind: str) -> None:
        trouble: list[ClientError | None] = self.world.troubles.setdefault(call, [])
        trouble.append(TROUBLES[kind](call))

    @rule(live=st.booleans())
    def a_member_comes_or_goes(self, live: bool) -> None:
        with suppress(Exception):
            self.world.facts = self.world.facts.with_host("h-amber-3", live=live)

    @precondition(lambda self: self._is(RunState.FAILED))
    @rule()
    def someone_retries(self) -> None:
        choices.retry(self.run, person("bo"))

    @precondition(lambda self: self._is(RunState.DOUBT))
    @rule()
    def someone_looks_and_says(self) -> None:
        row = self.run.current()
        assert row
        last = row.last_attempt()
        say = choices.it_happened if last and self.world.under[last.pk] else choices.it_did_not
        say(self.run, person("ada"), "The log says so.")

    @rule(pay=st.booleans(), lot=st.integers(1, 12))
    def someone_aborts(self, pay: bool, lot: int) -> None:
        if lot == 1:
            with suppress(choices.NotNow):
                choices.abort(self.run, person("ada"), pay, "Stop.")

    @rule(lot=st.integers(1, 8))
    def someone_takes_back(self, lot: int) -> None:
        if lot == 1:
            with suppress(choices.NotNow):
                choices.undo(self.run, person("ada"), "Back.")

    # What always holds

    @invariant()
    def each_attempt_sends_at_most_once(self) -> None:
        assert not {pk: n for pk, n in self.world.under.items() if n > 1}

    @invariant()
    def an_attempt_follows_only_one_that_is_settled(self) -> None:
        for row in self.run.steps.all():
            earlier = list(row.attempts.order_by("number").values_list("outcome", flat=True))[:-1]
            assert all(outcome in SETTLED for outcome in earlier), (row, earlier)

    @invariant()
    def each_intent_has_a_yes_of_its_own(self) -> None:
        for row in self.run.steps.all():
            kinds = Counter(self.run.journal.filter(step_index=row.index).values_list("kind", flat=True))
            assert kinds["intent"] <= kinds["confirmed"] + kinds["vanished"] + kinds["unsent"], (row, kinds)

    @invariant()
    def no_line_of_the_journal_is_lost(self) -> None:
        self.run.refresh_from_db()
        assert journal.verify(self.run) == []
        lines = list(self.run.journal.order_by("seq").values_list("hash", flat=True))
        assert lines[: len(self.lines)] == self.lines
        self.lines = lines

    @invariant()
    def the_pool_is_held_while_it_is_changed(self) -> None:
        self.run.refresh_from_db()
        assert self.run.holds_pool == (self.run.state in HOLDING)

    @invariant()
    def ha_that_is_off_is_owed(self) -> None:
        pool = self.world.facts.pool
        assert pool
        assert pool.ha.enabled or self.run.debts.filter(kind="ha", paid_at=None).exists()

    def teardown(self) -> None:
        """From wherever it stands a person brings it to an end."""
        self.world.dies_at, self.world.meanwhile, self.world.troubles = (), {}, {}
        self.a_member_comes_or_goes(True)
        for _ in range(300):
            self.run.refresh_from_db()
            if self.run.ended:
                break
            self._tick()
            self.someone_confirms()
            if self._is(RunState.FAILED):
                self.someone_retries()
            if self._is(RunState.DOUBT):
                self.someone_looks_and_says()
        assert self.run.ended, (self.run.state, self.run.reason)
        self.ha_that_is_off_is_owed()
        self.each_attempt_sends_at_most_once()

    def _is(self, state: RunState) -> bool:
        self.run.refresh_from_db()
        return bool(self.run.state == state)

    def _tick(self) -> None:
        with suppress(Dies):
            executor.tick(self.run.pk, "one", self.world)
            return
        self._lease_runs_out()

    def _overtake(self) -> None:
        """This worker is frozen for longer than its lease, and another one goes on."""
        self._lease_runs_out()
        Frozen.seconds += 20
        executor.tick(self.run.pk, "another", self.world)

    def _lease_runs_out(self) -> None:
        Run.objects.filter(pk=self.run.pk, lease_until__isnull=False).update(
            lease_until=Now() - timedelta(seconds=1)
        )


class Frozen:
    """How long workers have been frozen, in all."""

    seconds = 0.0


@pytest.fixture(autouse=True)
def _time_passes_in_the_freezer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    real = lease._elapsed
    monkeypatch.setattr(lease, "_elapsed", lambda: real() + Frozen.seconds)
    yield


@pytest.mark.usefixtures("world", "transactional_db")
def test_a_run_keeps_its_promises_and_always_has_a_way_out() -> None:
    run_state_machine_as_test(
        RunMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            derandomize="EXAMPLES" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
