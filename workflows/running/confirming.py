"""A person's yes to one step, bound to what was shown."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from workflows.engine.panel import Panel, differences, panel
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.states import RunState, StepState
from workflows.models import Run, RunStep
from workflows.running import clock, journal, policy
from workflows.running.captains import same_pool
from workflows.running.moves import look_now
from workflows.running.people import as_planned, moved, name
from workflows.running.refusals import Moved, NotNow
from workflows.running.tail import step_of
from workflows.running.two import one_more


def confirm(run: Run, step_index: int, by: User, digest: str, typed_name: str = "") -> None:
    """Yes to the current step as it was shown under that digest. Raises Moved when it is not so any more.

    The engine judges once more, on facts of that moment, right before anything is sent.
    """
    run.refresh_from_db()
    row = _waiting(run, step_index)
    if closed := policy.may_not_confirm(run, row, by):
        raise NotNow(closed)
    wanted = name_to_type(run, row)
    if wanted and typed_name.strip() != wanted:
        raise NotNow(f"Type {wanted} to confirm: there is no way back from this step.")
    _still_so(run, row, digest)
    if one_more(run, row, by, digest):
        return
    with transaction.atomic():
        moved(run, RunState.RUNNING, reason="", correction=None)
        RunStep.objects.filter(pk=row.pk).update(
            state=StepState.CONFIRMED,
            confirmed_by=by,
            confirmed_at=clock.now(),
            confirmed_digest=digest,
            deadline_at=None,
            differences=[],
            says="",
        )
        typed = f" and typed {wanted}" if wanted else ""
        says = f"Confirmed{typed}: {row.title}."
        journal.write(run.pk, "confirmed", says, actor=name(by), step=row.index, data={"digest": digest})


def name_to_type(run: Run, row: RunStep) -> str:
    """What a person has to type for a step without a way back: the host's name, else the pool's."""
    try:
        return step_of(row).typed(as_planned(run))
    except NotKnown:
        return run.pool.name


def _waiting(run: Run, step_index: int) -> RunStep:
    row = run.steps.filter(index=step_index).first()
    if row is None:
        raise NotNow("This run has no such step.")
    if row.confirmed_at and row.state not in (StepState.CONFIRM, StepState.TODO):
        raise NotNow(f"Step {row.number} was confirmed by {row.confirmed_by} already.")
    if run.state != RunState.CONFIRM or run.index != step_index or row.state != StepState.CONFIRM:
        raise NotNow(f"Step {row.number} does not wait for a confirmation; this run is {run.state}.")
    if run.paused_at:
        raise NotNow(f"{run.pause_by} let this run rest: let it go on first.")
    return row


def _still_so(run: Run, row: RunStep, digest: str) -> None:
    fresh = _newest(run, row)
    shown = fresh.as_json() if fresh else (row.shown or {})
    if shown.get("digest") != digest:
        said = differences(row.shown, shown) if row.digest == digest and row.shown else row.differences
        look_now(run)  # so that the page shows it as it is now
        raise Moved(
            "Nothing was sent: this is not what you saw any more. Read what moved, and decide again.", said
        )
    if shown["blocked"]:
        failing = [check["says"] for check in shown["checks"] if not check["ok"]]
        raise NotNow(f"Not now: “{'”, “'.join(failing)}” does not hold.")


def _newest(run: Run, row: RunStep) -> Panel | None:
    """The panel on the watcher's last look, if that is newer than the one shown and can be judged."""
    facts, baseline = run.pool.last_facts(), run.baseline_facts
    if facts is None or baseline.pool is None or (row.shown_at and facts.at <= row.shown_at):
        return None
    own = same_pool(facts, baseline.pool.uuid)
    shown = panel(step_of(row), Situation(facts=own, baseline=baseline, inputs=run.inputs, memory=run.memory))
    return None if shown.unknown else shown
