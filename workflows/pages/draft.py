"""A run that is being thought of: the form's fields with ranked candidates, and what must hold before it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pools.facts import Facts
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Candidate, Check, Glance, Input, Risk, Workflow
from workflows.pages.words import unmet

WRITTEN = ("text", "strangers")
"""Kinds of inputs that people write; the others are chosen from."""
LONGEST = 500
"""Characters of an input; a list of hosts is the longest of them."""
MOST_SHOWN = 5
"""Candidates for one place that are shown at once; the others fold."""


@dataclass(frozen=True, slots=True)
class Field:
    """One input of the form, with its candidates best first and the value that is chosen now."""

    input: Input
    candidates: tuple[Candidate, ...]
    value: str

    @property
    def several(self) -> bool:
        """Whether more than one may be chosen: then the value is their uuids, by commas."""
        return self.input.kind == "hosts"

    @property
    def values(self) -> tuple[str, ...]:
        """Each value that is chosen."""
        return tuple(v for v in self.value.split(",") if v) if self.several else (self.value,)

    @property
    def only(self) -> Candidate | None:
        """The one candidate, when there is nothing to choose."""
        single = len(self.candidates) == 1 and not self.several
        return self.candidates[0] if single and self.candidates[0].possible else None

    @property
    def ranked(self) -> list[tuple[int | None, Candidate]]:
        """Candidates with their rank; one that is ruled out has none."""
        possible = [c for c in self.candidates if c.possible]
        return [(possible.index(c) + 1 if c.possible else None, c) for c in self.candidates]

    @property
    def shown(self) -> list[tuple[int | None, Candidate]]:
        """Those to choose from: all of several, and of one the best with the chosen one. Where nobody qualifies, the
        reasons of the first say why."""
        return [row for row in self.ranked if self._stands_out(*row)] or self.ranked[:MOST_SHOWN]

    @property
    def folded(self) -> list[tuple[int | None, Candidate]]:
        """The others, behind one line."""
        shown = self.shown
        return [row for row in self.ranked if row not in shown]

    @property
    def fold_says(self) -> str:
        """That line: `2 more that could, 3 ruled out`."""
        could = sum(rank is not None for rank, _ in self.folded)
        out = len(self.folded) - could
        return ", ".join(
            filter(None, (f"{could} more that could" if could else "", f"{out} ruled out" if out else ""))
        )

    def _stands_out(self, rank: int | None, each: Candidate) -> bool:
        if rank is None:
            return False
        return self.several or rank <= MOST_SHOWN or each.value in self.values

    @property
    def to_fill(self) -> bool:
        """Whether it only waits for somebody to write into it."""
        return not self.value and self.input.required and self.input.kind in WRITTEN

    @property
    def problem(self) -> str:
        """Why the value will not do, in a sentence; empty when it will."""
        label = self.input.label
        if len(self.value) > LONGEST:
            return f"{label}: that is too long."
        if not self.value and self.input.required:
            if self.input.kind in WRITTEN:
                return f"{label}: nothing is filled in."
            if self.several and any(c.possible for c in self.candidates):
                return f"{label}: none is chosen."
            return f"{label}: {'nothing can be chosen here now.' if self.candidates else 'nobody qualifies.'}"
        if not self.candidates or not self.value:
            return ""
        known = {c.value: c for c in self.candidates}
        if strange := next((value for value in self.values if value not in known), ""):
            return f"{label}: {strange} is not one of the candidates."
        ruled_out = next((known[value] for value in self.values if not known[value].possible), None)
        return f"{label}: {ruled_out.label} is ruled out: {', '.join(ruled_out.out)}." if ruled_out else ""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything the form shows. `checks` are the workflow's refusals, `warnings` what stays different afterwards."""

    fields: tuple[Field, ...]
    checks: tuple[Check, ...]
    warnings: tuple[str, ...]
    glance: tuple[Glance, ...] = ()

    @property
    def inputs(self) -> dict[str, str]:
        return {field.input.name: field.value for field in self.fields if field.value}

    @property
    def unmet(self) -> bool:
        """Whether something that must hold does not."""
        return any(not check.ok for check in self.checks)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why no plan can be made, each with its cure; empty when one can."""
        failing = (unmet(check.says, check.cure) for check in self.checks if not check.ok)
        return (*(f.problem for f in self.fields if f.problem), *failing)

    @property
    def to_fill(self) -> bool:
        """Whether nothing stands against it but a field that waits to be written: then the form can be sent."""
        wrong = [field for field in self.fields if field.problem]
        return bool(wrong) and all(field.to_fill for field in wrong)


@dataclass(frozen=True, slots=True)
class Takes:
    """What a run of this workflow takes: steps, how many a person confirms, and the first one without a way back."""

    steps: int
    confirmed: int
    final: int | None


def draft(workflow: Workflow, facts: Facts, given: Mapping[str, str], known: Facts | None = None) -> Draft:
    """The form for these facts. What is not given is the best candidate; a later input sees the earlier ones.

    `known` is what the pool was like when its master last answered, for a workflow that does without one."""
    baseline = known if known and workflow.without_master else facts
    chosen: dict[str, str] = {}
    fields = []
    for wanted in workflow.inputs:
        candidates = workflow.candidates(wanted.name, baseline, chosen)
        value = _value(wanted, given.get(wanted.name), candidates)
        fields.append(Field(wanted, candidates, value))
        if value:
            chosen[wanted.name] = value
    checks, warnings, glance = _judged(workflow, facts, baseline, fields)
    return Draft(tuple(fields), checks, warnings, glance)


def takes(workflow: Workflow, facts: Facts, inputs: Mapping[str, str], known: Facts | None = None) -> Takes:
    """Counted on the steps of this very situation, or on the usual ones where it does not tell enough."""
    try:
        steps = workflow.build(Situation(facts=facts, baseline=known or facts, inputs=inputs))
    except (NotKnown, KeyError):
        steps = workflow.steps
    final = next((n for n, step in enumerate(steps, 1) if step.risk is Risk.FINAL), None)
    return Takes(len(steps), sum(step.changes_something for step in steps), final)


def _value(wanted: Input, given: str | None, candidates: tuple[Candidate, ...]) -> str:
    """A link names a host by uuid or by name; without one the best candidate is chosen, or the usual value stands.

    A text that was emptied stays empty. Of several, those are chosen that nothing speaks against; if none, all.
    """
    if wanted.kind == "hosts":
        return ",".join(_several(given, candidates))
    if given:
        return next((c.value for c in candidates if given in (c.value, c.label)), given)
    usual = wanted.initial if given is None else ""
    return next((c.value for c in candidates if c.possible), usual)


def _several(given: str | None, candidates: tuple[Candidate, ...]) -> Iterator[str]:
    if given is not None:
        for word in filter(None, given.split(",")):
            yield next((c.value for c in candidates if word in (c.value, c.label)), word)
        return
    possible = [c for c in candidates if c.possible]
    yield from (c.value for c in [c for c in possible if not c.con] or possible)


def _judged(
    workflow: Workflow, facts: Facts, baseline: Facts, fields: list[Field]
) -> tuple[tuple[Check, ...], tuple[str, ...], tuple[Glance, ...]]:
    if any(field.problem for field in fields):
        return (), (), ()
    inputs = {field.input.name: field.value for field in fields if field.value}
    situation = Situation(facts=facts, baseline=baseline, inputs=inputs)
    try:
        return (
            tuple(workflow.refusals(situation)),
            tuple(workflow.warnings(situation)),
            tuple(workflow.glance(situation)),
        )
    except NotKnown as unknown:
        return (Check(False, "Both captains were read", str(unknown)),), (), ()
