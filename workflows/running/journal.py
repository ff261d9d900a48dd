"""Writes and checks a run's journal. A line is written in the transaction of what it tells."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.db.models import F

from workflows.engine.chain import faults, link
from workflows.models import Entry, Run
from workflows.running import clock

ENGINE = "engine"


def write(
    run_id: int, kind: str, says: str, *, actor: str = ENGINE, step: int | None = None, data: Any = None
) -> Entry:
    """Append one line. Raising the count first takes the run's row lock: two writers cannot meet at a number."""
    with transaction.atomic():
        run = Run.objects.filter(pk=run_id)
        run.update(entries=F("entries") + 1)
        seq, previous = run.values_list("entries", "head").get()
        plain = json.loads(json.dumps(data or {}))
        line = {
            "kind": kind,
            "actor": actor,
            "says": says,
            "data": plain,
            "seq": seq,
            "previous": previous,
            "at": clock.now(),
        }
        mark = link(run=run_id, step=step, **line)
        run.update(head=mark)
        return Entry.objects.create(run_id=run_id, step_index=step, hash=mark, **line)


def verify(run: Run) -> list[str]:
    """Sentences: what is wrong with this run's journal; empty when it is whole."""
    names = ("previous", "seq", "at", "kind", "actor", "says", "data", "hash")
    lines = run.journal.order_by("seq").values(*names, step=F("step_index"))
    return faults(run.pk, lines, run.entries, run.head)
