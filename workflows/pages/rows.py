"""The spine: one row for each step of a run, with its mark, its time, what it owes, and its ties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.catalogue import step_for
from workflows.engine.states import RunState, StepState
from workflows.engine.step import Risk, Step
from workflows.models import Debt, Run, RunStep
from workflows.pages import ties
from workflows.pages.words import OWED, between, span

S = StepState
LEFT_OUT = frozenset({S.NOT_NEEDED, S.SKIPPED, S.CANCELLED})
"""Steps that neither owe nor pay."""
PAST = frozenset({S.DONE, S.ALREADY, *LEFT_OUT})
UNDER_WAY = frozenset({RunState.RUNNING, RunState.CONFIRM, RunState.FAILED, RunState.DOUBT})
PLAIN = ("Done.", "Looked.")
SEGMENT = {
    S.DONE: "d", S.ALREADY: "d", S.NOT_NEEDED: "d", S.SKIPPED: "d",
    S.CONFIRM: "h", S.FAILED: "f", S.DOUBT: "f",
    S.CONFIRMED: "p", S.ACTING: "p", S.WAITING: "p",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owing:
    """What stands at the end of a step's line: `owes HA`. `now` while it is owed, `bad` when that is HA."""

    says: str
    now: bool = False
    bad: bool = False
    pays: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One step as it stands on the spine. `bar` holds the ties across the double bar above it, if there is one."""

    row: RunStep
    step: Step | None
    kind: str
    when: str
    ties: tuple[str, ...]
    bar: tuple[str, ...] | None
    owing: tuple[Owing, ...]
    plan: Mapping[str, Any] | None
    """The step as it was planned; None for one that came later (an undo, say)."""

    @property
    def share(self) -> int | None:
        """Percent done, where a captain tells it."""
        share = (self.row.progress or {}).get("share")
        return None if share is None else round(100 * share)

    @property
    def took(self) -> str:
        """How long it took; empty while it is not over."""
        return between(self.row.started_at, self.row.ended_at)

    @property
    def says(self) -> str:
        """What is worth a second line once the step is over; that it is done, the tick says."""
        return "" if self.row.says in PLAIN else self.row.says

    @property
    def segment(self) -> str:
        return SEGMENT.get(S(self.row.state), "")


def rows(run: Run, steps: Sequence[RunStep], debts: Sequence[Debt]) -> list[Row]:
    """The spine of a run, in order."""
    classes = [known(step) for step in steps]
    legs = [
        ties.Leg(cls.owes, cls.pays, step.state not in LEFT_OUT, step.state not in PAST)
        if cls
        else ties.Leg("", ())
        for step, cls in zip(steps, classes, strict=True)
    ]
    owed = {(d.step_index, d.kind) for d in debts if d.open}
    bonds = ties.bonds(legs, owed, ((d.step_index, d.kind) for d in debts if not d.open))
    final = _no_way_back(steps)
    now = run.index if run.state in UNDER_WAY else len(steps) if run.ended else 0
    return [
        Row(
            row=step,
            step=cls,
            kind=_kind(run, step),
            when=_when(step, cls),
            ties=ties.at_step(bonds, step.index, now),
            bar=ties.before_step(bonds, step.index, now) if step.index == final else None,
            owing=_owing(bonds, step.index),
            plan=planned(run, step),
        )
        for step, cls in zip(steps, classes, strict=True)
    ]


def planned(run: Run, step: RunStep) -> Mapping[str, Any] | None:
    """What the plan says about a step of the run."""
    steps: list[Mapping[str, Any]] = run.plan["steps"]
    if step.index >= len(steps) or steps[step.index]["key"] != step.key:
        return None
    return steps[step.index]


def known(step: RunStep) -> Step | None:
    """The step's class; None when this release no longer has it, so that old runs can still be read."""
    try:
        return step_for(step.key, step.args)
    except (KeyError, TypeError):
        return None


def _no_way_back(steps: Sequence[RunStep]) -> int | None:
    final = (s.index for s in steps if s.risk == Risk.FINAL and s.state not in LEFT_OUT)
    return next(final, None)


def _kind(run: Run, step: RunStep) -> str:
    if step.state in PAST:
        return "past"
    return "open" if run.state in UNDER_WAY and step.index == run.index else "todo"


def _when(step: RunStep, cls: Step | None) -> str:
    took = between(step.started_at, step.ended_at)
    if took and step.state in (S.DONE, S.FAILED):
        return took
    return f"up to {span(cls.within)}" if cls and step.state not in PAST else ""


def _owing(bonds: Sequence[ties.Bond], index: int) -> tuple[Owing, ...]:
    said = []
    for bond in bonds:
        name, owed, ha = OWED.get(bond.kind, bond.kind), bond.state == "owed", bond.kind == ties.HA
        if index == bond.start:
            words = {"future": "will owe", "owed": "owes", "paid": "owed"}[bond.state]
            said.append(Owing(f"{words} {name}", now=owed, bad=owed and ha))
        elif index == bond.end and bond.state != "paid":
            said.append(Owing(f"pays {name}", now=owed and ha, pays=owed and ha))
        elif index == bond.end:
            said.append(Owing(f"paid {name}"))
    return tuple(said)
