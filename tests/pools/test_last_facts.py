"""What a pool's row remembers of its last look, and how old that is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pools.models import Pool
from tests.pools.remembered import remembered
from tests.pools.world import amber

pytestmark = pytest.mark.django_db


def test_a_master_that_says_nothing_has_changed_makes_the_facts_younger() -> None:
    pool = remembered(amber())
    later = amber().at + timedelta(minutes=4)
    Pool.objects.filter(pk=pool.pk).update(looked_at=later, good_at=later)
    pool.refresh_from_db()
    last, good = pool.last_facts(), pool.last_good_facts()
    assert last and good
    assert last.at == good.at == later
    assert last.pool == good.pool == amber().pool


def test_what_cloudstack_said_keeps_its_own_age() -> None:
    pool = remembered(amber(), looked_at=amber().at + timedelta(minutes=4))
    last = pool.last_facts()
    assert last and last.cloudstack
    assert last.cloudstack_seen_at == amber().cloudstack_seen_at


def test_a_master_that_has_fallen_silent_makes_nothing_younger() -> None:
    pool = remembered(amber(), looked_at=amber().at + timedelta(minutes=4), good_at=amber().at)
    good = pool.last_good_facts()
    assert good and good.at == amber().at
