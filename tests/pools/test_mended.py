"""What counts as mended while a captain is silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from pools.facts import Facts
from pools.models import Finding, Pool
from pools.policyform import change_policy
from pools.remembering import Claim, good_of, remember
from pools.rules import judge_all
from pools.seeing import case_of
from tests.pools.world import SILENT, ha_off, master_silent

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)


def look(pool: Pool, facts: Facts, at: datetime) -> None:
    pool.refresh_from_db()
    case = case_of(pool, replace(facts, at=at), at)
    assert remember(pool, Claim(pool.pk, pool.look_fence), case, judge_all(case), good_of(pool, case.facts))


def open_codes() -> set[str]:
    return set(Finding.objects.open().values_list("code", flat=True))


@pytest.fixture
def pool() -> Pool:
    """Amber with HA off, as first seen."""
    made = Pool.objects.create(name="amber", uuid="pool-amber", addresses=["127.10.1.1"], password="unused")
    look(made, ha_off(), NOW)
    return made


def test_who_recovers_the_master_is_judged_anew_while_it_is_silent(pool: Pool) -> None:
    """With operators who do it, the pool is not without recovery, whatever its master says when it is back."""
    look(pool, master_silent(), NOW + timedelta(seconds=20))
    assert {"no-master-recovery", "ha-off-unwanted"} <= open_codes()
    change_policy(pool.pk, {"recovery": "operators"}, "ada")
    look(pool, master_silent(), NOW + timedelta(seconds=30))
    left = open_codes()
    assert "no-master-recovery" not in left
    assert "ha-off-unwanted" in left, "its word on HA is still its last one"


def test_that_nobody_recovers_it_is_not_over_because_cloudstack_is_silent(pool: Pool) -> None:
    mute = replace(ha_off(), cloudstack=None, cloudstack_trouble=SILENT)
    look(pool, mute, NOW + timedelta(seconds=20))
    assert "no-master-recovery" in open_codes()
