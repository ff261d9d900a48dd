"""The step that the run stands at: what a person reads before the button, while it works, and when it failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from pools.clients.meanings import meaning
from workflows.engine import lockout
from workflows.engine.situation import Situation
from workflows.engine.states import RunState, StepState
from workflows.engine.step import Risk
from workflows.models import Run, RunStep
from workflows.pages.decisions import Choice, decisions
from workflows.pages.face import Face, Person, name
from workflows.pages.rows import PAST, known
from workflows.pages.since import since
from workflows.pages.words import short, span, unmet
from workflows.running import choices, own, policy

TEMPLATES = {RunState.CONFIRM: "confirm", RunState.FAILED: "failed", RunState.DOUBT: "doubt"}
OURS = {
    "OVERDUE": "It was not done in time. The run has stopped; nothing is sent until a person decides.",
    "CANNOT_LOOK": "Whether it is done could not be read until the deadline.",
    "GAVE_UP": "The captain says that it will not come to this by itself.",
}
"""What our own codes mean; the captains' are in pools/clients/meanings.py."""
LARGE = ("shown", "differences", "seen", "error_params")
"""Columns of a step that only the open one shows: the page reads them of that one alone."""
EMPTY: Mapping[str, Any] = {"checks": [], "changes": [], "calls": [], "danger": "", "undo": "", "why": ""}


@dataclass(frozen=True, slots=True)
class Measure:
    """A number people wait for, with its unit and what it counts."""

    what: str
    number: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """Everything the open step shows. `closed` says why nobody may confirm now; `typed` is the name to type."""

    row: RunStep
    panel: Mapping[str, Any]
    template: str
    closed: tuple[str, ...] = ()
    typed: str = ""
    says: str = ""
    handle: str = ""
    meter: tuple[Measure, ...] = ()
    meaning: str = ""
    choices: tuple[Choice, ...] = ()
    next: RunStep | None = None
    moved: list[str] = field(default_factory=list)
    threats: tuple[str, ...] = ()
    """What it would do to what Baton itself needs, as things stand."""
    two: bool = False
    """The policy wants two people for it."""
    first: str = ""
    """Who said the first yes already."""
    since: tuple[str, ...] = ()
    """What became otherwise since it waits."""

    @property
    def final(self) -> bool:
        return self.row.risk == Risk.FINAL

    @property
    def digest(self) -> str:
        return short(self.row.digest)

    @property
    def verb(self) -> str:
        """The title as it goes on after a colon."""
        return self.row.title[:1].lower() + self.row.title[1:]

    @property
    def why(self) -> str:
        step = known(self.row)
        return step.why if step else str(self.panel["why"])

    @property
    def acting(self) -> bool:
        return self.row.state == StepState.ACTING

    @property
    def share(self) -> int | None:
        share = (self.row.progress or {}).get("share")
        return None if share is None else round(100 * share)


def open_step(run: Run, steps: Sequence[RunStep], face: Face, person: Person, now: datetime) -> Open | None:
    """The open step for one person; None on a plan and after the end."""
    row = next((s for s in steps if s.index == run.index), None)
    if row is None or face.is_plan or run.ended:
        return None
    row.refresh_from_db(fields=LARGE)
    template = TEMPLATES.get(RunState(run.state), "work")
    return Open(
        row=row,
        panel=row.shown or EMPTY,
        template=f"workflows/run/_open_{template}.html",
        closed=closed(run, row, face, person) if template == "confirm" else (),
        threats=_threats(run, row) if template == "confirm" else (),
        two=template == "confirm" and policy.wants_two(run, row),
        first=_first(run, row) if template == "confirm" else "",
        typed=choices.name_to_type(run, row),
        says=(row.progress or {}).get("says") or row.says or "Looks at both captains.",
        handle=_handle(row),
        meter=_meter(row, now) if template == "work" else (),
        meaning=_means(row),
        choices=decisions(run, face) if template in ("failed", "doubt") else (),
        next=next((s for s in steps if s.index > run.index and s.state not in PAST), None),
        moved=row.differences,
        since=since(run, row) if template == "confirm" else (),
    )


def closed(run: Run, row: RunStep, face: Face, person: Person) -> tuple[str, ...]:
    """Why this person may not confirm now, each reason with its cure; empty when they may."""
    if not face.may_confirm:
        return (f"You may read here. {face.owner}, or another operator, confirms the steps.",)
    if run.paused_at:
        return (f"{run.pause_by} let this run rest. Let it go on first: the checks are made anew then.",)
    if isinstance(person, User) and (no := policy.may_not_confirm(run, row, person)):
        return (f"{no} {face.owner} owns the run.",)
    if policy.wants_two(run, row) and policy.first_yes(run, row) == person:
        return ("You said the first yes. Another person has to say theirs.",)
    if row.shown is None:
        return ("The checks are being made; they are here in a moment.",)
    return tuple(unmet(c["says"], c["cure"]) for c in row.shown["checks"] if not c["ok"])


def _first(run: Run, row: RunStep) -> str:
    by = policy.first_yes(run, row) if policy.wants_two(run, row) else None
    return name(by) if by else ""


def _threats(run: Run, row: RunStep) -> tuple[str, ...]:
    step, facts = known(row), run.pool.last_facts()
    if step is None or facts is None:
        return ()
    s = Situation(facts=facts, baseline=run.baseline_facts, inputs=run.inputs, memory=run.memory)
    return lockout.threats(step, s, own.of(run.pool))


def _means(row: RunStep) -> str:
    """Empty where what the step says tells it already."""
    known = OURS.get(row.error_code) or meaning(row.error_code, row.error_params) if row.error_code else ""
    return "" if known in row.says else known


def _handle(row: RunStep) -> str:
    attempt = row.last_attempt()
    if attempt is None or not attempt.handle_id:
        return ""
    system = "CloudStack job" if attempt.handle_kind == "cloudstack-job" else "XAPI task"
    first, *more = attempt.handle_id.split()
    return f"{system} {first}" + (f" and {len(more)} more" if more else "")


def _meter(row: RunStep, now: datetime) -> tuple[Measure, ...]:
    progress = row.progress or {}
    said = []
    if progress.get("left") is not None:
        said.append(Measure("left to do", str(progress["left"])))
    if progress.get("share") is not None:
        said.append(Measure("done", str(round(100 * progress["share"])), "%"))
    if row.started_at:
        said.append(_time("so far", (now - row.started_at).total_seconds()))
    if row.deadline_at:
        until = f"until the deadline, {row.deadline_at:%H:%M} UTC"
        said.append(_time(until, (row.deadline_at - now).total_seconds()))
    return tuple(said)


def _time(what: str, seconds: float) -> Measure:
    number, _, unit = span(seconds).partition(" ")
    return Measure(what, number, unit)
