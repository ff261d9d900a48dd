"""Refused credentials: how often somebody tries, what is said of it, and that changed ones are tried at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from lab.testing import RunningLab, running_lab
from pools import refusals, watching
from pools.facts import Trouble
from pools.models import CloudStack, Finding, Pool, Refusal
from pools.secret import Secret
from tests.pools.lab import cloudstack_of, pool_of

pytestmark = pytest.mark.django_db
WRONG = Secret("wrong")


@pytest.fixture(scope="module")
def the_lab() -> Iterator[RunningLab]:
    with running_lab("healthy", speed=50.0) as lab:
        yield lab


@pytest.fixture
def lab(the_lab: RunningLab) -> Iterator[RunningLab]:
    yield the_lab
    the_lab.mend()


def logins(lab: RunningLab) -> int:
    """At the masters: a member refuses before it looks at a password."""
    tried = lab.calls("session.login_with_password", "session.slave_local_login_with_password")
    return sum("SESSION_AUTHENTICATION_FAILED" in call["outcome"] for call in tried)


def says(pool: Pool, code: str) -> str:
    return Finding.objects.open().get(pool=pool, code=code).says


def test_an_hour_of_looks_tries_a_wrong_password_four_times(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a clock of our own: after 0, 5, 15 and 35 minutes; never more than three in half an hour."""
    pool, start, tried = pool_of(lab, "amber", password=WRONG), timezone.now(), []
    before = logins(lab)
    for minute in (0, 1, 4, 5, 6, 14, 15, 16, 34, 35, 36, 59):
        now = start + timedelta(minutes=minute, seconds=1)
        monkeypatch.setattr(watching.timezone, "now", lambda now=now: now)
        known = logins(lab)
        watching.watch(pool.pk)
        if logins(lab) > known:
            tried.append(minute)
    assert tried == [0, 5, 15, 35]
    assert logins(lab) - before <= 2 * len(tried), "a look's own login, and the probe beside it"


def test_the_finding_says_since_when_and_when_next_and_how_to_try_now(lab: RunningLab) -> None:
    pool = pool_of(lab, "amber", password=WRONG)
    watching.watch(pool.pk)
    watching.watch(pool.pk)
    told = says(pool, "login-refused")
    row = Refusal.objects.get(pool=pool)
    assert f"{row.since:%H:%M:%S} UTC, asked once; the next try is at" in told
    assert f"{row.since + timedelta(minutes=5):%Y-%m-%d %H:%M:%S}" in told
    assert "python manage.py look amber" in told


def test_other_credentials_are_tried_at_once(lab: RunningLab) -> None:
    pool = pool_of(lab, "amber", password=WRONG)
    watching.watch(pool.pk)
    Pool.objects.filter(pk=pool.pk).update(password=Secret(lab.password))
    watching.watch(pool.pk)
    assert not Refusal.objects.exists()
    assert not Finding.objects.open().filter(pool=pool, code="login-refused").exists()


def test_a_certificate_that_is_not_the_pinned_one_is_looked_at_each_minute(lab: RunningLab) -> None:
    pool = pool_of(lab, "amber", pins=["ab" * 32])
    watching.watch(pool.pk)
    row = Refusal.objects.get(pool=pool)
    assert (row.code, row.next_at - row.tried_at) == ("tls-untrusted", timedelta(minutes=1))
    before = len(lab.calls())
    watching.watch(pool.pk)
    assert len(lab.calls()) == before


def test_wrong_keys_of_a_cloudstack_are_tried_once_for_all_its_pools(lab: RunningLab) -> None:
    cloudstack = cloudstack_of(lab, api_key=Secret("no"))
    pools = [pool_of(lab, name, cloudstack=cloudstack) for name in ("amber", "basalt")]
    before = len(lab.calls("listCapabilities"))
    for pool in pools:
        watching.watch(pool.pk)
        assert "the next try is at" in says(pool, "login-refused")
    assert len(lab.calls("listCapabilities")) - before == 1
    CloudStack.objects.filter(pk=cloudstack.pk).update(api_key=Secret(lab.api_key))
    watching.watch(pools[0].pk)
    assert not Refusal.objects.exists()


@pytest.mark.parametrize(("tries", "minutes"), [(1, 5), (2, 10), (3, 20), (4, 30), (9, 30)])
def test_each_refusal_waits_longer(tries: int, minutes: int) -> None:
    assert refusals.wait("login-refused", tries) == timedelta(minutes=minutes)


def test_a_silence_after_a_refusal_is_no_answer(lab: RunningLab) -> None:
    pool, now = Pool.objects.get(pk=pool_of(lab, "amber").pk), timezone.now()
    refusals.note(pool, Trouble(code="login-refused", says="No."), now)
    refusals.note(pool, Trouble(code="timeout", says="Nobody."), now)
    assert Refusal.objects.get(pool=pool).tries == 1
    assert refusals.standing(pool, now) == Trouble(code="login-refused", says="No.")
    refusals.note(pool, None, now)
    assert refusals.standing(pool, now) is None


def test_no_look_leaves_a_session_behind(lab: RunningLab) -> None:
    pool = pool_of(lab, "amber")
    before = lab.do(lambda world: len(world.pool("amber").sessions))
    for _ in range(3):
        watching.watch(pool.pk)
    assert lab.do(lambda world: len(world.pool("amber").sessions)) == before
    assert lab.do(lambda world: sum(len(h.local_sessions) for h in world.hosts)) == 0
