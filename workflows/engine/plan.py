"""The plan: every step judged live and by the time it comes, through what the steps before it do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workflows.engine.lockout import Own, threats
from workflows.engine.panel import Panel, binding, changed, fingerprint_of, judged, panel
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Check, Glance, Step, Workflow


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """A check `ok` now, holding `then` (when its step comes), because of step `after` (an index) if not before."""

    ok: bool
    then: bool
    says: str
    cure: str = ""
    detail: str = ""
    after: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step of the plan, as it will stand when its turn comes."""

    step: Step
    applies: Check
    checks: tuple[PlannedCheck, ...]
    panel: Panel
    owing: str
    threats: tuple[str, ...] = ()
    """What it would do to what Baton itself needs (engine/lockout.py). Not in the fingerprint: guests move."""

    @property
    def binds(self) -> bool:
        """Whether an approval hangs on its changes. Those of a step that only waits come about by themselves, and move
        by the minute in an outage."""
        return self.applies.ok and self.step.changes_something

    def as_json(self) -> dict[str, Any]:
        step, shown = self.step, asdict(self.panel)
        static = {"args": step.args, "within": step.within, "skippable": step.skippable, "owes": step.owes}
        judged = {"applies": asdict(self.applies), "checks": [asdict(check) for check in self.checks]}
        return {
            **shown,
            **static,
            **judged,
            "pays": list(step.pays),
            "owing": self.owing,
            "threats": list(self.threats),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be approved. `fingerprint` covers inputs, steps with their arguments, and all binding changes."""

    slug: str
    title: str
    inputs: Mapping[str, str]
    steps: tuple[PlannedStep, ...]
    refusals: tuple[Check, ...]
    warnings: tuple[str, ...]
    glance: tuple[Glance, ...] = ()
    version: str = ""
    """Digest of the code that made it: an approval is for that code."""

    @property
    def fingerprint(self) -> str:
        steps = [
            (p.step.key, p.step.args, p.applies.ok, binding(p.panel.changes) if p.binds else [])
            for p in self.steps
        ]
        return fingerprint_of(self.slug, dict(self.inputs), steps, self.version)

    @property
    def refused(self) -> tuple[Check, ...]:
        """What must hold before such a run may even be asked for, and does not."""
        return tuple(check for check in self.refusals if not check.ok)

    def as_json(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "title": self.title,
            "fingerprint": self.fingerprint,
            "version": self.version,
            "warnings": list(self.warnings),
            "glance": [asdict(line) for line in self.glance],
            "refusals": [asdict(check) for check in self.refusals],
            "tally": self._tally(),
            "steps": [planned.as_json() for planned in self.steps],
        }

    def _tally(self) -> dict[str, int]:
        needed = [p for p in self.steps if p.applies.ok]
        signs = [change.sign for p in needed for change in p.panel.changes]
        words = {"changes": "~", "added": "+", "removed": "-"}
        counts = {word: signs.count(sign) for word, sign in words.items()}
        return {**counts, "calls": sum(len(p.panel.calls) for p in needed)}


def make_plan(workflow: Workflow, s: Situation, version: str = "", own: Iterable[Own] = ()) -> Plan:
    """The plan of a workflow in this situation. Raises NotKnown when the facts lack what it is about."""
    return Plan(
        slug=workflow.slug,
        title=workflow.heading(s),
        inputs=s.inputs,
        steps=project(workflow.build(s), s, own),
        refusals=tuple(workflow.refusals(s)),
        warnings=tuple(workflow.warnings(s)),
        glance=tuple(workflow.glance(s)),
        version=version,
    )


def project(steps: Iterable[Step], s: Situation, own: Iterable[Own] = ()) -> tuple[PlannedStep, ...]:
    """These steps, each as it will stand when its turn comes: judged through what the steps before it do. `own` is
    what Baton itself needs to be there."""
    listed, needs = tuple(steps), tuple(own)
    standing = _projected(listed, s)
    return tuple(_planned(step, i, standing, needs) for i, step in enumerate(listed))


def plan_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Sentences: what somebody who approved plan `old` must know about plan `new` (both as JSON)."""
    was, now = ({(p["key"], str(p["args"])): p for p in plan["steps"]} for plan in (old, new))
    said = _other_version(old, new)
    said += [f"New step: {p['title']}." for key, p in now.items() if key not in was]
    said += [f"No longer a step: {p['title']}." for key, p in was.items() if key not in now]
    for key, step in now.items():
        before = was.get(key)
        if before is None:
            continue
        if before["applies"]["ok"] != step["applies"]["ok"]:
            said.append(
                f"{step['title']}: {'needed now' if step['applies']['ok'] else step['applies']['says']}."
            )
        said += [f"{step['title']}: {line}" for line in changed(before["changes"], step["changes"])]
    return said


def _other_version(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    was, now = old.get("version", ""), new.get("version", "")
    if not was or was == now:
        return []
    return [f"The workflow itself is another version now: {was[:8]} before, {now[:8]} now."]


def _projected(steps: Sequence[Step], s: Situation) -> list[Situation]:
    """The situation before each step, and the last one after all."""
    standing = [s]
    for step in steps:
        standing.append(_after(step, standing[-1]))
    return standing


def _after(step: Step, s: Situation) -> Situation:
    """A step that is not needed, or that can't be projected yet, changes nothing."""
    try:
        if not step.applies(s).ok:
            return s
        kept = s.after(s.facts, step.remember(s))
        return kept.after(step.expect(kept))
    except (NotKnown, ValueError):
        return s


def _planned(step: Step, index: int, standing: Sequence[Situation], own: Sequence[Own]) -> PlannedStep:
    then = standing[index]
    try:
        applies, owing = step.applies(then), step.owing(then) if step.owes else ""
    except (NotKnown, ValueError):
        applies, owing = Check(True, ""), ""
    # A step that only waits asks for what it waits for: that holds once it is over.
    upto = index if step.changes_something else index + 1
    asked = judged(step, standing[upto])[0] if applies.ok else ()
    checks = tuple(_check(step, upto, standing, i, check) for i, check in enumerate(asked))
    harm = threats(step, then, own) if applies.ok else ()
    return PlannedStep(step, applies, checks, panel(step, then), owing, harm)


def _check(step: Step, upto: int, standing: Sequence[Situation], at: int, then: Check) -> PlannedCheck:
    live = _nth(step, standing[0], at)
    ok = live is not None and live.ok and (live.says == then.says or then.ok)
    after = None
    if then.ok and not ok:
        after = next((i for i in range(upto) if (c := _nth(step, standing[i + 1], at)) and c.ok), None)
    return PlannedCheck(ok, then.ok, then.says, then.cure, then.detail, after)


def _nth(step: Step, s: Situation, at: int) -> Check | None:
    checks, _ = judged(step, s)
    return checks[at] if at < len(checks) else None
