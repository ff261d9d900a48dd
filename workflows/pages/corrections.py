"""Other inputs in the middle of a run: the fields to correct them with, and the proposal that waits for a yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.catalogue import WORKFLOWS
from workflows.engine.step import Candidate, Input
from workflows.models import Run
from workflows.pages.face import Person, may_correct
from workflows.pages.words import plural
from workflows.running import correcting


@dataclass(frozen=True, slots=True)
class Field:
    """One input, with what can be chosen for it now; a text has no candidates."""

    input: Input
    value: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Corrected inputs that wait for approval, for one person."""

    who: str
    at: str
    differences: tuple[str, ...]
    fingerprint: str
    missing: str
    may_vote: bool


def fields(run: Run) -> tuple[Field, ...]:
    """The inputs that can be corrected, on the last look."""
    workflow, facts = WORKFLOWS.get(run.workflow), run.pool.last_facts()
    if workflow is None or facts is None or facts.pool is None:
        return ()
    return tuple(
        Field(each, run.inputs.get(each.name, ""), workflow.candidates(each.name, facts, run.inputs))
        for each in correcting.fields(run)
    )


def proposal(run: Run, person: Person) -> Proposal | None:
    """What waits, if anything does."""
    waits: Mapping[str, Any] | None = run.correction
    if waits is None:
        return None
    return Proposal(
        who=waits["who"],
        at=waits["at"],
        differences=tuple(waits["differences"]),
        fingerprint=waits["fingerprint"],
        missing=plural(correcting.votes_left(run, waits), "approval"),
        may_vote=may_correct(run, person),
    )
