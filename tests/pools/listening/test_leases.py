"""Who takes which pool, and in what order: one claim after the other, on rows alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from pools.listening import leases
from pools.models import Listener, Pool
from pools.secret import Secret

pytestmark = pytest.mark.django_db


def seen(name: str, at: datetime | None, good_at: datetime | None = None) -> Pool:
    """A pool that was looked at then."""
    way = {"addresses": ["127.0.0.1"], "password": Secret("never used")}
    return Pool.objects.create(name=name, looked_at=at, good_at=good_at or at, **way)


def test_the_longest_unseen_is_taken_first_and_all_by_one_holder() -> None:
    now = timezone.now()
    pools = [seen(f"pool-{age}", now - timedelta(seconds=age)) for age in (5, 40, 20)]
    assert [t.pool_id for t in leases.claim("one", now, 2)] == [pools[1].pk, pools[2].pk]
    assert [t.pool_id for t in leases.claim("another", now, 2)] == [pools[0].pk], "what is left"
    assert leases.claim("one", now, 2) == []


def test_pools_that_were_never_seen_or_could_not_be_read_are_left_to_the_looks() -> None:
    now = timezone.now()
    seen("never", None)
    seen("silent", now, now - timedelta(minutes=1))
    assert leases.claim("one", now, 10) == []


def test_what_rests_is_taken_when_its_rest_is_over() -> None:
    now = timezone.now()
    seen("flaky", now)
    (taken,) = leases.claim("one", now, 10)
    leases.release(taken.pool_id, taken.fence, lasted=False)
    assert leases.claim("one", timezone.now(), 10) == []
    (again,) = leases.claim("one", timezone.now() + leases.REST, 10)
    assert again.fence == taken.fence + 1
    assert Listener.objects.get(pk=taken.pool_id).failures == 1, "until a line lasts"


def test_a_turn_that_comes_after_the_lease_was_lost_finds_nothing() -> None:
    now = timezone.now()
    pool = seen("amber", now)
    (taken,) = leases.claim("one", now, 10)
    held = leases.held(taken)
    assert held is not None
    assert (held.pool_id, held.fence) == (pool.pk, taken.fence)
    leases.claim("another", now + leases.LEASE + timedelta(seconds=1), 10)
    assert leases.held(taken) is None
