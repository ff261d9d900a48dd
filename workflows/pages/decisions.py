"""What a person may decide about a run, as buttons: the engine says what is open, and what is closed stays with its
reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from workflows.engine.states import RunState
from workflows.models import Run
from workflows.pages import corrections
from workflows.pages.face import Face
from workflows.pages.rows import known
from workflows.running import choices

FAILED = ("retry", "wait", "correct", "skip", "undo")
IN_DOUBT = ("it-happened", "it-did-not")
LABELS = {
    "retry": "Retry this step",
    "wait": "Wait longer",
    "correct": "Correct the inputs",
    "skip": "Skip this step",
    "undo": "Undo what was done",
    "it-happened": "It happened",
    "it-did-not": "It did not happen",
}
RARE = ("wait", "correct")
"""Offered only where they are open: most failures have nothing to do with time or inputs."""
REASONS = {
    "skip": "Why it may be left out",
    "it-happened": "Where you saw that it happened",
    "it-did-not": "Where you saw that it did not",
}
"""Label of the text that a choice asks for."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One button, or the reason why it is none. `action` is posted to, `href` leads to a page that explains more;
    `reason` is the label of a text that goes with it."""

    key: str
    label: str
    says: str
    closed: str = ""
    action: str = ""
    href: str = ""
    reason: str = ""
    first: bool = False
    minutes: int = 0
    """For `wait`: how long is proposed."""
    fields: tuple[corrections.Field, ...] = ()
    """For `correct`: the inputs."""


def decisions(run: Run, face: Face) -> tuple[Choice, ...]:
    """All choices about the step that the run stands at, when it failed or is in doubt."""
    names = IN_DOUBT if run.state == RunState.DOUBT else FAILED
    offered = [each for each in _open_or_not(run, names, face) if each.key not in RARE or not each.closed]
    return (*offered, _leave(run, face))


def _open_or_not(run: Run, names: Sequence[str], face: Face) -> list[Choice]:
    found = {option.name: option for option in choices.options(run)}
    mine = "" if face.may_confirm else f"Only an operator decides here. Ask {face.owner}."
    return [
        Choice(
            key=name,
            label=LABELS[name],
            says=found[name].why,
            closed=mine or ("" if found[name].open else found[name].why),
            action=reverse(f"workflows:{name}", args=[run.pk]),
            reason=REASONS.get(name, ""),
            first=name == "retry",
            minutes=_minutes(run) if name == "wait" else 0,
            fields=corrections.fields(run) if name == "correct" and found[name].open else (),
        )
        for name in names
    ]


def _minutes(run: Run) -> int:
    """As long as the step had at first."""
    row = run.current()
    step = known(row) if row else None
    return max(1, round(step.within / 60)) if step else 10


def _leave(run: Run, face: Face) -> Choice:
    says = "Ends the run. The next page says what stays behind, and offers to put it back first."
    closed = "" if face.may_confirm else f"Only an operator decides here. Ask {face.owner}."
    return Choice(
        "abort", "Leave as it is…", says, closed=closed, href=reverse("workflows:abort", args=[run.pk])
    )
