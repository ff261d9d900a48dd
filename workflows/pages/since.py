"""What became otherwise while a step waits for a person: from the pool's timeline, and from what was shown at first.

A run that waits does nothing, so that all of it is somebody else's, or came by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pools.models import Change
from pools.rules.words import clock
from pools.timeline import Source
from workflows.engine.panel import differences
from workflows.models import Run, RunStep

MOST = 12
"""Lines of the timeline; the pool's page has all."""


def since(run: Run, row: RunStep) -> tuple[str, ...]:
    """Sentences, what stands before the button first, then the pool's, the oldest first."""
    return tuple(dict.fromkeys((*_before_the_button(run, row), *_in_the_pool(run))))


def _before_the_button(run: Run, row: RunStep) -> Iterator[str]:
    first = run.journal.filter(kind="waits", step_index=row.index).order_by("-seq").first()
    shown = first.data.get("shown") if first else None
    if not shown or not row.shown:
        return
    yield from differences(shown, row.shown)
    yield from _by_themselves(shown, row.shown)


def _by_themselves(shown: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Numbers that a yes does not hang on, and that a person wants to know all the same: guests that came or went."""
    was = {(c["what"], c["field"]): c["before"] for c in shown["changes"] if not c["binding"]}
    for c in now["changes"]:
        before = was.get((c["what"], c["field"]))
        if not c["binding"] and before not in (None, c["before"]):
            yield f"{c['what']}, {c['field']}: {before} when this was asked, {c['before']} now."


def _in_the_pool(run: Run) -> Iterator[str]:
    seen = Change.objects.filter(pool=run.pool_id, at__gt=run.state_since).exclude(source=Source.BATON)
    for change in reversed(seen[:MOST]):
        by = f" ({change.by})" if change.by else ""
        says = change.says if change.subject in change.says else f"{change.subject}: {change.says}"
        yield f"{clock(change.at)} {says}{by}"
