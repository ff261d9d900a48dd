"""From open findings to messages that wait to be sent.

Two gatherers at once are harmless: what a route is told and what it knows then is written in one transaction, and only
where nobody else has written meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from dashboard import troubles as grouping
from dashboard.live import announce
from dashboard.notices.models import Acknowledgement, Knowledge, Notice, Route, Silence
from dashboard.notices.planning import news
from dashboard.notices.vocabulary import Estate, Key, News, Part, Quiet, Told, Trouble
from dashboard.notices.wording import body_of, title_of
from pools.models import Finding
from pools.rules.case import Severity
from workflows.running import preparing

TOPIC = "notices"
OF_POOL = ("facts", "good_facts", "summary", "drift", "password", "ca", "pins")
"""Columns that no message needs."""
TOLD = ("severity", "says", "subjects", "at", "remedy", "run", "trouble", "cause", "over_at")
"""Columns of what a route knows that change."""


def gather(now: datetime) -> int:
    """Write down what each route is to be told; gives the number of new messages."""
    routes = list(Route.objects.filter(enabled=True))
    estate = look(now)
    _end_acknowledgements(estate, now)
    written = sum(_tell(route, estate) for route in routes)
    if written:
        announce(TOPIC)
    return written


def look(now: datetime) -> Estate:
    """What is open, silenced and known at this moment."""
    rows = list(
        Finding.objects.open()
        .worst_first()
        .select_related("pool", "pool__cloudstack")
        .defer("means", "data", *(f"pool__{name}" for name in OF_POOL))
    )
    quiet = [Quiet(s.pool_id, s.code, s.until) for s in Silence.objects.in_force(now)]
    known = Acknowledgement.objects.filter(ended_at=None).values_list("pool_id", "code")
    return Estate(
        now=now,
        troubles=troubles((row for row in rows if row.expected_by is None), preparing.waiting()),
        open=frozenset((row.pool_id, row.code, grouping.shared(row)) for row in rows),
        quiet=tuple(quiet),
        known=frozenset(known),
    )


def troubles(findings: Iterable[Finding], runs: Mapping[int, int]) -> tuple[Trouble, ...]:
    """Findings, worst first, as the troubles that the overview shows. `runs` are the elections that lie ready, by
    pool."""
    rows = list(findings)
    since: dict[Key, datetime] = {}
    for row in rows:
        key = row.pool_id, row.code, grouping.shared(row)
        since[key] = min(since.get(key, row.since), row.since)
    return tuple(Trouble(tuple(_parts(each, since, runs))) for each in grouping.troubles(rows))


def _parts(
    trouble: grouping.Trouble, since: Mapping[Key, datetime], runs: Mapping[int, int]
) -> Iterator[Part]:
    for each in trouble.all:
        worst = each.finding
        yield Part(
            pool_id=worst.pool_id,
            pool=worst.pool.name,
            zone=worst.pool.zone,
            code=worst.code,
            severity=Severity(worst.severity),
            says=worst.says,
            remedy=worst.remedy,
            subjects=tuple(sorted({worst.subject_name, *each.others})),
            since=since[worst.pool_id, worst.code, each.shared],
            run=runs.get(worst.pool_id) if worst.remedy == preparing.ELECTION else None,
            shared=each.shared,
            follows=grouping.follows(each, trouble),
        )


def _tell(route: Route, estate: Estate) -> int:
    """Write one route's messages and what it knows from now on; gives their number."""
    rows = {row.pk: row for row in Knowledge.objects.filter(route=route).select_related("pool").only(*_READ)}
    told = {pk: _told(row) for pk, row in rows.items()}
    said, known = news(estate, told.values(), route.wish())
    was = {each.key: (pk, each) for pk, each in told.items()}
    if not said and {key: each for key, (_pk, each) in was.items()} == known:
        return 0
    aloud = [each for each in said if not each.quietly]
    try:
        with transaction.atomic():
            mine = Route.objects.filter(pk=route.pk, told_version=route.told_version)
            if not mine.update(told_version=F("told_version") + 1):
                return 0
            _learn(route, was, known)
            Notice.objects.bulk_create(_notice(route, each, estate.now) for each in aloud)
    except IntegrityError:  # a pool is gone meanwhile
        return 0
    return len(aloud)


_READ = ("route", "pool__name", "code", "shared", *TOLD)


def _told(row: Knowledge) -> Told:
    return Told(
        *(row.pool_id, row.pool.name, row.code, Severity(row.severity), row.says, tuple(row.subjects)),
        *(row.at, row.remedy, row.run, row.shared, row.trouble),
        cause=row.cause,
        over_at=row.over_at,
    )


def _learn(route: Route, was: Mapping[Key, tuple[int, Told]], known: Mapping[Key, Told]) -> None:
    Knowledge.objects.filter(pk__in=[pk for key, (pk, _told) in was.items() if key not in known]).delete()
    changed = [
        Knowledge(pk=was[key][0], **_values(each))
        for key, each in known.items()
        if key in was and was[key][1] != each
    ]
    Knowledge.objects.bulk_update(changed, TOLD, batch_size=200)
    Knowledge.objects.bulk_create(
        (
            Knowledge(route=route, pool_id=key[0], code=key[1], shared=key[2], **_values(each))
            for key, each in known.items()
            if key not in was
        ),
        batch_size=200,
    )


def _values(told: Told) -> dict[str, object]:
    return {
        "severity": told.severity.value,
        "says": told.says,
        "subjects": list(told.subjects),
        "at": told.at,
        "remedy": told.remedy,
        "run": told.run,
        "trouble": told.trouble,
        "cause": told.cause,
        "over_at": told.over_at,
    }


def _notice(route: Route, each: News, now: datetime) -> Notice:
    return Notice(
        route=route,
        pool_id=None if each.shared else each.pool_id,
        kind=each.kind.value,
        code=each.code,
        severity=each.severity.value,
        title=title_of(each),
        body=body_of(each, now, settings.CONSOLE_URL),
        created=now,
        next_try_at=now,
    )


def _end_acknowledgements(estate: Estate, now: datetime) -> None:
    """Who knew of a trouble knows nothing of the next one like it."""
    over = estate.known - {(pool_id, code) for pool_id, code, _shared in estate.open}
    for pool_id, code in over:
        Acknowledgement.objects.filter(pool_id=pool_id, code=code, ended_at=None).update(ended_at=now)
