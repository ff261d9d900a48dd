"""The exposure clock: what a pool is without, since when, and through which run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pools import exposing
from pools.exposure import Kind, exposed
from pools.facts import Facts
from pools.models import Exposure, Pool
from pools.secret import Secret
from tests.pools.world import NOW, amber, ha_off

LATER = NOW + timedelta(minutes=10)


def at_later(facts: Facts) -> Facts:
    return replace(facts, at=LATER)


def full(facts: Facts) -> Facts:
    """No host has room for another's guests."""
    pool = facts.pool
    assert pool and pool.vms
    hosts = tuple(replace(h, memory_free=0) for h in pool.hosts)
    return facts.with_pool(hosts=hosts, vms=tuple(replace(vm, memory=2**30) for vm in pool.vms))


@pytest.fixture
def pool(db: None) -> Pool:
    return Pool.objects.create(name="amber", uuid="p-amber", addresses=["127.0.0.1"], password=Secret("-"))


def look(pool: Pool, facts: Facts, run: int | None = None) -> dict[Kind, object]:
    since = exposing.exposed_since(pool, facts)
    exposing.keep(pool, since, facts, run)
    return dict(since)


def test_a_well_pool_is_exposed_to_nothing() -> None:
    assert not any(exposed(amber(), wants_ha=True).values())


def test_ha_off_counts_only_where_the_policy_wants_it() -> None:
    assert exposed(ha_off(), wants_ha=True)[Kind.HA]
    assert not exposed(ha_off(), wants_ha=False)[Kind.HA]


def test_without_room_for_one_hosts_guests_no_host_is_to_spare() -> None:
    assert exposed(full(amber()), wants_ha=True)[Kind.NO_SPARE]


def test_a_host_that_does_not_tell_its_memory_leaves_it_open() -> None:
    assert Kind.NO_SPARE not in exposed(amber().with_host("amber-3", memory_free=None), wants_ha=True)


def test_a_stretch_begins_and_ends_with_the_looks_and_knows_its_run(pool: Pool) -> None:
    look(pool, ha_off(), run=7)
    assert look(pool, at_later(ha_off()), run=7) == {Kind.HA: NOW}
    look(pool, at_later(amber()))
    row = Exposure.objects.get()
    assert (row.kind, row.since, row.until, row.run) == ("ha", NOW, LATER, 7)


def test_a_silent_captain_ends_nothing(pool: Pool) -> None:
    look(pool, ha_off())
    assert look(pool, replace(at_later(amber()), pool=None)) == {Kind.HA: NOW}


def test_time_is_counted_within_the_span_that_is_asked_for(pool: Pool) -> None:
    look(pool, ha_off())
    look(pool, at_later(amber()))
    rows = list(pool.exposures.all())
    halfway = NOW + timedelta(minutes=5)
    assert exposing.spent(rows, halfway, LATER) == {Kind.HA: timedelta(minutes=5)}
    assert exposing.spent(rows, LATER, LATER) == {}
