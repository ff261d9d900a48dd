"""What a workflow is the remedy for, before and after it; and which calls its steps said that they would send."""

from __future__ import annotations

import time

from django.utils import timezone

from pools.models import Pool
from pools.rules import judge_all
from pools.rules.case import Severity
from pools.seeing import case_of, look_at
from tests.workflows.catalogue.refusable import called
from workflows.catalogue import step_for
from workflows.engine.states import StepState
from workflows.models import Run

SECONDS = 20.0
"""Real ones: the captains may still catch up when the run has ended."""


ALSO = {"remove-host, dead": ("host-dead",)}
"""What is mended by one way of a workflow, which no rule can ask for: the host may as well come back."""


def mends(way: str, pool: Pool) -> list[str]:
    """Codes of the findings above info whose remedy that workflow is, on fresh facts."""
    pool.refresh_from_db()
    now = timezone.now()
    found = judge_all(case_of(pool, look_at(pool, now, 15.0), now))
    grave = [each for each in found if each.severity is not Severity.INFO]
    slug = way.partition(",")[0]
    return [each.code for each in grave if each.remedy == slug or each.code in ALSO.get(way, ())]


def gone(way: str, pool: Pool) -> bool:
    """Whether nothing is left that it is the remedy for, now or soon. AssertionError names what is."""
    until = time.monotonic() + SECONDS
    while left := mends(way, pool):
        assert time.monotonic() < until, left
        time.sleep(0.2)
    return True


def documented(run: Run) -> tuple[str, ...]:
    """The calls of every step that was carried out, as its plan told them, in the order of the steps; each is
    one that the step's page names."""
    found = list[str]()
    for row in run.steps.filter(state=StepState.DONE).order_by("index"):
        shown = [
            called(call["request"]).removeprefix("Async.") for call in (row.shown or {}).get("calls", [])
        ]
        assert set(shown) <= set(step_for(row.key, row.args).sends), row.title
        found += shown
    return tuple(found)
