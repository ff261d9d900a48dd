"""What was known when: the watcher keeps a moment whenever something worth showing changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from pools.models import Finding, Moment, Pool
from pools.models.moment import pack
from pools.rules.case import Case
from pools.rules.case import Finding as Judged
from pools.writing import Written

AT_LEAST = timedelta(hours=6)
"""So often a moment is kept although nothing happened, since load and guests move by themselves."""
SEEN_EVERY = timedelta(minutes=1)
"""How fine it is known until when a moment was still so: a write for every look would double the watch's."""


UNSEEN = timedelta(minutes=2)
"""Longer between two looks, or than three intervals, and nobody was looking: what is so now need not have been so."""


def keep(
    pool: Pool,
    case: Case,
    findings: tuple[Judged, ...],
    rows: Iterable[Finding],
    *,
    news: bool,
    written: Written,
) -> None:
    """Keep this moment if it is another than the last, else say that the last is still so. `rows` are the findings
    that were open before this look, `pool` as it was before it, `written` are the case's facts."""
    at = case.facts.at
    last = Moment.objects.filter(pool=pool).order_by("-at").only("at", "until").first()
    if last and not news and at - last.at < AT_LEAST and not _blind(pool, case, last):
        if at - last.until >= SEEN_EVERY:
            Moment.objects.filter(pk=last.pk).update(until=at)
        return
    if last and pool.looked_at and pool.looked_at > last.until:
        Moment.objects.filter(pk=last.pk).update(until=pool.looked_at)
    since = {row.key: row.since for row in rows}
    answers = case.facts.pool is not None
    packed = pack(written, findings, at, since)
    Moment.objects.create(pool=pool, at=at, until=at, answers=answers, packed=packed)


def _blind(pool: Pool, case: Case, last: Moment) -> bool:
    """Whether nobody looked for a while before this look; a moment does not reach over that."""
    seen = max(last.until, pool.looked_at or last.until)
    return case.facts.at - seen > max(UNSEEN, 3 * timedelta(seconds=case.policy.look_every_s))
