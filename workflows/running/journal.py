"""Writes and checks a run's journal. A line is written in the transaction of what it tells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import F

from workflows.engine.chain import faults, gaps, link
from workflows.models import Entry, Run
from workflows.running import clock

ENGINE = "engine"
NAMED = 5
"""So many earlier runs are named by each new one: who removes a run has to write the next ones anew as well."""


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


def earlier(run_id: int) -> list[dict[str, Any]]:
    """The runs planned right before this one, with the hash of their first entry, for this one's own first entry."""
    before = Entry.objects.filter(seq=1, run_id__lt=run_id).order_by("-run_id")[:NAMED]
    return [{"run": run, "hash": mark} for run, mark in before.values_list("run_id", "hash")]


def missing() -> list[str]:
    """Sentences: runs that were removed with their journal, and journals whose run was removed. The newest run is named
    by nobody yet."""
    runs = set(Run.objects.values_list("pk", flat=True))
    begun = {run: (mark, data) for run, mark, data in _first_entries()}
    first = {run: mark for run, (mark, _) in begun.items() if run in runs}
    named = [(by, *one) for by, (_, data) in begun.items() for one in _named(data)]
    left = set(Entry.objects.values_list("run_id", flat=True).order_by().distinct()) - runs
    lost = [f"Run {run}: its row is missing, its journal is not." for run in sorted(left)]
    return lost + gaps({**{run: begun[run][0] for run in left & set(begun)}, **first}, named)


def _named(data: Any) -> Iterator[tuple[int, str]]:
    """Run and hash of each run that a first entry names. Where somebody edited it, what can still be read: that it was
    edited is told by its own hash."""
    told = data.get("earlier") if isinstance(data, dict) else None
    for one in told if isinstance(told, list) else ():
        match one:
            case {"run": int(run), "hash": str(mark)}:
                yield run, mark


def _first_entries() -> Iterable[tuple[int, str, dict[str, Any]]]:
    return Entry.objects.filter(seq=1).order_by("run_id").values_list("run_id", "hash", "data").iterator()
