"""How long a run will take, from how long the same steps took before, and how long the pool will be without HA.

A person's own time is not in it: a step counts from its call to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from workflows.engine.states import StepState
from workflows.models import RunStep

LATEST = 20
"""So many earlier times of a step count; hosts and storage of years ago tell little."""
HA = "ha"


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds. `usual` is the sum of the medians of earlier runs, `longest` that of the deadlines. `unknown` counts
    steps that were never carried out before: they are in `longest` only. `runs` is of how many runs the rarest known
    step tells."""

    usual: float
    longest: float
    unknown: int
    runs: int

    @property
    def known(self) -> bool:
        """Whether earlier runs tell anything."""
        return self.runs > 0


def estimate(steps: Sequence[Mapping[str, Any]], times: Mapping[str, Sequence[float]]) -> Estimate:
    """For planned steps (as JSON); those that are not needed take no time."""
    needed = [step for step in steps if step["applies"]["ok"]]
    told = [times[step["key"]] for step in needed if times.get(step["key"])]
    return Estimate(
        usual=sum(median(each) for each in told),
        longest=sum(step["within"] for step in needed),
        unknown=len(needed) - len(told),
        runs=min(map(len, told), default=0),
    )


def without_ha(steps: Sequence[Mapping[str, Any]], times: Mapping[str, Sequence[float]]) -> Estimate | None:
    """From the step that turns HA off to the one that turns it on, both included; None when it stays on. Where no
    step turns it on, up to the end."""
    needed = [step for step in steps if step["applies"]["ok"]]
    first = next((i for i, step in enumerate(needed) if step["owes"] == HA), None)
    if first is None:
        return None
    paid = (i for i in range(first, len(needed)) if HA in needed[i]["pays"])
    return estimate(needed[first : next(paid, len(needed)) + 1], times)


def times_of(keys: Iterable[str]) -> dict[str, list[float]]:
    """Step → seconds that it took lately, of all pools. One query."""
    done = RunStep.objects.filter(key__in=set(keys), state=StepState.DONE, started_at__isnull=False)
    rows = done.exclude(ended_at=None).order_by("-pk").values_list("key", "started_at", "ended_at")
    times: dict[str, list[float]] = {}
    for key, started, ended in rows[: 50 * LATEST]:
        if len(known := times.setdefault(key, [])) < LATEST:
            known.append((ended - started).total_seconds() if started and ended else 0.0)
    return times
