"""What a look leaves behind: the pool's row, findings that opened, changed or were mended, and the timeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case as SqlCase
from django.db.models import F, JSONField, TextField, Value, When
from django.db.models.functions import Cast

from dashboard.live import announce
from pools import exposing
from pools.drift import drift_to
from pools.facts import Facts
from pools.keeping import keep
from pools.models import Change, Finding, Pool
from pools.models.finding import values_of
from pools.rules import CODES, RANK, worst
from pools.rules.case import Case, Severity
from pools.rules.case import Finding as Judged
from pools.rules.code import CLOUDSTACK, XENSERVER
from pools.signals import moved
from pools.summary import summary, summary_to
from pools.timeline import Entry, Source
from pools.writing import Writer, Written


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write about a pool, once: void as soon as the row carries another fence."""

    pool_id: int
    fence: int

    @property
    def after(self) -> int:
        """The fence when it has been made use of."""
        return self.fence + 1


@dataclass(frozen=True, slots=True)
class Looks:
    """What the pool's row keeps, as JSON: the last look, and the last good one where that is told and another."""

    last: Written
    good: Written | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the timeline, and the run that caused it, if one did."""

    entry: Entry
    run: int | None


def remember(
    pool: Pool,
    claim: Claim,
    case: Case,
    findings: tuple[Judged, ...],
    good: Facts | None,
    writer: Writer | None = None,
) -> bool:
    """Save one look in one transaction, and `good` as the last in which the master answered. False, and nothing saved,
    when the claim is void. `writer` has written the look before.

    The pool's row is written first: it holds off every other writer of this pool until the end.
    """
    happened = [Line(e, _cause(e, case)) for e in case.happened]
    looks = _written(case.facts, good, writer or Writer())
    with transaction.atomic():
        open_rows = {row.key: row for row in Finding.objects.open().filter(pool=pool)}
        found, gone = {f.key: f for f in findings}, _mended(open_rows.values(), findings, case.facts)
        lines = [*happened, *_news(open_rows, found.values(), gone)]
        changed = [f for f in findings if (row := open_rows.get(f.key)) is None or _differs(row, f)]
        news = bool(lines or changed or gone)
        kept = [row for key, row in open_rows.items() if key not in found and row not in gone]
        if not _write(claim, _row(case, looks, _worst(findings, kept), news)):
            return False
        _close(gone, case.now)
        exposing.keep(pool, dict(case.exposed_since), case.facts, case.obligations.holder)
        _save(pool, open_rows, changed, case.now)
        Change.objects.bulk_create(_change(pool, line, case) for line in lines)
        keep(pool, case, findings, open_rows.values(), news=news or bool(changed), written=looks.last)
        topics = (f"pool-{pool.pk}", "overview") if news else (f"pool-{pool.pk}",)
        announce(*topics)
        if news:
            transaction.on_commit(lambda: moved.send_robust(Pool, pool_id=pool.pk))
    return True


def _write(claim: Claim, values: dict[str, Any]) -> bool:
    rows = Pool.objects.filter(pk=claim.pool_id, look_fence=claim.fence)
    return rows.update(look_fence=claim.after, **values) == 1


GOOD_UNTIL_NOW = When(good_facts__isnull=True, good_at=F("looked_at"), then=F("facts"))
"""When a master falls silent: the look before, which was the last good one itself."""


def _written(facts: Facts, good: Facts | None, writer: Writer) -> Looks:
    last = writer.written(facts)
    return Looks(last, writer.written(good) if good and good is not facts else None)


def _row(case: Case, looks: Looks, worst_now: str, news: bool) -> dict[str, Any]:
    facts = case.facts
    row: dict[str, Any] = {
        "look_until": None,
        "looked_at": facts.at,
        "facts": _json(looks.last),
        "summary": summary_to(summary(facts, case.known)),
        "worst": worst_now,
        "ha_off_since": case.ha_off_since,
        "master_was": case.master_was or "",
        "master_moved_at": case.master_moved_at,
    }
    if facts.pool:
        row |= {"good_at": facts.at, "good_facts": _json(looks.good) if looks.good else None}
    else:
        row["good_facts"] = SqlCase(GOOD_UNTIL_NOW, default=F("good_facts"))
    if facts.cloudstack and facts.cloudstack.zone:
        row["zone"] = facts.cloudstack.zone
    if case.happened:
        row["drift"] = drift_to(case.drift)
    if news:
        row["version"] = F("version") + 1
    return row


def _json(written: Written) -> Cast:
    return Cast(Value(written.text, TextField()), JSONField())


def good_of(pool: Pool, facts: Facts) -> Facts | None:
    """What is kept as the last good look; None where the master did not answer. CloudStack's last word stays while it
    is silent; its trouble stands beside it."""
    if facts.pool is None or facts.cloudstack or not facts.cloudstack_trouble:
        return facts if facts.pool else None
    good = pool.last_good_facts()
    if good is None or good.cloudstack is None:
        return facts
    return replace(facts, cloudstack=good.cloudstack, cloudstack_at=good.cloudstack_seen_at)


def _mended(rows: Iterable[Finding], findings: Iterable[Judged], facts: Facts) -> list[Finding]:
    """Open rows that were judged again and not found. While a captain is silent, what needs its word stays open."""
    found = {f.key for f in findings}
    silent = set()
    if facts.pool is None:
        silent.add(XENSERVER)
    if facts.cloudstack is None and facts.cloudstack_trouble is not None:
        silent.add(CLOUDSTACK)
    return [
        r for r in rows if r.key not in found and not (r.code in CODES and silent & set(CODES[r.code].needs))
    ]


def _news(
    rows: dict[tuple[str, str], Finding], found: Iterable[Judged], gone: Iterable[Finding]
) -> Iterator[Line]:
    for finding in found:
        row = rows.get(finding.key)
        if row is None:
            yield _line("finding-opened", finding, finding.says, "", finding.severity.value)
        elif row.severity != finding.severity.value:
            worse = RANK[finding.severity] < RANK[Severity(row.severity)]
            kind = "finding-worse" if worse else "finding-better"
            yield _line(kind, finding, finding.says, row.severity, finding.severity.value)
        elif row.expected_by is not None and finding.expected_by is None:
            says = f"Run {row.expected_by} does not explain it any more: {finding.says}"
            yield _line("finding-overdue", finding, says, "expected", finding.severity.value)
    for row in gone:
        says = f"No longer: {row.says}"
        entry = Entry(
            source=Source.BATON,
            kind="finding-mended",
            subject=row.subject_name,
            subject_uuid=row.subject_uuid,
            says=says,
            before=row.severity,
        )
        yield Line(entry, row.expected_by)


def _line(kind: str, finding: Judged, says: str, before: str, after: str) -> Line:
    about = finding.subject
    entry = Entry(
        source=Source.BATON,
        kind=kind,
        subject=about.name,
        subject_uuid=about.uuid,
        says=says,
        before=before,
        after=after,
    )
    return Line(entry, finding.expected_by)


def _cause(entry: Entry, case: Case) -> int | None:
    return case.obligations.holder if entry.source is not Source.BATON else None


def _differs(row: Finding, finding: Judged) -> bool:
    """Whether a person would read something else. The age of the evidence alone is no difference."""
    new = values_of(finding)
    was, now = row.evidence, new.pop("data")["evidence"]
    same_evidence = [(e["what"], e["value"]) for e in was] == [(e["what"], e["value"]) for e in now]
    return not same_evidence or any(getattr(row, name) != value for name, value in new.items())


def _worst(findings: Iterable[Judged], kept: Iterable[Finding]) -> str:
    open_severities = [Severity(row.severity) for row in kept if row.expected_by is None]
    severities = [s for s in (worst(findings), *open_severities) if s]
    return min(severities, key=RANK.__getitem__).value if severities else ""


def _close(gone: list[Finding], now: datetime) -> None:
    if gone:
        Finding.objects.filter(pk__in=[row.pk for row in gone]).update(closed_at=now, seen_at=now)


def _save(pool: Pool, rows: dict[tuple[str, str], Finding], changed: list[Judged], now: datetime) -> None:
    for finding in changed:
        row = rows.get(finding.key)
        if row is None:
            Finding.objects.create(pool=pool, since=now, seen_at=now, **values_of(finding))
        else:
            Finding.objects.filter(pk=row.pk).update(seen_at=now, **values_of(finding))


def _change(pool: Pool, line: Line, case: Case) -> Change:
    entry = line.entry
    return Change(
        pool=pool,
        at=case.facts.at,
        happened_at=entry.happened_at,
        not_before=entry.not_before,
        source=entry.source.value,
        kind=entry.kind,
        subject=entry.subject[:255],
        subject_uuid=entry.subject_uuid,
        says=entry.says,
        before=entry.before[:255],
        after=entry.after[:255],
        by=entry.by[:160],
        run=line.run,
    )
