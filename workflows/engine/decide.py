"""What to do next with one step: a pure function of where it stands and what was just seen.

While a step is *fresh* (not begun, waiting for a person, or confirmed) it may turn out not to be needed or to be so
already; else a person is asked, and what they confirmed must still be what is there. While it is *acting* its
intent is on record: `done` is the proof, the remote task or job only tells of progress and of failure. When no
answer is on record, nobody knows whether the call arrived: then look first, and send again only on proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pools.facts import Facts, Task
from workflows.engine.panel import Panel, judged, panel
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.states import StepState
from workflows.engine.step import Handle, Progress, Resend, Step

ENOUGH_SENDS = 3
"""So many times a call may vanish without a trace; then a person has to look."""

YES_LASTS = timedelta(minutes=5)
"""A yes that could not be carried out for so long (no worker, a silent captain) is not acted on out of the blue."""

FAILED = ("failure", "cancelled")
"""Ends of an XAPI task that did not do it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The attempt under way. `tasks` and `jobs` were there before the intent, so they are not ours."""

    number: int
    answered: bool
    handle: Handle | None = None
    doubted_at: datetime | None = None
    tasks: frozenset[str] = frozenset()
    jobs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the step's row stands."""

    state: StepState
    confirmed_digest: str = ""
    confirmed_at: datetime | None = None
    deadline_at: datetime | None = None
    tried: Tried | None = None


@dataclass(frozen=True, slots=True)
class Remote:
    """What the captain says about the handle: `pending`, `success`, `failure`, `gone`, or `unknown` (not asked)."""

    state: str = "unknown"
    share: float | None = None
    error: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotNeeded:
    says: str


@dataclass(frozen=True, slots=True)
class AlreadySo:
    """It is as the step would make it: nothing is called."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A person has to read this and say yes (or, while it is blocked, to mend something)."""

    panel: Panel


@dataclass(frozen=True, slots=True)
class Void:
    """It was confirmed, and is no longer what was confirmed."""

    panel: Panel


@dataclass(frozen=True, slots=True)
class Begin:
    """A step without risk: keep what it remembers, then wait until it is done."""


@dataclass(frozen=True, slots=True)
class Act:
    panel: Panel


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do but to look again. `doubtful` when it is not known whether the call arrived."""

    progress: Progress
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    says: str = ""


@dataclass(frozen=True, slots=True)
class Fail:
    """`code` and `params` verbatim from the captain, or one of ours: OVERDUE, CANNOT_LOOK, GAVE_UP."""

    code: str
    params: tuple[str, ...] = ()
    says: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """Refused with nothing changed, for a reason that goes by: to be tried again."""

    code: str
    params: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """Only a person can tell. `seen` is what was looked at."""

    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Proof that the call did not arrive: it may be sent once more, if the confirmation still holds."""

    seen: tuple[str, ...]


Decision = NotNeeded | AlreadySo | Ask | Void | Begin | Act | Wait | Done | Fail | Later | Doubt | SendAgain


def decide(step: Step, s: Situation, standing: Standing, remote: Remote, now: datetime) -> Decision:
    """The next thing to do. `now` is when the look began that `s` comes from."""
    late = standing.deadline_at is not None and now > standing.deadline_at
    try:
        if standing.state is StepState.ACTING and standing.tried:
            tried = standing.tried
            if tried.answered and tried.doubted_at is None:
                if step.answer_is_proof:
                    return Done("It was answered.")
                return _polled(step, s, remote, late)
            return _doubtful(step, s, tried, remote, now, late)
        if standing.state is StepState.WAITING:
            return _polled(step, s, remote, late)
        return _fresh(step, s, standing, now, late)
    except (NotKnown, ValueError) as unknown:
        return _unreadable(standing, str(unknown), late)


def _fresh(step: Step, s: Situation, standing: Standing, now: datetime, late: bool) -> Decision:
    if standing.state is StepState.CONFIRM:
        shown = panel(step, s)
        if shown.unknown:
            return Ask(shown)
    applies = step.applies(s)
    if not applies.ok:
        return NotNeeded(applies.says)
    if step.done(s):
        return AlreadySo()
    if not step.changes_something:
        return Begin()
    shown = panel(step, s)
    if standing.state is not StepState.CONFIRMED:
        return Ask(shown)
    if shown.unknown:
        return _unreadable(standing, shown.unknown, late)
    holds = shown.digest == standing.confirmed_digest and not shown.blocked and not _old(standing, now)
    return Act(shown) if holds else Void(shown)


def _old(standing: Standing, now: datetime) -> bool:
    """Also one from the future: the clock was turned back, and nobody knows how old it is."""
    if standing.confirmed_at is None:
        return False
    return abs(now - standing.confirmed_at) > YES_LASTS


def _unreadable(standing: Standing, says: str, late: bool) -> Decision:
    """A captain that can't be read is no failure until the deadline: a master that restarts is silent for a while."""
    acting = standing.state is StepState.ACTING and standing.tried is not None
    doubtful = acting and not (standing.tried and standing.tried.answered)
    if not late:
        return Wait(Progress(f"Cannot be read now: {says}"), doubtful)
    if doubtful:
        return Doubt((f"No answer came, and the captain could not be read until the deadline: {says}",))
    return Fail("CANNOT_LOOK", (says,), says)


def _polled(step: Step, s: Situation, remote: Remote, late: bool) -> Decision:
    if step.done(s):
        return Done()
    if remote.state == "failure":
        return _failed(step, remote.error)
    if stuck := step.stuck(s):
        return Fail("GAVE_UP", (), stuck)
    if late:
        return _overdue(step, s)
    return Wait(_progress(step, s, remote))


