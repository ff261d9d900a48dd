"""Who takes which pool, and in what order: one claim after the other, on rows alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pools import refusals
from pools.facts import Trouble
from pools.listening import leases
from pools.models import CloudStack, Listener, Pool, Refusal, Sweep
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


def test_pools_that_could_not_be_read_are_left_to_the_looks() -> None:
    now = timezone.now()
    seen("silent", now, now - timedelta(minutes=1))
    assert leases.claim("one", now, 10) == []


def test_what_nobody_has_looked_at_is_taken_first_but_never_where_the_login_was_refused() -> None:
    now = timezone.now()
    seen("known", now - timedelta(seconds=40))
    never = seen("never", None)
    refused = seen("refused", None)
    refusals.note(refused, Trouble(code="login-refused", says="no"), now)
    assert leases.claim("one", now, 1) == [leases.Taken(never.pk, 1)]
    assert refused.pk not in [t.pool_id for t in leases.claim("one", now, 10)]


def test_what_nobody_has_looked_at_waits_for_the_first_sweep_of_its_cloudstack() -> None:
    now = timezone.now()
    cloudstack = CloudStack.objects.create(name="one", url="http://127.0.0.1:1", api_key="a", secret_key="b")
    pool = seen("never", None)
    Pool.objects.filter(pk=pool.pk).update(cloudstack=cloudstack)
    Sweep.objects.create(cloudstack=cloudstack, lease_until=now + timedelta(minutes=1))
    assert leases.claim("one", now, 10) == [], "it would list the guests of a whole pod by itself"
    Sweep.objects.update(tried_at=now)
    assert [t.pool_id for t in leases.claim("one", now, 10)] == [pool.pk]


def test_a_refusal_that_a_line_met_counts_unless_somebody_has_changed_the_way_since() -> None:
    now = timezone.now()
    pool = seen("amber", now)
    (taken,) = leases.claim("one", now, 10)
    held = leases.held(taken)
    assert held is not None and held.seen
    Pool.objects.filter(pk=pool.pk).update(user="another")
    leases.refused(held, Trouble(code="login-refused", says="no"))
    assert not Refusal.objects.exists()
    Pool.objects.filter(pk=pool.pk).update(user=pool.user)
    leases.refused(held, Trouble(code="login-refused", says="no"))
    assert Refusal.objects.get(pool=pool).tries == 1


def test_a_second_in_which_nothing_is_due_is_one_question_and_one_in_which_nobody_is_free_two() -> None:
    now = timezone.now()
    ours = {seen(name, now).pk for name in ("amber", "basalt")}
    leases.claim("one", now, 10)
    Pool.objects.update(next_look_at=now + timedelta(minutes=1))
    with CaptureQueriesContext(connection) as asked:
        assert leases.wanted(ours, now, timedelta(seconds=30)) == {}
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        assert leases.claim("one", now, 10) == []
    assert len(asked) == 2


def test_who_is_due_or_could_not_be_read_is_wanted_and_moved_on_once() -> None:
    now, again = timezone.now(), timedelta(seconds=30)
    due, silent, other = (seen(name, now) for name in ("due", "silent", "other"))
    Pool.objects.filter(pk__in=(silent.pk, other.pk)).update(next_look_at=now + again)
    Pool.objects.filter(pk=due.pk).update(next_look_at=now)
    Pool.objects.filter(pk=silent.pk).update(good_at=now - again)
    ours = {due.pk, silent.pk}
    assert leases.wanted(ours, now, again) == {
        due.pk: leases.Want(now, now),
        silent.pk: leases.Want(None, now),
    }
    assert leases.wanted(ours, now, again) == {silent.pk: leases.Want(None, now)}
    assert leases.wanted({other.pk}, now, again) == {}


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


def test_who_was_too_late_to_renew_takes_none_of_his_own_pools_a_second_time() -> None:
    now = timezone.now()
    pool = seen("amber", now)
    assert leases.claim("one", now, 10) == [leases.Taken(pool.pk, 1)]
    late = now + leases.LEASE + timedelta(seconds=1)
    assert leases.claim("one", late, 10) == [], "its line is open; a second one would cost as much again"
    leases.renew("one", late)
    assert leases.claim("another", late, 10) == []
    later = late + leases.LEASE + timedelta(seconds=1)
    assert leases.claim("another", later, 10) == [leases.Taken(pool.pk, 2)]
