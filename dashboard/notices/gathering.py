"""From open findings to messages that wait to be sent.

Two gatherers at once are harmless: what a route knows changes by conditional update, in one transaction with the
message.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from dashboard.live import announce
from dashboard.notices.models import Acknowledgement, Knowledge, Notice, Route, Silence
from dashboard.notices.planning import Estate, Key, Kind, News, Quiet, Told, Trouble, news
from dashboard.notices.wording import body_of, title_of
from pools.models import Finding
from pools.rules import RANK
from pools.rules.case import Severity
from workflows.running import preparing

TOPIC = "notices"


def gather(now: datetime) -> int:
    """Write down what each route is to be told; gives the number of new messages."""
    routes = list(Route.objects.filter(enabled=True))
    estate = look(now)
    _end_acknowledgements(estate, now)
    if not routes:
        return 0
    told = _told(routes)
    written = sum(
        _tell(route, each, told[route.pk].get((each.pool_id, each.code)), now)
        for route in routes
        for each in news(estate, told[route.pk], route.wish())
    )
    if written:
        announce(TOPIC)
    return written


def look(now: datetime) -> Estate:
    """What is open, silenced and known at this moment."""
    rows = list(
        Finding.objects.open()
        .select_related("pool")
        .only(
            *("code", "severity", "subject_name", "says", "remedy", "since", "expected_by"),
            *("pool__name", "pool__zone"),
        )
    )
    quiet = [Quiet(s.pool_id, s.code, s.until) for s in Silence.objects.in_force(now)]
    known = Acknowledgement.objects.filter(ended_at=None).values_list("pool_id", "code")
    return Estate(
        now=now,
        troubles=troubles((row for row in rows if row.expected_by is None), preparing.waiting()),
        open=frozenset((row.pool_id, row.code) for row in rows),
        quiet=tuple(quiet),
        known=frozenset(known),
    )


def troubles(findings: Iterable[Finding], runs: Mapping[int, int]) -> tuple[Trouble, ...]:
    """Findings of one code on one pool as one trouble. `runs` are the elections that lie ready, by pool."""
    grouped: dict[Key, list[Finding]] = defaultdict(list)
    for finding in findings:
        grouped[(finding.pool_id, finding.code)].append(finding)
    return tuple(_trouble(group, runs) for group in grouped.values())


def _trouble(group: list[Finding], runs: Mapping[int, int]) -> Trouble:
    worst = min(group, key=lambda f: (RANK[Severity(f.severity)], f.since, f.subject_name))
    return Trouble(
        pool_id=worst.pool_id,
        pool=worst.pool.name,
        zone=worst.pool.zone,
        code=worst.code,
        severity=Severity(worst.severity),
        says=worst.says,
        remedy=worst.remedy,
        subjects=tuple(sorted({finding.subject_name for finding in group})),
        since=min(finding.since for finding in group),
        run=runs.get(worst.pool_id) if worst.remedy == preparing.ELECTION else None,
    )


def _told(routes: list[Route]) -> dict[int, dict[Key, Told]]:
    told: dict[int, dict[Key, Told]] = {route.pk: {} for route in routes}
    rows = Knowledge.objects.filter(route__in=routes).values_list(
        *("route_id", "pool_id", "pool__name", "code", "severity", "says", "subjects", "at", "remedy", "run")
    )
    for route, pool_id, pool, code, severity, says, subjects, *more in rows:
        known = Told(pool_id, pool, code, Severity(severity), says, tuple(subjects), *more)
        told[route][known.key] = known
    return told


def _tell(route: Route, each: News, told: Told | None, now: datetime) -> bool:
    """One message, if nobody else has written it meanwhile."""
    try:
        with transaction.atomic():
            if not _learn(route, each, told, now):
                return False
            if not each.quietly:
                _write(route, each, now)
    except IntegrityError:  # another gatherer was first, or the pool is gone
        return False
    return not each.quietly


def _learn(route: Route, each: News, told: Told | None, now: datetime) -> bool:
    """What the route knows from now on; False when it is not what it was."""
    about = {"route": route, "pool_id": each.pool_id, "code": each.code}
    if told is None:
        Knowledge.objects.create(**about, **_values(each, now))
        return True
    mine = Knowledge.objects.filter(**about, at=told.at)
    if each.kind is Kind.MENDED:
        return mine.delete()[0] == 1
    return mine.update(**_values(each, now)) == 1


def _values(each: News, now: datetime) -> dict[str, object]:
    return {
        "severity": each.severity.value,
        "says": each.says,
        "subjects": list(each.subjects),
        "at": now,
        "remedy": each.remedy,
        "run": each.run,
    }


def _write(route: Route, each: News, now: datetime) -> None:
    Notice.objects.create(
        route=route,
        pool_id=each.pool_id,
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
    over = estate.known - estate.open
    for pool_id, code in over:
        Acknowledgement.objects.filter(pool_id=pool_id, code=code, ended_at=None).update(ended_at=now)