def _doubtful(step: Step, s: Situation, tried: Tried, remote: Remote, now: datetime, late: bool) -> Decision:
    """An intent without an answer: the state is the proof, then the handle, then the traces."""
    if step.done(s):
        return Done("No answer came, but it is so.")
    if remote.state == "failure":
        return _failed(step, remote.error)
    if stuck := step.stuck(s):
        return Fail("GAVE_UP", (), stuck)
    trace = _trace(step, s, tried)
    if trace.error:
        return _failed(step, trace.error)
    if late:
        return (
            _overdue(step, s) if trace.seen else Doubt((*_looked(step), "It was not done by the deadline."))
        )
    if trace.seen or remote.state in ("pending", "success"):
        says = trace.seen or "The captain knows the call."
        return Wait(Progress(says, remote.share), doubtful=True)
    if tried.doubted_at is None or now - tried.doubted_at < timedelta(seconds=step.settle):
        return Wait(Progress("No answer came; looking whether it arrived."), doubtful=True)
    seen = _looked(step)
    can_be_sent = step.resend is Resend.LOOK and tried.number < ENOUGH_SENDS
    return SendAgain(seen) if can_be_sent else Doubt(seen)


@dataclass(frozen=True, slots=True)
class _Trace:
    seen: str = ""
    error: tuple[str, ...] = ()


def _trace(step: Step, s: Situation, tried: Tried) -> _Trace:
    """Whether a captain works on the call, or has worked on it. Raises NotKnown when that can't be read."""
    traces = step.traces
    if traces.tasks or traces.operations:
        found = _task(step, s, tried)
        if found.seen or found.error:
            return found
        busy = [*s.pool.current_operations, *(op for host in s.pool.hosts for op in host.current_operations)]
        if operation := next((op for op in busy if op in traces.operations), None):
            return _Trace(f"The pool is busy with {operation}.")
    if traces.jobs:
        for job in s.cloudstack.jobs:
            if job.id not in tried.jobs and job.command.rpartition(".")[2] in _names(traces.jobs):
                return _Trace(f"CloudStack works on it: job {job.id}.")
    if traces.resource_states:
        host = step.around(s).cs_host
        if host and host.resourcestate in traces.resource_states:
            return _Trace(f"CloudStack shows {host.name} in {host.resourcestate}.")
    return _Trace()


def _task(step: Step, s: Situation, tried: Tried) -> _Trace:
    ours = [t for t in all_tasks(s.facts) if t.name in step.traces.tasks and t.ref not in tried.tasks]
    for task in ours:
        if task.status in FAILED:
            return _Trace(error=task.error or ("TASK_CANCELLED",))
    return _Trace(f"Found its task {ours[0].ref}, {ours[0].status}.") if ours else _Trace()


def all_tasks(facts: Facts) -> tuple[Task, ...]:
    """The pool's, and those of hosts that are to join it: a join is a task of the one that joins."""
    theirs = (task for newcomer in facts.newcomers for task in newcomer.tasks)
    return (*(facts.pool.tasks if facts.pool else ()), *theirs)


def _names(jobs: tuple[str, ...]) -> set[str]:
    return {job.rpartition(".")[2] for job in jobs}


def _looked(step: Step) -> tuple[str, ...]:
    """What was looked at and found empty, in words for a person."""
    traces = step.traces
    seen = ["It is not done."]
    if traces.tasks:
        seen.append(f"No task {' or '.join(traces.tasks)} is there that was not there before.")
    if traces.operations:
        seen.append(f"No {' or '.join(traces.operations)} is under way.")
    if traces.jobs:
        seen.append("CloudStack has no pending job for it.")
    return tuple(seen)


def _failed(step: Step, error: tuple[str, ...]) -> Fail | Later:
    code, *params = error or ("TASK_CANCELLED",)
    return (Later if code in step.goes_by else Fail)(code, tuple(params))


def _overdue(step: Step, s: Situation) -> Fail:
    unmet = tuple(check.says for check in judged(step, s)[0] if not check.ok)
    return Fail("OVERDUE", unmet, f"Not done within {step.within:.0f} s.")


def _progress(step: Step, s: Situation, remote: Remote) -> Progress:
    told = step.progress(s)
    if told is None:
        return Progress("Under way" if step.changes_something else "Waiting", remote.share)
    return Progress(told.says, told.share if told.share is not None else remote.share, told.left)


def remote_from(facts: Facts, handle: Handle) -> Remote:
    """What the look itself tells about a handle; `unknown` when it has to be asked for by itself."""
    return together([_told(facts, one) for one in handle.each])


def together(remotes: Sequence[Remote]) -> Remote:
    """Of calls that were sent together: under way while one of them is, then failed if one has failed. So a person
    is asked once, when there is nothing left to come of them."""
    if len(remotes) == 1:
        return remotes[0]
    states = [remote.state for remote in remotes]
    if "pending" in states:
        return Remote("pending")
    worst = next((state for state in ("unknown", "failure", "gone") if state in states), "success")
    return next((remote for remote in remotes if remote.state == worst), Remote())


def _told(facts: Facts, handle: Handle) -> Remote:
    if handle.kind == "xapi-task" and facts.pool:
        task = next((t for t in all_tasks(facts) if t.ref == handle.id), None)
        if task:
            return Remote("failure" if task.status in FAILED else task.status, task.progress, task.error)
    if handle.kind == "cloudstack-job" and facts.cloudstack:
        return Remote("pending") if handle.id in {job.id for job in facts.cloudstack.jobs} else Remote()
    return Remote()
