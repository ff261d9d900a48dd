"""Short lists for other pages: runs in progress, approvals that wait, and the number beside the menu's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from workflows.engine.states import HOLDING, RunState, StepState
from workflows.engine.step import Risk
from workflows.models import Run, RunStep
from workflows.pages.face import MAY_APPROVE, Person, may_correct, may_vote, name, state_word
from workflows.pages.rows import PAST, SEGMENT
from workflows.pages.words import plural

R = RunState
IN_PROGRESS = frozenset({R.STARTING, *HOLDING})
URGENCY = {R.FAILED: 0, R.DOUBT: 0, R.CONFIRM: 1}


@dataclass(frozen=True, slots=True)
class Line:
    """One run in a strip or a list: where it stands, in a word, a bar and a sentence."""

    run: Run
    mark: str
    word: str
    says: str
    segments: tuple[str, ...]
    done: int
    risk: str
    owner: str
    requester: str


def line(run: Run, person: Person) -> Line:
    """The run as one line for this person. Wants `steps` and `approvals` prefetched."""
    steps = list(run.steps.all())
    mark, word = state_word(run, person)
    return Line(
        run=run,
        mark=mark,
        word=word,
        says=_says(run, steps),
        segments=tuple(SEGMENT.get(StepState(step.state), "") for step in steps),
        done=sum(step.state in PAST for step in steps),
        risk=max((Risk(step.risk) for step in steps), key=lambda r: r.weight, default=Risk.NONE),
        owner=name(run.owner),
        requester=name(run.requested_by),
    )


def runs_strip(person: Person, pool: int | None = None) -> list[Line]:
    """Runs in progress, those that wait for a person first; of one pool (its key) or of all."""
    found = wanted(Run.objects.filter(state__in=IN_PROGRESS))
    here = found.filter(pool_id=pool) if pool else found
    return [line(run, person) for run in sorted(here, key=lambda r: (URGENCY.get(R(r.state), 2), r.pk))]


def approvals_strip(person: Person) -> list[Line]:
    """Plans that wait for approval, those that wait for this person first, the soonest deadline on top."""
    found = wanted(Run.objects.filter(state=R.APPROVAL).order_by("approval_expires_at", "pk"))
    return [line(run, person) for run in sorted(found, key=lambda r: not may_vote(r, person))]


def waiting_for(person: Person) -> int:
    """How many plans wait for this very person's word."""
    if not person.has_perm(MAY_APPROVE):
        return 0
    found = (
        Run.objects.filter(state=R.APPROVAL).exclude(requested_by_id=person.pk).prefetch_related("approvals")
    )
    corrected = Run.objects.filter(correction__isnull=False).prefetch_related("approvals")
    return sum(may_vote(run, person) for run in found) + sum(may_correct(run, person) for run in corrected)


def context(request: HttpRequest) -> dict[str, Any]:
    """What `_runs_strip.html` and `_approvals_strip.html` show: `runs` and `approvals`."""
    return {"runs": runs_strip(request.user), "approvals": approvals_strip(request.user)}


def counts(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `approvals_waiting`, a lazy number: the database is asked only where a page shows it."""
    person: Person | None = getattr(request, "user", None)
    return {"approvals_waiting": SimpleLazyObject(lambda: waiting_for(person) if person else 0)}


def wanted(found: QuerySet[Run]) -> QuerySet[Run]:
    """With everything that `line` reads, in a fixed number of queries."""
    return found.select_related("pool", "owner", "requested_by").prefetch_related("steps", "approvals__by")


def _says(run: Run, steps: Sequence[RunStep]) -> str:
    if run.state == R.APPROVAL:
        yes = sum(a.counts for a in run.approvals.all())
        return f"{yes} of {plural(run.approvals_needed, 'approval')}"
    current = next((s for s in steps if s.index == run.index), None)
    if run.state not in IN_PROGRESS or current is None:
        return run.reason
    progress = (current.progress or {}).get("says") if run.state == R.RUNNING else ""
    return f"step {current.number} of {len(steps)}: {progress or current.title}"
