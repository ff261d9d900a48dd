"""A password that is wrong from now on, counted over the wire: whatever the parts of Baton do, from listening to a
person's haste, it is tried once and then seldom; that is said, and a changed one is used at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery import Celery
from django.conf import settings
from django.utils import timezone

from lab.testing import RunningLab, running_lab
from lab.xapi.calls import session
from pools import sweeping, watching
from pools.clients import asking
from pools.hurrying import look_soon
from pools.listening import desk
from pools.models import CloudStack, Finding, Listener, Pool, Probing
from pools.probing import members, pace
from pools.secret import Secret
from tests.pools.lab import cloudstack_of, pool_of
from tests.pools.worker import no_broker, watched
from tests.support.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)
OCCASIONS = timedelta(seconds=2)


@pytest.fixture(scope="module")
def the_lab() -> Iterator[RunningLab]:
    with running_lab("healthy", speed=20.0) as running:
        yield running


@pytest.fixture
def lab(the_lab: RunningLab) -> Iterator[RunningLab]:
    yield the_lab
    the_lab.mend()
    the_lab.do(lambda world: world.calls.clear())


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """All parts at some hundred times their pace, but for the pauses after a refusal."""
    monkeypatch.setattr(Celery, "send_task", no_broker)
    monkeypatch.setattr(settings, "WATCH_INTERVAL", 1)
    monkeypatch.setattr(desk, "TURN_S", 0.05)
    monkeypatch.setattr(pace, "ASK_S", 0.3)
    monkeypatch.setattr(pace, "TOUCH_S", 0.2)
    monkeypatch.setattr(members, "SILENT_S", 0.3)


def passwords(lab: RunningLab) -> int:
    """Logins that a host has a password to check for, or had: members name their master before they look at it."""
    tried = lab.calls("session.login_with_password", "session.slave_local_login_with_password")
    return sum("HOST_IS_SLAVE" not in call["outcome"] for call in tried)


def refused(lab: RunningLab) -> int:
    """Those of them that were told no."""
    tried = lab.calls("session.login_with_password", "session.slave_local_login_with_password")
    return sum("SESSION_AUTHENTICATION_FAILED" in call["outcome"] for call in tried)


def is_heard(pool: Pool) -> bool:
    row = Listener.objects.filter(pool=pool, until__gt=timezone.now(), packed__isnull=False)
    probing = Probing.objects.filter(pool=pool).first()
    return row.exists() and probing is not None and len(probing.known()) == 4


def says(pool: Pool) -> str:
    found = Finding.objects.open().filter(pool=pool, code="login-refused")
    return "".join(found.values_list("says", flat=True))


def hurry(pool: Pool, looks: int = 4) -> None:
    """As many occasions as ten minutes have: asks by the prober, turns of the loop, and people at the page's button."""
    since = timezone.now()
    for _ in range(looks):
        look_soon(pool.pk)
        watching.watch(pool.pk)
    eventually(lambda: timezone.now() - since > OCCASIONS)


def test_a_password_that_becomes_wrong_while_a_session_is_open(lab: RunningLab) -> None:
    pool = pool_of(lab, "amber")
    with watched():
        eventually(lambda: is_heard(pool))
        lab.break_("password", "amber")
        eventually(lambda: "over a session that was open before" in says(pool))
        hurry(pool)
        assert "the next try is at" in says(pool)
        lab.break_("toolstack-restart", "amber:master")
        eventually(lambda: says(pool) and "over a session" not in says(pool))
        hurry(pool)
        assert 1 <= refused(lab) <= 2, "the prober, and the listener as its line broke"
        Pool.objects.filter(pk=pool.pk).update(password=Secret("changed"))
        eventually(lambda: not says(pool))
    assert Pool.objects.get(pk=pool.pk).good_at


def test_a_refusal_that_comes_later_than_anybody_waits(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "WRONG_PASSWORD_SECONDS", 600.0)
    monkeypatch.setattr(asking, "ASK_S", 1.0)
    pool = pool_of(lab, "amber")
    with watched():
        eventually(lambda: is_heard(pool))
        before = passwords(lab)
        lab.break_("password", "amber")
        eventually(lambda: passwords(lab) > before)
        hurry(pool, looks=0)
        assert passwords(lab) - before <= 3, "of which one may have been let in still"


def test_a_password_that_was_never_right(lab: RunningLab) -> None:
    pool = pool_of(lab, "amber", password=Secret("wrong"))
    with watched():
        eventually(lambda: says(pool))
        hurry(pool)
    assert 1 <= passwords(lab) <= 3, "the listener, the prober and a look, all at once"


def test_keys_that_cloudstack_refuses(lab: RunningLab) -> None:
    cloudstack = cloudstack_of(lab, api_key=Secret("wrong"))
    pools = [pool_of(lab, name, cloudstack=cloudstack) for name in ("amber", "basalt")]
    for _ in range(5):
        sweeping.claim_due(timezone.now())
        sweeping.sweep(cloudstack.pk)
        for pool in pools:
            watching.watch(pool.pk)
    assert all("the next try is at" in says(pool) for pool in pools)
    assert len([call for call in lab.calls() if call["server"] == "cloudstack"]) == 1
    CloudStack.objects.update(api_key=Secret(lab.api_key))
    sweeping.sweep(cloudstack.pk)
    for pool in pools:
        watching.watch(pool.pk)
    assert not any(says(pool) for pool in pools)
