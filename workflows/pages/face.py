"""What a run looks like to one person: its state in a word, and what that person may do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest

from workflows.engine.states import ENDED, FOR_A_PERSON, RunState
from workflows.models import Run, RunStep
from workflows.pages.rows import PAST
from workflows.pages.words import listed, plural
from workflows.running import correcting

R = RunState
Person = User | AnonymousUser


class SignedIn(HttpRequest):
    """A request of somebody who is signed in: the middleware lets nobody else through to these pages."""

    user: User


PLANS = frozenset({R.PLANNED, R.APPROVAL, R.STARTING, R.REFUSED, R.EXPIRED})
"""In these the page is the plan; in the others it is the run."""
WORDS = {
    R.PLANNED: ("todo", "A plan, nobody is asked yet"),
    R.STARTING: ("work", "Starting: the plan is made once more"),
    R.RUNNING: ("work", "Working"),
    R.DONE: ("done", "Done"),
    R.ABORTED: ("skip", "Aborted"),
    R.REFUSED: ("failed", "Refused"),
    R.EXPIRED: ("skip", "Ran out: nobody decided in time"),
}
MAY_CONFIRM = "workflows.confirm_step"
MAY_APPROVE = "workflows.approve_run"
MAY_START = "workflows.start_run"
MAY_TAKE_OVER = "workflows.take_over_run"


@dataclass(frozen=True, slots=True)
class Face:
    """The head of the page. `mark` and `word` say the state to this person."""

    mark: str
    word: str
    said: tuple[str, ...]
    done: int
    is_plan: bool
    requester: str
    owner: str
    approved: str
    may_confirm: bool
    may_abort: bool
    may_take_over: bool

    @property
    def urgent(self) -> bool:
        """Whether the page's title carries the mark."""
        return self.mark in ("hold", "failed")


def face(run: Run, steps: Sequence[RunStep], person: Person) -> Face:
    """The run's head for this person."""
    mark, word = state_word(run, person)
    yes = [name(a.by) for a in run.approvals.all() if a.counts]
    return Face(
        mark=mark,
        word=word,
        said=tuple(_said(run, steps)),
        done=sum(step.state in PAST for step in steps),
        is_plan=run.state in PLANS,
        requester=name(run.requested_by),
        owner=name(run.owner),
        approved=listed(yes),
        may_confirm=person.has_perm(MAY_CONFIRM),
        may_abort=run.state not in ENDED and person.has_perm(MAY_CONFIRM),
        may_take_over=run.state not in ENDED and run.owner_id != person.pk and person.has_perm(MAY_TAKE_OVER),
    )


def state_word(run: Run, person: Person) -> tuple[str, str]:
    """Mark and word of the run's state; what waits for this very person says so."""
    if run.state == R.APPROVAL:
        return "hold", "Waits for your approval" if may_vote(run, person) else "Waits for approval"
    if run.state in FOR_A_PERSON:
        who = "you" if _decides(run, person) else name(run.owner)
        mark = {R.CONFIRM: "hold", R.FAILED: "failed", R.DOUBT: "hold"}[R(run.state)]
        first = {R.CONFIRM: "Waits for", R.FAILED: "Failed, waits for", R.DOUBT: "In doubt, needs"}
        return mark, f"{first[R(run.state)]} {who}"
    return WORDS[R(run.state)]


def may_vote(run: Run, person: Person) -> bool:
    """Whether this person's word is wanted: an approver, not the requester, who has not spoken on this plan."""
    if run.state != R.APPROVAL or run.requested_by_id == person.pk or not person.has_perm(MAY_APPROVE):
        return False
    return not any(a.by_id == person.pk and a.fingerprint == run.fingerprint for a in run.approvals.all())


def may_correct(run: Run, person: Person) -> bool:
    """Whether this person's word about the corrected inputs is wanted."""
    waits = run.correction
    if waits is None or waits["by"] == person.pk or not person.has_perm(MAY_APPROVE):
        return False
    return not correcting.words_about(run, waits).filter(by_id=person.pk).exists()


def name(person: AbstractBaseUser) -> str:
    """How a person is called on the pages: the full name, or else the account."""
    return (person.get_full_name() if isinstance(person, User) else "") or person.get_username()


def _decides(run: Run, person: Person) -> bool:
    return run.owner_id == person.pk or person.has_perm(MAY_CONFIRM)


def _said(run: Run, steps: Sequence[RunStep]) -> list[str]:
    if run.state in PLANS:
        confirmed = sum(s["risk"] != "none" and s["applies"]["ok"] for s in run.plan["steps"])
        said = [f"{len(steps)} steps, {confirmed} to confirm"]
        if run.state == R.APPROVAL:
            yes = sum(a.counts for a in run.approvals.all())
            said.append(f"{yes} of {plural(run.approvals_needed, 'approval')}")
        return said
    if run.state in ENDED:
        return [f"{len(steps)} steps"]
    return [f"step {min(run.index + 1, len(steps))} of {len(steps)}"]
