"""One turn of a run that has begun: look, decide about the current step, and carry the decision out.

Every way to carry it out is one transaction under the lease's fence, with its line in the journal; the act is the
one that is more (acting.py).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from pools.clients.errors import ClientError
from pools.clients.meanings import told
from pools.facts import Facts
from workflows.catalogue import step_for
from workflows.engine import decide as d
from workflows.engine.panel import Panel, differences
from workflows.engine.situation import Situation
from workflows.engine.states import RunState, StepState
from workflows.engine.step import Handle, Progress
from workflows.models import Attempt, Run, RunStep
from workflows.running import acting, clock, debts, journal
from workflows.running.captains import Captains, ask
from workflows.running.lease import Lease
from workflows.running.moves import move, tell
from workflows.running.newcomers import also_trusted, beside

CONFIRM_LOOKS_S = 10.0
"""How often what stands before the button is made anew while a person thinks."""
FRESH_S = 1.0
"""So long what was seen may stand for what is: for the next step's page, and for none that sends anything."""
SHORTEST_PAUSE_S, YOUNG_PAUSE_S, LONGEST_PAUSE_S = 0.2, 0.5, 5.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A look, and the moment before it: on the database's clock, and on one that nobody sets."""

    facts: Facts
    at: datetime
    began: float

    @property
    def fresh(self) -> bool:
        return time.monotonic() - self.began <= FRESH_S


