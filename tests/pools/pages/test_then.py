"""What was known at a moment can be asked for, and is never taken for what is true now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.http import urlencode

from pools.facts import Facts, Trouble
from pools.models import Moment, Pool
from pools.remembering import Claim, good_of, remember
from pools.rules import judge_all
from pools.seeing import case_of
from tests.pools.world import amber, crashed

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def cy(client: Client, django_user_model: Any) -> Client:
    user = django_user_model.objects.create_user("cy")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def pool() -> Pool:
    return Pool.objects.create(
        name="amber", uuid="pool-amber", addresses=["127.10.1.1"], password="never-used"
    )


def seen(pool: Pool, facts: Facts, minutes_ago: float) -> None:
    """The watcher's look, that long ago."""
    at = NOW - timedelta(minutes=minutes_ago)
    pool.refresh_from_db()
    case = case_of(pool, replace(facts, at=at), at)
    assert remember(pool, Claim(pool.pk, pool.look_fence), case, judge_all(case), good_of(pool, case.facts))


def page(cy: Client, minutes_ago: float) -> str:
    query = urlencode({"at": (NOW - timedelta(minutes=minutes_ago)).isoformat()})
    return cy.get(f"/pools/amber/?{query}").content.decode()


class TestAMoment:
    def test_is_shown_as_it_was_with_its_findings_and_none_of_later_ones(
        self, pool: Pool, cy: Client
    ) -> None:
        seen(pool, amber(), 60)
        seen(pool, crashed(), 30)
        seen(pool, amber(), 10)
        assert "amber is well" in page(cy, 45)
        then = page(cy, 20)
        assert "CloudStack shows amber-2 in Alert" in then
        assert "not what is true now" in then
        assert "amber is well" in page(cy, 5)

    def test_offers_nothing_that_acts_and_updates_nothing_by_itself(self, pool: Pool, cy: Client) -> None:
        seen(pool, crashed(), 30)
        then = page(cy, 20)
        assert "Re-enable amber-2" not in then and "I know of it" not in then and "Look now" not in then
        assert "?part=" not in then
        assert "Re-enable amber-2" in cy.get("/pools/amber/").content.decode()

    def test_leads_to_the_next_change(self, pool: Pool, cy: Client) -> None:
        seen(pool, amber(), 60)
        seen(pool, crashed(), 30)
        assert urlencode({"at": (NOW - timedelta(minutes=30)).isoformat()}) in page(cy, 45)

    def test_long_after_the_last_look_says_that_nobody_looked(self, pool: Pool, cy: Client) -> None:
        seen(pool, amber(), 60)
        assert "Nobody had looked since" in page(cy, 45)
        seen(pool, amber(), 44.5)
        assert "Nobody had looked since" not in page(cy, 44)

    def test_with_a_silent_master_names_its_hosts_from_the_look_before(self, pool: Pool, cy: Client) -> None:
        seen(pool, amber(), 60)
        seen(pool, replace(amber(), pool=None, pool_trouble=Trouble(code="timeout", says="No answer.")), 30)
        assert "amber-2" in page(cy, 20)


class TestWhatIsKept:
    def test_is_one_moment_for_looks_that_saw_no_change(self, pool: Pool) -> None:
        for minutes in (60, 59, 58, 57):
            seen(pool, amber(), minutes)
        moment = Moment.objects.get()
        assert moment.until - moment.at == timedelta(minutes=3)

    def test_is_one_more_after_some_hours_all_the_same(self, pool: Pool) -> None:
        seen(pool, amber(), 8 * 60)
        seen(pool, amber(), 1)
        assert Moment.objects.count() == 2

    def test_does_not_reach_over_a_time_in_which_nobody_looked(self, pool: Pool) -> None:
        seen(pool, amber(), 60)
        seen(pool, amber(), 58)
        seen(pool, amber(), 30)
        assert [(m.at, m.until) for m in Moment.objects.order_by("at")] == [
            (NOW - timedelta(minutes=60), NOW - timedelta(minutes=58)),
            (NOW - timedelta(minutes=30), NOW - timedelta(minutes=30)),
        ]

    def test_ends_with_the_last_look_before_the_change(self, pool: Pool) -> None:
        seen(pool, amber(), 60)
        seen(pool, amber(), 59.8)
        seen(pool, crashed(), 50)
        assert Moment.objects.earliest("at").until == NOW - timedelta(minutes=59.8)


@pytest.mark.parametrize(
    "at",
    [
        *("", "yesterday", "2026-02-30T10:00", "2999-01-01T00:00", "0001-01-01T00:00", "x" * 5000),
        *(
            "0001-01-01T00:00+14:00",
            "9999-12-31T23:59-14:00",
            "2026-11-22",
            "03:12",
            "2026-11-22T03:12+99:00",
        ),
    ],
)
def test_nonsense_leads_back_with_a_sentence(pool: Pool, cy: Client, at: str) -> None:
    answer = cy.get("/pools/amber/", {"at": at}, follow=True)
    assert answer.status_code == 200
    assert (
        "no moment that has passed" in answer.content.decode() or "Nothing is kept" in answer.content.decode()
    )


def test_before_anything_is_kept_there_is_nothing_to_show(pool: Pool, cy: Client) -> None:
    assert (
        "Not looked at yet"
        in cy.get("/pools/amber/", {"at": "2020-01-01T00:00"}, follow=True).content.decode()
    )
