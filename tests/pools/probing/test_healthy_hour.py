"""A healthy hour in seconds: toolstacks restart, answers come late, a line breaks, and nothing is said that is not so.

bench/healthy_hour.py plays the hour itself, on the clock of real hosts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery import Celery
from django.utils import timezone

from bench.truth import Said
from lab.testing import RunningLab, running_lab
from lab.world import World, mastery, power
from pools.listening import desk, ear
from pools.models import Finding, Listener, Probing
from tests.pools.lab import pool_of
from tests.pools.worker import no_broker, watched
from tests.support.waiting import PATIENCE_S, eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningLab]:
    """Its clock is the console's, so that starts lie in the past; a toolstack is up again within 3 s, not 20."""
    monkeypatch.setattr(power, "TOOLSTACK_SECONDS", 3.0)
    monkeypatch.setattr(mastery, "HELLO_SECONDS", 0.5)
    monkeypatch.setattr(mastery, "ENABLE_SECONDS", 1.0)
    with running_lab("healthy", speed=1.0) as running:
        yield running


def test_restarts_and_a_slow_network_are_told_as_what_they_are(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How late something may be told is measured by the bench; here it must only have been so."""
    monkeypatch.setattr(Celery, "send_task", no_broker)
    monkeypatch.setattr(desk, "TURN_S", 0.2)
    monkeypatch.setattr(ear, "POLL_S", 0.5)
    names = {pool_of(lab, name).pk: name for name in ("amber", "basalt")}
    said = Said(lab, names, sees=timedelta(seconds=PATIENCE_S))
    with watched(), said.compared():
        eventually(lambda: heard() == asked() == len(names))
        lab.break_("slow", "basalt-2", delay=1.0)
        lab.break_("toolstack-restart", "amber-3")
        lab.break_("reset-before", "amber-1", call="event.from", times=1)  # it has all members asked anew
        lab.break_("toolstack-restart", "basalt-1")
        eventually(lambda: Finding.objects.filter(pool__name="basalt", code="master-unreachable").exists())
        eventually(lambda: lab.do(is_well) and not Finding.objects.open().exists())
    assert [str(false) for false in said.false] == []
    assert said.true


def heard() -> int:
    return Listener.objects.filter(until__gt=timezone.now(), packed__isnull=False).count()


def asked() -> int:
    return sum(len(row.known()) == len(row.pool.addresses) for row in Probing.objects.select_related("pool"))


def is_well(world: World) -> bool:
    return all(host.live and host.enabled and host.emergency is None for host in world.hosts)
