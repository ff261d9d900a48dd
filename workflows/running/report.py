"""A run from beginning to end, as plain data: what the JSON export and the printed report show."""

from __future__ import annotations

from typing import Any

from workflows.models import Attempt, Run, RunStep
from workflows.running import journal


def report(run: Run) -> dict[str, Any]:
    """Everything that is on record; datetimes are left as they are (DjangoJSONEncoder writes them)."""
    return {
        "run": {
            "id": run.pk,
            "workflow": run.workflow,
            "title": run.title,
            "pool": run.pool.name,
            "inputs": run.inputs,
            "state": run.state,
            "reason": run.reason,
            "fingerprint": run.fingerprint,
            "version": run.version,
            "requested_by": run.requested_by.get_username(),
            "owner": run.owner.get_username(),
            "created": run.created,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
        },
        "plan": run.plan,
        "approvals": list(run.approvals.values("by__username", "yes", "comment", "fingerprint", "at")),
        "went_on_alone": list(
            run.glasses.values(
                *("by__username", "at", "reason", "waived", "saw"),
                *("reviewed_by__username", "reviewed_at", "review"),
            )
        ),
        "rehearsal": run.rehearsal,
        "steps": [
            _step(row)
            for row in run.steps.select_related("confirmed_by", "first_by").prefetch_related("attempts")
        ],
        "debts": list(run.debts.values("kind", "says", "step_index", "incurred_at", "paid_at", "paid_how")),
        "journal": list(
            run.journal.values("seq", "at", "kind", "step_index", "actor", "says", "data", "previous", "hash")
        ),
        "journal_faults": journal.verify(run),
    }


def _step(row: RunStep) -> dict[str, Any]:
    names = ("number", "key", "args", "title", "risk", "state", "says", "shown", "error_code", "error_params")
    told = {name: getattr(row, name) for name in (*names, "confirmed_at", "started_at", "ended_at")}
    by = row.confirmed_by.get_username() if row.confirmed_by else ""
    first = row.first_by.get_username() if row.first_by else ""
    return {
        **told,
        "confirmed_by": by,
        "first_yes_by": first,
        "attempts": [_attempt(attempt) for attempt in row.attempts.all()],
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    names = ("number", "worker", "intent_at", "answered_at", "handle_kind", "handle_id", "outcome")
    told = {name: getattr(attempt, name) for name in names}
    return {**told, "error": [attempt.error_code, *attempt.error_params] if attempt.error_code else []}
