"""The approval box beside a plan, and the votes on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflows.engine.states import RunState
from workflows.engine.step import Risk
from workflows.models import Run
from workflows.pages.face import MAY_APPROVE, MAY_START, Person, may_vote, name
from workflows.pages.words import short, unmet

R = RunState


@dataclass(frozen=True, slots=True)
class Vote:
    """One line under a plan: a person's word, or the place of one that is still open."""

    mark: str
    who: str
    says: str
    comment: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """The approval box for one person. `form` is the partial with the button, empty when there is none to press."""

    shown: bool
    title: str
    says: str
    form: str
    yours: bool
    votes: tuple[Vote, ...]
    void: bool
    plan: str
    requester: str
    danger: str
    comment: str = ""


def box(run: Run, person: Person, comment: str = "") -> Box:
    """What this person reads and may do about the plan."""
    title, says, form = _turn(run, person)
    return Box(
        shown=run.state in (R.PLANNED, R.APPROVAL, R.STARTING, R.REFUSED, R.EXPIRED),
        title=title,
        says=says,
        form=f"workflows/run/{form}.html" if form else "",
        yours=bool(form),
        votes=votes(run),
        void=any(a.void for a in run.approvals.all()),
        plan=short(run.fingerprint),
        requester=name(run.requested_by),
        danger=danger(run),
        comment=comment,
    )


def votes(run: Run) -> tuple[Vote, ...]:
    """Every word that was said, void ones too, and the one place that is open."""
    said = []
    yes = 0
    for each in run.approvals.all():
        void = each.void
        lost = each.yes and not void and not each.counts
        yes += each.counts
        mark = "none" if void or lost else "done" if each.yes else "failed"
        words = " approved" if each.yes else " said no"
        said.append(
            Vote(
                mark,
                name(each.by),
                words + _why_not(void, lost),
                each.comment,
                each.at,
            )
        )
    missing = run.approvals_needed - yes
    if run.state == R.APPROVAL and missing > 0:
        who = "One more" if yes else "One" if missing == 1 else str(missing)
        said.append(Vote("hold", who, f", not from {name(run.requested_by)}, who asks"))
    return tuple(said)


def _why_not(void: bool, lost: bool) -> str:
    """Why a word does not count, after it."""
    if void:
        return " to the plan before, void"
    return ", but may not approve any more: it does not count" if lost else ""


def danger(run: Run) -> str:
    """What one approves, in a sentence; empty when no step is final."""
    steps = [s for s in run.plan["steps"] if s["applies"]["ok"]]
    said = []
    if any(s["risk"] == Risk.FINAL for s in steps):
        said.append("a step without a way back")
    if any(s["owes"] == "ha" for s in steps):
        said.append("a time without HA")
    return f"You approve {' and '.join(said)}." if said else ""


def _turn(run: Run, person: Person) -> tuple[str, str, str]:
    """Title, sentence, and form."""
    if run.state == R.PLANNED:
        return _planned(run, person)
    if run.state == R.APPROVAL:
        return _asked(run, person)
    if run.state == R.STARTING and run.glasses.filter(fingerprint=run.fingerprint).exists():
        return "Gone on alone", "The plan is made once more on fresh facts, and starts if it is the same.", ""
    if run.state == R.STARTING:
        return "Approved", "The plan is made once more on fresh facts, and starts if it is the same.", ""
    return ("Refused" if run.state == R.REFUSED else "Ran out"), run.reason, ""


def _planned(run: Run, person: Person) -> tuple[str, str, str]:
    if refused := [c for c in run.plan["refusals"] if not c["ok"]]:
        says = " ".join(unmet(c["says"], c["cure"]) for c in refused)
        return "Not to be asked for yet", says, ""
    if not person.has_perm(MAY_START):
        return "Approval", "You may read this plan. An operator can ask for its approval.", ""
    if run.approvals_needed == 0:
        return (
            "Start",
            "The policy of this pool asks for no approval. Each step still waits for a person.",
            "_start",
        )
    return "Approval", "Nobody has been asked yet. Read the plan first: they will.", "_ask"


def _asked(run: Run, person: Person) -> tuple[str, str, str]:
    if may_vote(run, person):
        return "Your approval", "", "_vote"
    if run.requested_by_id == person.pk:
        return "Approval", "You asked for this run, so somebody else has to approve it.", ""
    if not person.has_perm(MAY_APPROVE):
        return "Approval", "You may read this plan. An approver has to decide about it.", ""
    return "Approval", "You have decided about this plan. It waits for others.", ""
