"""Nothing grows without bound: what was seen is removed when it is old. What was done is kept for ever.

Runs, steps, attempts, approvals, debts and journals stay. Of a run that ended long ago and owes nothing, the facts that
its plan was made on are emptied: they are most of its size.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Model, QuerySet

from dashboard.notices.models import Notice, Silence
from pools.encoding import facts_to
from pools.facts import Facts
from pools.models import Change, Exposure, Finding, Moment
from workflows.engine.states import ENDED
from workflows.models import Debt, Run

log = logging.getLogger(__name__)

A_BATCH = 500
"""Rows removed in one statement: on SQLite nobody else writes meanwhile."""
KEPT = ("policy", "cluster")
"""Kinds of the timeline's lines that tell who changed what a team wants, or which cluster a pool is: never removed."""


def prune(now: datetime) -> dict[str, int]:
    """Remove what is old. Gives how many rows of each kind were removed or emptied."""
    old = now - timedelta(days=settings.KEEP_DAYS)
    gone = {name: _remove(rows) for name, rows in _old_rows(old, now).items()}
    gone["facts of runs"] = _empty_baselines(old)
    if told := {name: number for name, number in gone.items() if number}:
        log.info("pruned: %s", ", ".join(f"{number} {name}" for name, number in told.items()))
    return gone


def _old_rows(old: datetime, now: datetime) -> dict[str, QuerySet[Any]]:
    return {
        "changes": Change.objects.filter(at__lt=old).exclude(kind__in=KEPT),
        "findings": Finding.objects.filter(closed_at__lt=old),
        "moments": Moment.objects.filter(until__lt=old),
        "exposures": Exposure.objects.filter(until__lt=old),
        "notices": Notice.objects.filter(ended_at__lt=old),
        "silences": Silence.objects.filter(until__lt=old),
        "sessions": Session.objects.filter(expire_date__lt=now),
        "failed logins": AccessAttempt.objects.filter(attempt_time__lt=old),
        "logins": AccessLog.objects.filter(attempt_time__lt=old),
        "lockouts": AccessFailureLog.objects.filter(attempt_time__lt=old),
    }


def _remove(rows: QuerySet[Model]) -> int:
    gone = 0
    while batch := list(rows.order_by().values_list("pk", flat=True)[:A_BATCH]):
        rows.filter(pk__in=batch).delete()
        gone += len(batch)
    return gone


def _empty_baselines(old: datetime) -> int:
    """The baseline keeps its time and nothing else."""
    rows = Run.objects.filter(state__in=ENDED, ended_at__lt=old).exclude(baseline__pool=None)
    owing = Debt.objects.filter(paid_at=None).values("run")
    emptied = 0
    for run in rows.exclude(pk__in=owing).iterator(A_BATCH):
        bare = facts_to(Facts(at=run.baseline_facts.at))
        emptied += Run.objects.filter(pk=run.pk).update(baseline=bare, rehearsal=None)
    return emptied
