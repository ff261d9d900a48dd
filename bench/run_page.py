"""How long the page of a long run takes to make: `python -m bench.run_page`. 200 steps and 5,000 lines of journal.

In a database of its own, removed at the end; nothing is asked and nothing is sent.
"""

from __future__ import annotations

import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bench.figures import Figure, report

if TYPE_CHECKING:
    from workflows.models import Run, RunStep

STEPS, LINES, TIMES = 200, 5_000, 21
GOAL_MS, GOAL_QUERIES = 150, 40


def figures() -> Iterator[Figure]:
    """The page's time, the median of several, and its queries."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "DATA_DIR": folder,
            "LOG_LEVEL": "WARNING",
            "SECRET_KEY": secrets.token_urlsafe(48),
        }
        os.environ.pop("DATABASE_URL", None)
        yield from _figures()


def _figures() -> Iterator[Figure]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    ms, queries = _measured(f"/runs/{long_run(STEPS, LINES).pk}/")
    yield Figure("run-page", ms, "ms", f"<={GOAL_MS}")
    yield Figure("run-page-queries", queries, "queries", f"<={GOAL_QUERIES}")


def long_run(steps: int, lines: int) -> Run:
    """A run that waits for a person in its middle: what is before is done, and what is after is to come."""
    from django.contrib.auth.models import User

    from bench import estate
    from pools.models import Pool
    from workflows.models import Entry, Run, RunStep

    now = datetime.now(UTC)
    estate.make(1, now)
    pool, by = Pool.objects.get(), User.objects.create_superuser("bo")
    planned = [_planned(i) for i in range(steps)]
    run = Run.objects.create(
        workflow="remove-master", pool=pool, title="A long run", baseline=pool.facts, fingerprint="f" * 64,
        plan={"steps": planned, "refusals": [], "warnings": []}, requested_by=by, owner=by,
        state="confirm", index=steps // 2, started_at=now - timedelta(hours=2), holds_pool=True, entries=lines,
    )  # fmt: skip
    RunStep.objects.bulk_create(_row(run, i, now) for i in range(steps))
    Entry.objects.bulk_create(
        Entry(
            run=run,
            seq=i + 1,
            at=now,
            kind="done",
            step_index=i % steps,
            actor="engine",
            says=f"Line {i}.",
            hash="h",
        )
        for i in range(lines)
    )
    return run


def _planned(index: int) -> dict[str, object]:
    return {
        "key": "DisableHa", "args": {}, "title": f"Step {index}", "why": "Why.", "risk": "high", "danger": "",
        "undo": "",
        "applies": {"ok": True, "says": ""}, "checks": [], "changes": [], "calls": [], "within": 60.0, "owes": "",
        "pays": [], "owing": "", "skippable": False,
    }  # fmt: skip


def _row(run: Run, index: int, now: datetime) -> RunStep:
    from workflows.models import RunStep

    over, here = index < run.index, index == run.index
    shown = {**_planned(index), "blocked": False, "digest": "d" * 64} if here else None
    return RunStep(
        run=run, index=index, key="DisableHa", title=f"Step {index}", risk="high", shown=shown, shown_at=now,
        digest="d" * 64 if here else "", state="done" if over else "confirm" if here else "todo",
        started_at=now if over else None, ended_at=now if over else None,
    )  # fmt: skip


def _measured(address: str) -> tuple[float, int]:
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        client.get(address, headers={"host": "localhost"})
        took.append(time.perf_counter() - began)
    with CaptureQueriesContext(connection) as queries:
        client.get(address, headers={"host": "localhost"})
    return statistics.median(took) * 1000, len(queries)


if __name__ == "__main__":
    report(figures())
