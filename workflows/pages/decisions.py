"""What a person may decide when a step failed or is in doubt. Choices that are closed stay, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from workflows.engine.states import RunState, StepState
from workflows.engine.step import Risk
from workflows.models import Run, RunStep
from workflows.pages.face import Face
from workflows.pages.rows import known
from workflows.pages.words import listed


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


def decisions(run: Run, steps: Sequence[RunStep], row: RunStep, face: Face) -> tuple[Choice, ...]:
    """All choices about the step that the run stands at."""
    closed = "" if face.may_confirm else f"only an operator decides. Ask {face.owner}."
    made = _in_doubt(run, closed) if run.state == RunState.DOUBT else _failed(run, steps, row, closed)
    abort = reverse("workflows:abort", args=[run.pk])
    says = "Ends the run. The next page says what stays behind, and offers to put it back."
    return (*made, Choice("abort", "Leave as it is…", says, closed=closed, href=abort))


def _failed(run: Run, steps: Sequence[RunStep], row: RunStep, closed: str) -> tuple[Choice, ...]:
    return (
        Choice(
            "retry",
            "Retry this step",
            "Looks again, shows the checks, and asks for a new confirmation before anything is sent.",
            closed=closed,
            action=reverse("workflows:retry", args=[run.pk]),
            first=True,
        ),
        Choice(
            "skip",
            "Skip this step",
            "Goes on with the next step. It stands in the journal with your reason.",
            closed=closed or _cannot_skip(row),
            action=reverse("workflows:skip", args=[run.pk]),
            reason="Why it may be left out",
        ),
        Choice(
            "undo",
            "Undo what was done",
            _undoes(steps),
            closed=closed or cannot_undo(steps),
            action=reverse("workflows:undo", args=[run.pk]),
        ),
    )


def _in_doubt(run: Run, closed: str) -> tuple[Choice, ...]:
    return (
        Choice(
            "happened",
            "It happened",
            "The call arrived. The run waits until what it was to do is so, and goes on.",
            closed=closed,
            action=reverse("workflows:it-happened", args=[run.pk]),
        ),
        Choice(
            "did-not",
            "It did not happen",
            "The call never arrived. It may be sent again, after a new confirmation.",
            closed=closed,
            action=reverse("workflows:it-did-not", args=[run.pk]),
        ),
    )


def _cannot_skip(row: RunStep) -> str:
    step = known(row)
    return "" if step and step.skippable else "the steps after it rest on it."


def cannot_undo(steps: Sequence[RunStep]) -> str:
    """Why what was done cannot be taken back; empty when it can."""
    done = [s for s in steps if s.state == StepState.DONE]
    if final := next((s for s in done if s.risk == Risk.FINAL), None):
        return f"step {final.number} is done and has no way back."
    return "" if _undoable(done) else "nothing was changed so far that could be taken back."


def _undoable(done: Sequence[RunStep]) -> list[RunStep]:
    return [s for s in reversed(done) if (step := known(s)) and step.undo_with]


def _undoes(steps: Sequence[RunStep]) -> str:
    rows = _undoable([s for s in steps if s.state == StepState.DONE])
    return f"Takes back {listed([f'step {s.number}' for s in rows])}, newest first. Each is confirmed."
