"""What stands beside the steps of a run: who went on alone, whether it rests, how long it takes, what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pools.exposing import spent
from pools.exposure import WORDS
from pools.models import Exposure
from workflows.catalogue import WORKFLOWS
from workflows.engine.step import Step
from workflows.models import Glass, Run
from workflows.pages.face import MAY_APPROVE, MAY_CONFIRM, PLANS, Person, name
from workflows.pages.words import plural, span
from workflows.running import alone, estimating
from workflows.running.estimating import Estimate
from workflows.running.versions import version_of


@dataclass(frozen=True, slots=True)
class Alone:
    """One breaking of the glass, as one person reads it."""

    glass: Glass
    who: str
    reviewer: str
    may_review: bool


@dataclass(frozen=True, slots=True)
class Rest:
    """Whether the run rests, or is to. `point`: there is a pause point ahead to rest at."""

    now: bool
    asked: str
    by: str
    since: datetime | None
    may: bool
    point: bool


def glasses(run: Run, person: Person) -> list[Alone]:
    """Who went on alone, the latest last."""
    return [
        Alone(
            each,
            name(each.by),
            name(each.reviewed_by) if each.reviewed_by else "",
            each.reviewed_at is None and each.by_id != person.pk and person.has_perm(MAY_APPROVE),
        )
        for each in run.glasses.select_related("by", "reviewed_by")
    ]


def waiver(run: Run, person: Person) -> str:
    """What this person could go past by going on alone; empty when nothing, or when they may not."""
    if run.ended or not run.pool.break_glass or not person.has_perm(MAY_CONFIRM):
        return ""
    return alone.in_the_way(run)


def rest(run: Run, steps: Sequence[Step | None], person: Person) -> Rest | None:
    """Nothing for a plan, or after the end."""
    if run.state in PLANS or run.ended:
        return None
    ahead = (step for step in steps[run.index :] if step)
    return Rest(
        now=run.paused_at is not None,
        asked=run.get_pause_display() if run.pause else "",
        by=run.pause_by,
        since=run.paused_at,
        may=person.has_perm(MAY_CONFIRM) and run.state in ("running", "confirm"),
        point=any(step.pause_point for step in ahead),
    )


def other_version(run: Run) -> bool:
    """Whether this release carries the workflow out by other code than the plan was made with."""
    workflow = WORKFLOWS.get(run.workflow)
    return bool(run.version) and not run.ended and (workflow is None or run.version != version_of(workflow))


def takes(plan: Mapping[str, Any]) -> dict[str, str]:
    """How long it takes, and how long HA will be off, in words; empty where nothing is known."""
    steps: list[Mapping[str, Any]] = plan["steps"]
    times = estimating.times_of(step["key"] for step in steps)
    off = estimating.without_ha(steps, times)
    return {"time": _words(estimating.estimate(steps, times)), "without_ha": _words(off) if off else ""}


def costs(run: Run, now: datetime) -> list[tuple[str, str]]:
    """How long the pool stood without its net while this run was at it: in words, and how long."""
    if run.started_at is None:
        return []
    end = run.ended_at or now
    rows = Exposure.objects.filter(pool=run.pool_id, since__lt=end)
    lasting = [
        row for row in rows.order_by("-since")[:100] if row.until is None or row.until > run.started_at
    ]
    return [
        (WORDS[kind], span(time.total_seconds()))
        for kind, time in spent(lasting, run.started_at, end).items()
    ]


def _words(told: Estimate) -> str:
    most = f"{span(told.longest)} by its deadlines"
    if not told.known:
        return f"at most {most}; no earlier run tells more"
    new = f", {plural(told.unknown, 'step')} never done before" if told.unknown else ""
    return f"about {span(told.usual)}, as in {plural(told.runs, 'earlier run')}{new}; at most {most}"
