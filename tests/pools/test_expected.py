"""What a run of ours causes is expected until its deadline; then it is trouble like any other, wherever it shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.notices.gathering import gather
from dashboard.notices.models import Notice, Route
from dashboard.overview import _urgent
from pools.models import Change, Finding, Pool
from pools.remembering import Claim, good_of, remember
from pools.rules import judge_all
from pools.rules.case import Expected, Obligations
from pools.seeing import case_of
from tests.pools.world import amber

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
CODE = "host-disabled"
UNTIL = NOW - timedelta(minutes=10)
OURS = Obligations(expected=(Expected(code=CODE, subject="amber-3", run=7, until=UNTIL),), holder=7)


@pytest.fixture
def pool() -> Pool:
    Route.objects.create(name="on-call", url="json://127.0.0.1:9/", at_least="warning")
    return Pool.objects.create(
        name="amber", uuid="pool-amber", addresses=["127.10.1.1"], password="never-used"
    )


def seen(pool: Pool, minutes_ago: float) -> Finding:
    """A look that long ago at amber-3 disabled, while run 7 says that it causes that until UNTIL."""
    at = NOW - timedelta(minutes=minutes_ago)
    pool.refresh_from_db()
    case = case_of(pool, replace(amber().with_host("amber-3", enabled=False), at=at), at)
    case = replace(case, obligations=OURS)
    assert remember(pool, Claim(pool.pk, pool.look_fence), case, judge_all(case), good_of(pool, case.facts))
    pool.refresh_from_db()
    return Finding.objects.get(pool=pool, code=CODE)


def told() -> list[str]:
    gather(NOW)
    return list(Notice.objects.filter(code=CODE).values_list("kind", flat=True))


def test_until_its_deadline_it_is_listed_and_wakes_nobody(pool: Pool) -> None:
    assert seen(pool, 20).expected_by == 7
    assert seen(pool, 10).expected_by == 7, "the deadline itself is still in time"
    assert pool.worst == "" and not _urgent().exists() and told() == []


def test_when_it_outlives_its_deadline_it_is_news(pool: Pool) -> None:
    seen(pool, 20)
    late = seen(pool, 9.9)
    assert late.expected_by is None and late.since == NOW - timedelta(minutes=20)
    assert pool.worst == "warning"
    assert [f.code for f in _urgent()] == [CODE]
    assert told() == ["new"]
    overdue = Change.objects.get(pool=pool, kind="finding-overdue")
    assert overdue.says.startswith("Run 7 does not explain it any more: amber-3 is live, but disabled")
