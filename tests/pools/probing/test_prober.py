"""The prober on the lab, in the loop as the worker has it, with looks in their turn beside it: a dead master, a hung
one, a cut network and the console's own are told apart, and a new master is followed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from celery import Celery
from django.conf import settings
from django.utils import timezone

from lab.testing import RunningLab, running_lab
from lab.world import World
from lab.world.mastery import believe_in
from pools import watching
from pools.clients import asking, wire
from pools.listening import process
from pools.models import Finding, Pool, Probing
from pools.probing import prober
from tests.pools.lab import pool_of
from tests.pools.worker import no_broker, watched
from tests.support.waiting import eventually

pytestmark = [pytest.mark.django_db(transaction=True)]

LOOK_S = 4.0


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    with running_lab("healthy", speed=1.0) as running:
        yield running


@pytest.fixture(autouse=True)
def _only_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other part of the loop, and looks without a broker: by their turn alone. Another test of this process may
    have started one, where a look that is asked for would wait for a worker that is not there."""
    monkeypatch.setattr(Celery, "send_task", no_broker)
    monkeypatch.setattr(process, "PARTS", {"members": prober.probing})
    monkeypatch.setattr(asking, "ASK_S", 3.0)
    for room in (asking, wire):
        monkeypatch.setattr(room, "CONNECT_S", 1.5)


def says(pool: Pool, code: str) -> str:
    return "".join(Finding.objects.open().filter(pool=pool, code=code).values_list("says", flat=True))


def asked(pool: Pool) -> bool:
    row = Probing.objects.filter(pool=pool).first()
    return row is not None and len(row.known()) == len(Pool.objects.get(pk=pool.pk).addresses)


def test_every_member_is_asked_once_within_seconds_of_the_start(lab: RunningLab) -> None:
    amber, basalt = pool_of(lab, "amber"), pool_of(lab, "basalt")
    with watched(LOOK_S):
        eventually(lambda: asked(amber) and asked(basalt))
    probes = {p.address: p for p in Probing.objects.get(pool=amber).known()}
    assert {p.master for p in probes.values()} == {lab.address("amber-1")}
    assert all(p.at and p.since and p.answers for p in probes.values())


def test_a_look_beside_the_prober_asks_no_member_itself(lab: RunningLab) -> None:
    pool = pool_of(lab, "amber")
    with watched(LOOK_S):
        eventually(lambda: asked(pool))
        eventually(lambda: Pool.objects.get(pk=pool.pk).good_at)
        before = len(lab.calls("session.login_with_password"))
        watching.watch(pool.pk)
        assert len(lab.calls("session.login_with_password")) - before <= 1
    facts = Pool.objects.get(pk=pool.pk).last_facts()
    assert facts and len(facts.probes) == 4


def test_a_dead_master_is_told_from_a_cut_to_the_console(lab: RunningLab) -> None:
    """Members that are asked to read through their master say whether it lives."""
    amber = pool_of(lab, "amber")
    with watched(LOOK_S):
        eventually(lambda: asked(amber) and Pool.objects.get(pk=amber.pk).good_at)
        lab.break_("kill", "amber-1")
        Pool.objects.update(next_look_at=timezone.now())
        eventually(lambda: "does not answer" in says(amber, "master-unreachable"))
        eventually(lambda: "do not reach it either" in says(amber, "master-unreachable"))


def test_a_hung_master_is_told_from_a_dead_one(lab: RunningLab) -> None:
    amber = pool_of(lab, "amber")
    with watched(LOOK_S):
        eventually(lambda: asked(amber) and Pool.objects.get(pk=amber.pk).good_at)
        lab.break_("hang", "amber-1")
        Pool.objects.update(next_look_at=timezone.now())
        eventually(lambda: "its toolstack hangs" in says(amber, "master-unreachable"))


def test_a_cut_between_the_console_and_the_master_calls_nobody_dead(lab: RunningLab) -> None:
    amber = pool_of(lab, "amber")
    with watched(LOOK_S):
        eventually(lambda: asked(amber) and Pool.objects.get(pk=amber.pk).good_at)
        lab.break_("console-cut", "amber-1")
        Pool.objects.update(next_look_at=timezone.now())
        eventually(lambda: "can still be read through" in says(amber, "master-suspect"))
        assert not says(amber, "master-unreachable")


def test_the_consoles_own_network_is_told_from_dead_pools(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "WATCH_INTERVAL", 2)  # what is seen at a turn is the point
    pools = pool_of(lab, "amber"), pool_of(lab, "basalt")
    with watched(LOOK_S):
        eventually(lambda: all(asked(p) and Pool.objects.get(pk=p.pk).good_at for p in pools))
        for name in ("amber", "basalt"):
            lab.break_("console-cut", name)
        Pool.objects.update(next_look_at=timezone.now())
        eventually(lambda: all(says(p, "console-cut-off") for p in pools))
        assert not any(says(p, "master-unreachable") for p in pools)
        lab.mend()
        eventually(lambda: not any(says(p, "console-cut-off") for p in pools))


def test_a_new_master_is_followed(lab: RunningLab) -> None:
    amber = pool_of(lab, "amber")
    with watched(LOOK_S):
        eventually(lambda: asked(amber) and Pool.objects.get(pk=amber.pk).good_at)
        lab.break_("kill", "amber-1")
        Pool.objects.update(next_look_at=timezone.now())
        eventually(lambda: says(amber, "master-unreachable"))
        lab.do(elect)
        eventually(lambda: not says(amber, "master-unreachable"))
    facts = Pool.objects.get(pk=amber.pk).last_facts()
    assert facts and facts.pool and facts.pool.master == lab.world.host("amber-3").uuid


def elect(world: World) -> None:
    """As HA, or `xe pool-emergency-transition-to-master`, would leave it."""
    pool = world.pool("amber")
    pool.master = world.host("amber-3")
    believe_in([host for host in pool.hosts if host.power == "on"], pool.master)
