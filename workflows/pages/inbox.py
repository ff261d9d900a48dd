"""The approvals inbox: what waits for you, what waits for others, and what was decided lately.

There is no approve button here: it stands under the plan that one has read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from workflows.engine.states import RunState
from workflows.models import Approval, Glass, Run
from workflows.pages.approvals import Vote, votes
from workflows.pages.context import tally
from workflows.pages.face import Person, may_vote, name
from workflows.pages.strips import Line, line, wanted
from workflows.pages.words import listed, short

R = RunState
LATELY = 20
DECISIONS = {R.REFUSED: ("failed", "Refused"), R.EXPIRED: ("skip", "Ran out")}


@dataclass(frozen=True, slots=True)
class Asked:
    """One plan in the inbox."""

    line: Line
    votes: tuple[Vote, ...]
    plan: str
    tally: dict[str, Any]
    yours: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """One line of what was decided."""

    run: Run
    mark: str
    word: str
    by: str
    words: str
    requester: str
    at: Any


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The page; its list alone when it is fetched again after an announcement."""
    asked = [
        _asked(run, request.user)
        for run in wanted(Run.objects.filter(state=R.APPROVAL).order_by("approval_expires_at", "pk"))
    ]
    made = {
        "yours": [each for each in asked if each.yours],
        "others": [each for each in asked if not each.yours],
        "corrected": [
            line(run, request.user) for run in wanted(Run.objects.filter(correction__isnull=False))
        ],
        "reviews": list(Glass.objects.filter(reviewed_at=None).select_related("by", "run__pool")),
        "decided": _decided(),
    }
    template = "_list" if request.headers.get("HX-Request") else "page"
    return render(request, f"workflows/inbox/{template}.html", made)


def _asked(run: Run, person: Person) -> Asked:
    return Asked(
        line=line(run, person),
        votes=votes(run),
        plan=short(run.fingerprint),
        tally=tally(run),
        yours=may_vote(run, person),
        own=run.requested_by_id == person.pk,
    )


def _decided() -> list[Decided]:
    """Plans that were approved, refused, or ran out: newest first."""
    ended = wanted(
        Run.objects.filter(approval_expires_at__isnull=False).exclude(state__in=(R.PLANNED, R.APPROVAL))
    )
    return [_decision(run) for run in ended.prefetch_related("glasses__by").order_by("-pk")[:LATELY]]


def _decision(run: Run) -> Decided:
    valid = [a for a in run.approvals.all() if a.fingerprint == run.fingerprint]
    said = [a for a in valid if a.yes != (run.state == R.REFUSED)]
    mark, word = DECISIONS.get(R(run.state), ("done", "Approved"))
    alone = list(run.glasses.all())
    if alone and not said and run.state not in DECISIONS:
        return Decided(
            run,
            "warning",
            "Gone on alone",
            name(alone[-1].by),
            alone[-1].reason,
            name(run.requested_by),
            alone[-1].at,
        )
    at = said[-1].at if said else run.state_since
    by = listed([name(a.by) for a in said]) or "nobody in time"
    return Decided(run, mark, word, by, _words(said), name(run.requested_by), at)


def _words(said: list[Approval]) -> str:
    return next((a.comment for a in reversed(said) if a.comment), "")
