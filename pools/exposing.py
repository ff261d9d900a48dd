"""The exposure clock: each stretch that a pool stands without its net is a row, opened and closed by the looks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pools.exposure import Kind, exposed
from pools.facts import Facts
from pools.models import Exposure, Pool


def exposed_since(pool: Pool, facts: Facts) -> dict[Kind, datetime]:
    """Since when it is exposed, by kind, these facts included. What a silent captain said last still stands."""
    open_rows = {Kind(row.kind): row.since for row in pool.exposures.filter(until=None)}
    told = exposed(facts, pool.wants_ha)
    return {kind: open_rows.get(kind, facts.at) for kind in Kind if told.get(kind, kind in open_rows)}


def keep(pool: Pool, since: dict[Kind, datetime], facts: Facts, run: int | None) -> None:
    """Write what began and what ended with this look, under the pool's claim. `run` holds the pool now."""
    open_rows = {Kind(row.kind): row for row in Exposure.objects.filter(pool=pool, until=None)}
    if over := [row.pk for kind, row in open_rows.items() if kind not in since]:
        Exposure.objects.filter(pk__in=over).update(until=facts.at)
    begun = {kind: at for kind, at in since.items() if kind not in open_rows}
    Exposure.objects.bulk_create(
        Exposure(pool=pool, kind=kind.value, since=at, run=run) for kind, at in begun.items()
    )


def spent(rows: Iterable[Exposure], start: datetime, end: datetime) -> dict[Kind, timedelta]:
    """How long each kind lasted between two moments, worst kind first; kinds that did not occur are left out."""
    totals: dict[Kind, timedelta] = {}
    for row in rows:
        if within := row.within(start, end):
            totals[Kind(row.kind)] = totals.get(Kind(row.kind), timedelta(0)) + within
    return {kind: totals[kind] for kind in Kind if kind in totals}