class Turn:
    """The current step, its row, and what was just seen: by this turn, or by the one that proved the step before it
    done. That look is none to act on, since a person comes first; their yes has a look of its own."""

    def __init__(
        self, run: Run, row: RunStep, lease: Lease, captains: Captains, seen: Seen | None = None
    ) -> None:
        self.run, self.row, self.lease, self.captains = run, row, lease, captains
        self.attempt = row.last_attempt() if row.state == StepState.ACTING else None
        self._seen, self._went_on = (seen if row.state == StepState.TODO else None), False

    def take(self) -> float | None:
        """Seconds until the next turn; None when a person comes first."""
        self._seen = seen = self._seen or self._look()
        self.now, self.s = seen.at, self._situation(seen.facts)
        remote = self._remote()
        try:
            self.step = step_for(self.row.key, self.row.args)
            decision = d.decide(self.step, self.s, self._standing(), remote, self.now)
        except Exception as fault:  # it becomes a page with choices, not a loop of dying tasks
            decision = d.Fail("BROKEN_STEP", (type(fault).__name__, str(fault)), _broken(fault))
        return self._carry_out(decision)

    def _carry_out(self, decision: d.Decision) -> float | None:
        match decision:
            case d.NotNeeded(says):
                return self._next(StepState.NOT_NEEDED, f"Not needed: {says}.")
            case d.AlreadySo():
                return self._already_so()
            case d.Ask(shown) | d.Void(shown):
                return self._ask(shown)
            case d.Begin():
                return self._begin()
            case d.Act(shown):
                return acting.act(self, shown)
            case d.Wait(progress, doubtful):
                return self._wait(progress, doubtful)
            case d.Done(says):
                return self._done(says)
            case d.Later(code, params):
                return acting.refused_for_now(self, d.Fail(code, params))
            case d.Fail():
                self.fail(decision)
                return None
            case d.Doubt(seen):
                self._doubt(seen)
                return None
            case d.SendAgain(seen):
                return self._send_again(seen)

    # What was seen

    @property
    def seen_for_the_next(self) -> Seen | None:
        """The look that proved this step to be over, while it is fresh: the next step may be judged by it."""
        return self._seen if self._went_on and self._seen and self._seen.fresh else None

    def _look(self) -> Seen:
        at, began = clock.now(), time.monotonic()
        facts = self.captains.look(also_trusted(self.run), self.run.baseline_facts)
        return Seen(beside(self.run, facts), at, began)

    def _situation(self, facts: Facts) -> Situation:
        baseline = self.run.baseline_facts
        return Situation(facts=facts, baseline=baseline, inputs=self.run.inputs, memory=self.run.memory)

    def _standing(self) -> d.Standing:
        row, attempt = self.row, self.attempt
        tried = None
        if attempt:
            tried = d.Tried(
                number=attempt.number,
                answered=attempt.answered_at is not None,
                handle=self._handle(),
                doubted_at=attempt.doubted_at,
                tasks=frozenset(attempt.known.get("tasks", ())),
                jobs=frozenset(attempt.known.get("jobs", ())),
            )
        return d.Standing(
            state=StepState(row.state),
            confirmed_digest=row.confirmed_digest,
            confirmed_at=row.confirmed_at,
            deadline_at=row.deadline_at,
            tried=tried,
        )

    def _handle(self) -> Handle | None:
        attempt = self.attempt
        return Handle(attempt.handle_kind, attempt.handle_id) if attempt and attempt.handle_id else None

    def _remote(self) -> d.Remote:
        """From the look itself if it tells; else by asking. A captain that can't be asked is no failure."""
        handle = self._handle()
        if handle is None:
            return d.Remote()
        remote = d.remote_from(self.s.facts, handle)
        if remote.state != "unknown":
            return remote
        try:
            with self.captains.acting(self.run.pool, self.s.facts) as hands:
                return ask(hands, handle)
        except ClientError:
            return remote

    # Carrying out

    def save_step(self, **changes: Any) -> None:
        """Write the step's row; the run's row lock is held by a move before it."""
        for name, value in changes.items():
            setattr(self.row, name, value)
        self.row.save(update_fields=list(changes))

    def note(self, kind: str, says: str, **data: Any) -> None:
        journal.write(self.run.pk, kind, says, step=self.row.index, data=data)

    def deadline(self) -> datetime:
        return clock.now() + timedelta(seconds=self.step.within)

    def _already_so(self) -> float | None:
        if self.row.attempts.exclude(outcome__in=debts.NOTHING_CHANGED).exists():
            # Not "already": an earlier try may have done it, so it is ours to take back.
            return self._next(StepState.DONE, "It is so now: nothing more was called.", paid="Found so.")
        if self.step.changes_something:
            return self._next(
                StepState.ALREADY, "It is so already: nothing was called.", paid="Found so already."
            )
        return self._next(StepState.DONE, "Looked.")

    def _ask(self, shown: Panel) -> float:
        """To the person, or refresh what they read."""
        now, fresh = clock.now(), shown.as_json()
        old, first = self.row.shown, self.run.state != RunState.CONFIRM
        given_back = self.row.state == StepState.CONFIRMED
        said = differences(old, fresh) if old and (given_back or self.row.digest != shown.digest) else []
        with transaction.atomic():
            reason = f"Step {self.row.number} waits for a person."
            move(self.run, RunState.CONFIRM, lease=self.lease, **({"reason": reason} if first else {}))
            self.save_step(shown=fresh, shown_at=now, digest=shown.digest, state=StepState.CONFIRM)
            if old != fresh:
                tell(self.run.pk)
            if given_back:
                self._give_back(said)
            elif first:
                self.note("waits", f"Waits for a person: {shown.title}.", digest=shown.digest, shown=fresh)
            elif said:
                self.save_step(differences=said)
                self.note(
                    "moved", "What stands before the button moved.", differences=said, digest=shown.digest
                )
        return CONFIRM_LOOKS_S

    def _give_back(self, said: list[str]) -> None:
        who, same = self.row.confirmed_by, self.row.confirmed_digest == self.row.digest
        self.save_step(confirmed_by=None, confirmed_at=None, confirmed_digest="", differences=said)
        sent = self.row.attempts.exclude(outcome=Attempt.Outcome.UNSENT).exists()
        why = f"the yes of {who} has grown old" if same else f"it is not what {who} confirmed any more"
        says = f"Nothing {'more ' if sent else ''}was sent: {why}."
        self.note("moved", says, differences=said, digest=self.row.digest)

    def _begin(self) -> float:
        """A step without risk: keep what it remembers, and wait from now on."""
        kept = dict(self.step.remember(self.s))
        with transaction.atomic():
            memory = {**self.run.memory, **kept}
            move(self.run, RunState.RUNNING, lease=self.lease, memory=memory, reason="")
            self.save_step(state=StepState.WAITING, started_at=clock.now(), deadline_at=self.deadline())
            if kept:
                self.note("remembered", "Kept for later steps.", kept=kept)
            else:
                self.note("waits", f"Waits until it is so, at most {self.step.within:.0f} s.")
        return 0

    def _wait(self, progress: Progress, doubtful: bool) -> float:
        """Keep what is told; a wait without a deadline gets one, and a doubt its beginning."""
        told = {"says": progress.says, "share": progress.share, "left": progress.left}
        with transaction.atomic():
            move(self.run, RunState(self.run.state), lease=self.lease)
            if self.row.deadline_at is None:
                self.save_step(deadline_at=self.deadline())
            if self.row.progress != told:
                self.save_step(progress=told, says=progress.says)
                tell(self.run.pk)
            if doubtful and self.attempt and self.attempt.doubted_at is None:
                self.attempt.doubted_at = self.now
                self.attempt.save(update_fields=["doubted_at"])
                self.note(
                    "doubt", f"No answer is on record for attempt {self.attempt.number}: looking for traces."
                )
        return self._pause()

    def _pause(self) -> float:
        return pause((self.now - (self.row.started_at or self.now)).total_seconds())

    def _done(self, says: str) -> float | None:
        self._end_attempt(Attempt.Outcome.DONE)
        return self._next(StepState.DONE, says or "Done.", paid=f"By step {self.row.number}.")

    def _end_attempt(self, outcome: str, error: d.Fail | None = None) -> None:
        """Only in memory; saved with the transaction of what follows."""
        if self.attempt:
            self.attempt.outcome = outcome
            if error:
                self.attempt.error_code, self.attempt.error_params = error.code, list(error.params)

    def _save_attempt(self) -> None:
        if self.attempt:
            self.attempt.save(update_fields=["outcome", "error_code", "error_params"])

    def _next(self, state: StepState, says: str, paid: str = "") -> float | None:
        """This step is over; on to the next that is to do, or to the end of the run."""
        now = clock.now()
        with transaction.atomic():
            left = self.run.steps.filter(index__gt=self.row.index, state=StepState.TODO).order_by("index")
            following = left.values_list("index", flat=True).first()
            index = self.row.index + 1 if following is None else following
            move(self.run, RunState.RUNNING, lease=self.lease, index=index, reason="")
            started = self.row.started_at or now
            self.save_step(state=state, says=says, started_at=started, ended_at=now, progress=None)
            self._save_attempt()
            self.note(str(state), f"{self.row.title}: {says}")
            if paid:
                debts.pay(self.run, self.step, self.row.index, paid)
            if following is None:
                end(self.run, self.lease)
        self._went_on = following is not None
        return 0 if self._went_on else None

    def fail(self, why: d.Fail) -> None:
        """A page with choices. The code and its parameters are kept as the captain said them."""
        overdue = why.code in ("OVERDUE", "CANNOT_LOOK", "BROKEN_STEP")
        self._end_attempt(Attempt.Outcome.OVERDUE if overdue else Attempt.Outcome.FAILED, why)
        says = why.says or told(why.code, why.params)
        with transaction.atomic():
            if self.run.state == RunState.CONFIRM:
                move(self.run, RunState.RUNNING, lease=self.lease)
            move(self.run, RunState.FAILED, lease=self.lease, reason=f"Step {self.row.number} failed: {says}")
            self.save_step(
                state=StepState.FAILED,
                says=says,
                error_code=why.code[:120],
                error_params=list(why.params),
                ended_at=clock.now(),
            )
            self._save_attempt()
            self.note("failed", f"{self.row.title}: failed. {says}", code=why.code, params=list(why.params))

    def _doubt(self, seen: tuple[str, ...]) -> None:
        with transaction.atomic():
            reason = f"Step {self.row.number}: nobody can tell from here whether the call arrived."
            move(self.run, RunState.DOUBT, lease=self.lease, reason=reason)
            self.save_step(state=StepState.DOUBT, says=reason, seen=list(seen))
            self.note("doubt", reason, seen=list(seen))

    def _send_again(self, seen: tuple[str, ...]) -> float:
        """The confirmation still holds, if what it was for is still what is there: the next turn judges that. After a
        retry there is none: a person says yes again."""
        self._end_attempt(Attempt.Outcome.VANISHED)
        again = StepState.CONFIRMED if self.row.confirmed_digest else StepState.TODO
        with transaction.atomic():
            move(self.run, RunState.RUNNING, lease=self.lease)
            self.save_step(state=again, seen=list(seen))
            self._save_attempt()
            self.note("vanished", "The call left no trace, so it may be sent again.", seen=list(seen))
        return 0


def pause(under_way_s: float) -> float:
    """Seconds until a step is looked at again that has been under way for so long: often while it is young, since most
    take seconds, then so that a hundredth of its time passes unseen on the average. What a watcher sees meanwhile wakes
    the run at once (nudging.py)."""
    young, old = min(YOUNG_PAUSE_S, under_way_s / 10), min(LONGEST_PAUSE_S, under_way_s / 50)
    return max(SHORTEST_PAUSE_S, young, old)


def end(run: Run, lease: Lease) -> None:
    """After the last step. The pool is free for another run."""
    state = RunState(run.ends_as)
    with transaction.atomic():
        move(run, state, lease=lease)
        owed = run.debts.filter(paid_at=None).count()
        tail = f"{owed} still owed." if owed else "Nothing is owed."
        journal.write(run.pk, "ended", f"{'Done' if state is RunState.DONE else 'Ended early'}. {tail}")


def _broken(fault: Exception) -> str:
    return (
        f"This step could not judge what it saw ({type(fault).__name__}: {fault}). That is a fault in Baton."
    )
