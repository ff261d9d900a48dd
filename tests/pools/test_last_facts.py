"""What a pool's row remembers of its last look, and how old that is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pools.facts import Facts
from pools.models import Pool
from pools.remembering import Claim, good_of, remember
from pools.seeing import case_of
from tests.pools.remembered import remembered
from tests.pools.world import SILENT, amber, master_silent

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


def look(pool: Pool, facts: Facts, seconds: int) -> Pool:
    """What the row is after this look, so many seconds after the first."""
    at = amber().at + timedelta(seconds=seconds)
    case = case_of(pool, replace(facts, at=at), at)
    assert remember(pool, Claim(pool.pk, pool.look_fence), case, (), good_of(pool, case.facts))
    return Pool.objects.get(pk=pool.pk)


def kept(pool: Pool) -> tuple[bool, Facts | None, Facts | None]:
    """Whether the last good look is kept beside the last, and both."""
    return pool.good_facts is not None, pool.last_facts(), pool.last_good_facts()


def test_the_last_good_look_is_kept_beside_the_last_only_where_it_is_another() -> None:
    pool = Pool.objects.create(name="amber", uuid="pool-amber", addresses=["127.10.1.1"], password="unused")
    pool = look(pool, master_silent(), 0)
    assert kept(pool)[0] is False and pool.last_good_facts() is None, "nobody has ever heard its master"
    pool = look(pool, amber(), 10)
    beside, last, good = kept(pool)
    assert not beside and good is not None and good == last
    for seconds in (20, 30):
        pool = look(pool, master_silent(), seconds)
        beside, last, known = kept(pool)
        assert beside and known == good and last is not None and last.pool is None
    beside, last, good = kept(look(pool, amber(), 40))
    assert not beside and good is not None and good == last


def test_cloudstacks_last_word_is_kept_while_it_is_silent() -> None:
    pool = remembered(amber(), good_facts=None, good_at=amber().at, looked_at=amber().at)
    mute = replace(amber(), cloudstack=None, cloudstack_trouble=SILENT)
    for seconds in (10, 20):
        pool = look(pool, mute, seconds)
        good = pool.last_good_facts()
        assert good and good.cloudstack == amber().cloudstack and good.cloudstack_at == amber().at
    pool = look(pool, master_silent(), 30)
    known = pool.last_good_facts()
    assert known and known.cloudstack == amber().cloudstack and known.pool == amber().pool
