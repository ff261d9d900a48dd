"""What the pool's page is made of: the stored look, the open findings, the timeline."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from dashboard.troubles import Trouble, troubles
from pools import captains
from pools.facts import Facts
from pools.models import Change, Finding, Moment, Pool
from pools.pages import audit, clocks, cloudstack, drawing, happenings, now, storage, strip
from pools.pages.lasting import lasting
from pools.rules.case import Finding as Judged
from pools.rules.case import Severity, Subject
from pools.rules.console import STALE, staleness
from pools.rules.words import count
from pools.timing import timing

SPANS = {
    "hour": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}
UNSEEN = timedelta(minutes=2)
"""Longer after a moment was last seen to be so, nobody was looking: then it may have been otherwise."""
MOST_CHANGES = 500
"""The strip draws no more than this; the timeline's page has them all."""


def pool_page(pool: Pool, at: datetime, span: str) -> dict[str, Any]:
    """Everything the template shows. `at` is now; `span` a key of SPANS."""
    facts, known = pool.last_facts(), pool.last_good_facts()
    rows = list(pool.findings.open().worst_first())
    found = [_judged(row) for row in rows]
    policy = pool.policy()
    stale = staleness(pool.looked_at, at, policy.look_every_s) is not None
    seen: dict[str, Any] = _seen(pool, facts, known, found) if facts else {}
    return {
        "pool": pool,
        "facts": facts,
        "troubles": in_turn(rows),
        "tally": tally(rows),
        "title": headline(pool, facts, rows, stale=stale),
        "stale": stale,
        "stale_s": STALE * policy.look_every_s,
        "guests": len(facts.pool.vms) if facts and facts.pool else None,
        "tied": cloudstack.tied(pool, facts) if facts else None,
        **seen,
        **_happened(pool, at, span),
        **_lasting(pool, facts, known, at, span),
    }


def pool_then(pool: Pool, at: datetime, span: str) -> dict[str, Any] | None:
    """The same page as it could have been shown at a moment that has passed; None when nothing that old is kept."""
    moment = Moment.objects.at_time(pool, at)
    if moment is None:
        return None
    then = moment.known()
    facts, rows = then.facts, list(then.findings)
    good = moment if moment.answers else Moment.objects.filter(answers=True).at_time(pool, at)
    known = good.known().facts if good else None
    following = Moment.objects.filter(pool=pool, at__gt=at).order_by("at").first()
    return {
        "pool": pool,
        "facts": facts,
        "troubles": in_turn(rows),
        "tally": tally(rows),
        "title": headline(pool, facts, rows),
        "then": at,
        "stale_s": None,
        "moment": moment,
        "following": following,
        "unseen": at - moment.until > UNSEEN,
        "guests": len(facts.pool.vms) if facts.pool else None,
        **_seen(pool, facts, known, [_judged(row) for row in rows]),
        **_happened(pool, at, span),
        **_lasting(pool, facts, known, at, span),
    }


def _seen(pool: Pool, facts: Facts, known: Facts | None, found: list[Judged]) -> dict[str, Any]:
    rows = captains.rows(facts, known, found)
    parts = {
        "captains": rows,
        "drawing": drawing.drawing(facts, rows),
        "now": now.lines(facts, pool.policy()),
    }
    if facts.pool is None:
        return parts
    return {
        **parts,
        "audit": audit.properties(facts, pool.policy(), found),
        "clocks": clocks.clocks(facts.pool, pool.policy(), timing(facts.cloudstack)),
        "storage": storage.storages(facts.pool),
    }


def _happened(pool: Pool, at: datetime, span: str) -> dict[str, Any]:
    start = at - SPANS[span]
    changes = list(Change.objects.filter(pool=pool, at__range=(start, at))[:MOST_CHANGES])
    found = Finding.objects.filter(pool=pool, since__lte=at).filter(
        Q(closed_at=None) | Q(closed_at__gte=start)
    )
    drawn = strip.strip(happenings.LANES, happenings.happenings(found, changes, at), start, at)
    return {"strip": drawn, "span": span, "spans": list(SPANS), "changes": changes[:12]}


def _lasting(pool: Pool, facts: Facts | None, known: Facts | None, at: datetime, span: str) -> dict[str, Any]:
    last = facts if facts and facts.pool else known
    answers = facts is not None and facts.pool is not None
    return lasting(pool, last.pool if last else None, (at - SPANS[span], at), answers=answers)


def headline(pool: Pool, facts: Facts | None, rows: list[Finding], *, stale: bool = False) -> str:
    """The sentence on top: that it is not known, the worst that is not expected, or that all is well."""
    if stale:
        return f"{pool.name}: not known, nobody is looking"
    if facts is None:
        return f"{pool.name}: not looked at yet"
    odd = troubles(needing(rows))
    if not odd:
        return f"{pool.name} is well"
    more = f", and {len(odd) - 1} more" if len(odd) > 1 else ""
    says = odd[0].finding.says.split(". ")[0].rstrip(".")
    return f"{says}{more}" if pool.name in says else f"{pool.name}: {says}{more}"


def needing(rows: list[Finding]) -> list[Finding]:
    """The findings that somebody has to do something about: no notes, and nothing that a run of ours brings about."""
    return [row for row in rows if row.expected_by is None and row.severity != Severity.INFO]


def in_turn(rows: list[Finding]) -> list[Trouble]:
    """What is to be acted on, as the overview has it; then the notes, then what each run brings about."""
    notes = [row for row in rows if row.expected_by is None and row.severity == Severity.INFO]
    runs = sorted({row.expected_by for row in rows if row.expected_by is not None})
    expected = ([row for row in rows if row.expected_by == run] for run in runs)
    return [trouble for group in (needing(rows), notes, *expected) for trouble in troubles(group)]


def tally(rows: list[Finding]) -> str:
    """Each line once, as the headline counts them: `2 to act on, worst first; 1 expected of a run, 3 notes`."""
    told = [trouble.finding for trouble in in_turn(rows)]
    acting = len(needing(told))
    expected = sum(row.expected_by is not None for row in told)
    notes = len(told) - acting - expected
    besides = [f"{expected} expected of a run"] if expected else []
    besides += [count(notes, "note")] if notes else []
    first = f"{acting} to act on, worst first" if acting > 1 else f"{acting} to act on" if acting else ""
    return "; ".join(filter(None, (first, ", ".join(besides))))


def _judged(row: Finding) -> Judged:
    """The stored row as the rules' own word for it, for the pure builders."""
    return Judged(
        code=row.code,
        severity=Severity(row.severity),
        subject=Subject(row.subject_kind, row.subject_name, row.subject_uuid),
        says=row.says,
        means=row.means,
        remedy=row.remedy,
        expected_by=row.expected_by,
    )
