"""The act, in the order that lets nothing be lost and nothing be sent twice:

1. what must be remembered is saved, in a transaction of its own;
2. the intent, the attempt and the debt are written in one transaction, under the fence;
3. the lease is renewed, and the call leaves (captains.Guarded);
4. its handle, or its refusal, is written. Between 3 and 4 nobody knows: then the next turn looks.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from pools.clients.errors import (
    AnswerLost,
    BadAnswer,
    ClientError,
    RateLimited,
    SessionLost,
    TimedOut,
    Unreachable,
)
from pools.clients.meanings import told
from workflows.engine.decide import Fail, all_tasks
from workflows.engine.panel import Panel
from workflows.engine.situation import Situation
from workflows.engine.states import RunState, StepState
from workflows.engine.step import Handle
from workflows.models import Attempt
from workflows.running import clock, debts
from workflows.running.captains import Guarded, Hands
from workflows.running.lease import LostLease
from workflows.running.moves import move
from workflows.running.newcomers import words_of
from workflows.running.people import name

if TYPE_CHECKING:
    from workflows.running.turn import Turn

NEVER_SENT = (Unreachable, TimedOut, RateLimited, SessionLost, BadAnswer)
"""Nothing was done: it may be tried again by itself. A call that changes something never ends in TimedOut or
BadAnswer, but its login may."""
TRIES = 5
AGAIN_S, AGAIN_FOR_S = 5.0, 240.0
"""How often, and for how long after the yes, what was refused for a reason that goes by is tried again: less than a
yes lasts."""


def act(turn: Turn, shown: Panel) -> float | None:
    """Send it. Seconds until the next turn; None when it failed."""
    s = _remember(turn)
    try:
        with turn.captains.acting(turn.run.pool, s.facts) as hands:
            return _send(turn, shown, s, hands)
    except ClientError as error:
        if turn.attempt is not None:
            return 0.5  # the session did not close; what was sent and answered is on record
        return _not_sent(turn, error)


def _remember(turn: Turn) -> Situation:
    """A second try keeps what the first one remembered: by now it may be destroyed."""
    kept = dict(turn.step.remember(turn.s))
    if turn.row.attempts.exists():
        kept = {**kept, **turn.run.memory}
    if kept:
        with transaction.atomic():
            move(turn.run, RunState.RUNNING, lease=turn.lease, memory={**turn.run.memory, **kept})
            turn.note("remembered", "Kept before anything is changed.", kept=kept)
    return turn.s.after(turn.s.facts, kept)


def _send(turn: Turn, shown: Panel, s: Situation, hands: Hands) -> float | None:
    _intend(turn, shown, s)
    by = turn.row.confirmed_by
    api = Guarded(hands, turn.lease, words_of(turn.run), name(by) if by else "")
    try:
        handle = turn.step.act(api, s)
    except LostLease:
        raise
    except AnswerLost as error:
        return _lost(turn, error.says)
    except NEVER_SENT as error:
        return _lost(turn, error.says) if api.sent > 1 else _not_sent(turn, error)
    except ClientError as error:
        if error.code in turn.step.so_already:
            return _answered(turn, None)
        why = Fail(error.code, tuple(map(str, error.params)), error.says)
        return refused_for_now(turn, why) if error.code in turn.step.goes_by else _refused(turn, why)
    except Exception as fault:  # whatever broke: if a call had left by then, nobody knows what came of it
        if api.sent:
            return _lost(turn, f"{type(fault).__name__}: {fault}")
        return _refused(turn, Fail("BROKEN_STEP", (type(fault).__name__, str(fault)), str(fault)))
    return _answered(turn, handle)


def _intend(turn: Turn, shown: Panel, s: Situation) -> None:
    now = clock.now()
    cloudstack = s.facts.cloudstack
    known = {
        "tasks": [task.ref for task in all_tasks(s.facts)],
        "jobs": [job.id for job in cloudstack.jobs] if cloudstack else [],
    }
    with transaction.atomic():
        move(turn.run, RunState.RUNNING, lease=turn.lease, reason="")
        last = turn.row.last_attempt()
        turn.attempt = Attempt.objects.create(
            step=turn.row,
            number=last.number + 1 if last else 1,
            fence=turn.lease.fence,
            worker=turn.lease.worker,
            intent_at=now,
            known=known,
        )
        deadline = now + timedelta(seconds=turn.step.within)
        started = turn.row.started_at or now
        turn.save_step(
            state=StepState.ACTING, started_at=started, deadline_at=deadline, progress=None, says=""
        )
        debts.incur(turn.run, turn.row.index, turn.step, s)
        calls = [call.request for call in shown.calls]
        turn.note(
            "intent", f"About to send: {'; '.join(calls) or shown.title}", calls=calls, digest=shown.digest
        )


def _answered(turn: Turn, handle: Handle | None) -> float:
    attempt = _attempt(turn)
    attempt.answered_at, attempt.outcome = clock.now(), Attempt.Outcome.ANSWERED
    if handle:
        attempt.handle_kind, attempt.handle_id = handle.kind, handle.id
    with transaction.atomic():
        move(turn.run, RunState.RUNNING, lease=turn.lease)
        attempt.save()
        what = f"Taken: {handle.kind} {handle.id}." if handle else "Answered."
        turn.note("answered", what, handle=handle.id if handle else "")
    return 0.3


def _lost(turn: Turn, says: str) -> float:
    attempt = _attempt(turn)
    attempt.doubted_at, attempt.outcome = clock.now(), Attempt.Outcome.LOST
    with transaction.atomic():
        move(turn.run, RunState.RUNNING, lease=turn.lease)
        attempt.save()
        turn.note("lost", f"It was sent and no answer came: looking whether it arrived. {says}")
    return 0.5


def _not_sent(turn: Turn, error: ClientError) -> float | None:
    """Tried again by itself a few times, with longer pauses; the confirmation is judged again each time."""
    unsent = turn.row.attempts.filter(
        outcome=Attempt.Outcome.UNSENT, intent_at__gt=turn.row.confirmed_at
    ).count()
    late = turn.row.deadline_at is not None and clock.now() > turn.row.deadline_at
    if not isinstance(error, NEVER_SENT) or late or unsent + 1 >= TRIES:
        return _refused(
            turn, Fail(error.code, tuple(map(str, error.params)), error.says), Attempt.Outcome.UNSENT
        )
    _try_later(turn, error.code, error.says, Attempt.Outcome.UNSENT, "Nothing was sent")
    return 2.0 ** (unsent + 1)


def refused_for_now(turn: Turn, why: Fail) -> float | None:
    """The refusal goes by, and changed nothing: tried again for as long as the yes is fresh, then it is a failure."""
    if turn.row.confirmed_at is None or clock.now() - turn.row.confirmed_at > timedelta(seconds=AGAIN_FOR_S):
        return _refused(turn, why)
    says = why.says or told(why.code, why.params)
    _try_later(turn, why.code, says, Attempt.Outcome.REFUSED, "Refused for now")
    return AGAIN_S


def _try_later(turn: Turn, code: str, says: str, outcome: str, how: str) -> None:
    with transaction.atomic():
        move(turn.run, RunState.RUNNING, lease=turn.lease, reason=says)
        if turn.attempt:
            turn.attempt.outcome, turn.attempt.error_code = outcome, code
            turn.attempt.save()
            debts.unmake(turn.run, turn.row.index, f"{how}.")
            turn.note("unsent", f"{how}, trying again: {says}", code=code)
        deadline = turn.row.deadline_at or turn.deadline()
        turn.save_step(state=StepState.CONFIRMED, says=says, deadline_at=deadline)


def _refused(turn: Turn, why: Fail, outcome: str = Attempt.Outcome.REFUSED) -> float | None:
    """Nothing began, so nothing is owed for it. The step fails with the captain's own words."""
    with transaction.atomic():
        turn.fail(why)
        if turn.attempt:
            turn.attempt.outcome = outcome
            turn.attempt.save()
        debts.unmake(turn.run, turn.row.index, "The call was refused: nothing changed.")
    return None


def _attempt(turn: Turn) -> Attempt:
    if turn.attempt is None:
        raise RuntimeError("an answer without an intent")
    return turn.attempt
