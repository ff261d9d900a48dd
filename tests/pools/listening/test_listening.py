"""Listening on the lab, with the loop as the worker has it: what is told is stored, and what breaks is looked at."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models import F
from django.utils import timezone

from lab.testing import RunningLab, running_lab
from pools import sweeping, watching
from pools.ask_xenserver import ask_pool
from pools.clients.master import open_session
from pools.listening import desk, ear, leases, process
from pools.models import Change, Finding, Listener, Pool
from pools.seeing import Said
from tests.pools.lab import all_set_right, cloudstack_of, pool_of
from tests.pools.reach import to_pool
from tests.pools.worker import watched
from tests.support.waiting import SOON_S, eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def the_lab() -> Iterator[RunningLab]:
    with running_lab("healthy", speed=1.0) as running:
        yield running


@pytest.fixture
def lab(the_lab: RunningLab) -> Iterator[RunningLab]:
    yield the_lab
    the_lab.mend()
    the_lab.do(all_set_right)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "TURN_S", 0.05)


@contextmanager
def listening() -> Iterator[None]:
    """The loop of a `watch` worker."""
    loop = process.Listening()
    loop.start()
    try:
        yield
    finally:
        loop.stop()


def looked(lab: RunningLab, name: str) -> Pool:
    pool = pool_of(lab, name)
    watching.watch(pool.pk)
    return pool


def is_heard(pool: Pool) -> bool:
    return Listener.objects.filter(pool=pool, until__gt=timezone.now(), packed__isnull=False).exists()


def enable(lab: RunningLab, name: str, enabled: bool) -> None:
    with open_session(to_pool(lab, "amber-1")) as xapi:
        (host,) = xapi.call("host.get_by_name_label", name)
        xapi.call("host.enable" if enabled else "host.disable", host)


def codes(pool: Pool) -> set[str]:
    return set(Finding.objects.open().filter(pool=pool).values_list("code", flat=True))


def test_a_host_that_is_disabled_is_known_at_once_without_a_look(lab: RunningLab) -> None:
    pool = looked(lab, "amber")
    with listening():
        eventually(lambda: is_heard(pool))
        looks = len(lab.calls("pool.get_all_records"))
        enable(lab, "amber-3", False)
        eventually(lambda: "host-disabled" in codes(pool))
        enable(lab, "amber-3", True)
        eventually(lambda: "host-disabled" not in codes(pool))
        assert len(lab.calls("pool.get_all_records")) == looks
    assert Change.objects.filter(pool=pool, kind="enabled").count() == 2
    assert Listener.objects.get(pool=pool).holder == ""


def test_a_start_costs_one_look_a_pool_and_cloudstack_one_sweep(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "PARTS", {"masters": desk.listen})  # no prober, which has logins of its own
    # A busy machine opens lines later than in 5 s, and no look in turn shall be counted here.
    monkeypatch.setattr(watching, "FIRST", timedelta(minutes=5))
    cloudstack = cloudstack_of(lab)
    pools = [pool_of(lab, name, cloudstack=cloudstack) for name in ("amber", "basalt")]
    first, guests = len(lab.calls("pool.get_all_records")), len(lab.calls("listVirtualMachines"))
    logins = len(lab.calls("session.login_with_password"))
    assert sweeping.claim_due(timezone.now()) == [cloudstack.pk]
    with watched():
        sweeping.sweep(cloudstack.pk)
        for pool in pools:
            eventually(lambda pool=pool: is_heard(pool))  # type: ignore[misc]
        # A line that was just opened has told nothing yet: if the watch ended here, the pool would stay unjudged.
        eventually(lambda: Pool.objects.exclude(facts__cloudstack=None).count() == len(pools))
    assert len(lab.calls("pool.get_all_records")) - first == len(pools)
    assert len(lab.calls("listVirtualMachines")) - guests == 2, "the projects' are a list of their own"
    assert len(lab.calls("session.login_with_password")) - logins == len(pools)


def test_the_loop_ends_when_it_shall_although_its_leases_cannot_be_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = threading.Event()

    def renewed(*_: object) -> dict[int, leases.Mark]:
        begun.set()
        return {}

    def away(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(process, "PARTS", {"masters": desk.listen})
    monkeypatch.setattr(leases, "renew", renewed)
    monkeypatch.setattr(leases, "release_all", away)
    with listening():
        assert begun.wait(SOON_S)
    assert not [thread for thread in threading.enumerate() if thread.name == "listening"]


def test_a_killed_master_is_known_by_its_broken_line(lab: RunningLab) -> None:
    """Also where nobody looked before who listened: nobody looks in turn here."""
    pool = pool_of(lab, "amber")
    with listening():
        eventually(lambda: Pool.objects.filter(pk=pool.pk, looked_at__isnull=False).exists())
        lab.break_("kill", "amber-1")
        eventually(lambda: "master-unreachable" in codes(pool))
        eventually(lambda: not is_heard(pool))
    assert pool.pk in watching.claim_due(timezone.now()), "the looks in turn go on with it"


def test_a_frozen_master_is_known_after_its_silence_and_a_look(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ear, "POLL_S", 0.5)
    monkeypatch.setattr(desk, "LOOK_S", 2.0)
    pool = looked(lab, "basalt")
    with listening():
        eventually(lambda: is_heard(pool))
        lab.break_("hang", "basalt-1")
        eventually(lambda: "master-unreachable" in codes(pool))


def test_a_count_that_is_not_ours_is_read_anew(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = looked(lab, "basalt")
    with listening():
        eventually(lambda: is_heard(pool))
        monkeypatch.setattr("lab.xapi.events._counts", lambda view: {"vm": 7})
        eventually(lambda: Listener.objects.filter(pool=pool, failures=1).exists())
    row = Listener.objects.get(pool=pool)
    assert row.packed is None
    assert row.rests_until and row.rests_until > timezone.now(), (
        "a line that did not last is not tried at once"
    )


def test_another_process_goes_on_from_the_mirror_that_was_put_down(lab: RunningLab) -> None:
    pool = looked(lab, "basalt")
    with listening():
        eventually(lambda: is_heard(pool))
    looks = len(lab.calls("pool.get_all_records"))
    first = lab.world.host("basalt-1")
    lab.do(lambda world: setattr(first, "enabled", False))
    with listening():
        eventually(lambda: "host-disabled" in codes(pool) or "master-disabled" in codes(pool))
        lab.do(lambda world: setattr(first, "enabled", True))
        eventually(lambda: not codes(pool) & {"host-disabled", "master-disabled"})
    assert len(lab.calls("pool.get_all_records")) == looks, "nothing was read anew"


def test_a_process_that_died_leaves_its_pools_when_its_lease_is_over(lab: RunningLab) -> None:
    pool, now = looked(lab, "amber"), timezone.now()
    (held,) = leases.claim("the dead", now, 10)
    assert leases.claim("another", now, 10) == [], "one listens"
    assert watching.claim_due(now + timedelta(seconds=9)) == [], "nor is it looked at meanwhile"
    (taken,) = leases.claim("another", now + leases.LEASE + timedelta(seconds=1), 10)
    assert (taken.pool_id, taken.fence) == (pool.pk, held.fence + 1)
    leases.release(held.pool_id, held.fence, lasted=False)
    assert Listener.objects.get(pool=pool).holder == "another"


def test_only_what_is_heard_of_ours_and_well_counts_as_looked_at(lab: RunningLab) -> None:
    pool, now = looked(lab, "amber"), timezone.now()
    leases.claim("me", now, 10)
    later = now + timedelta(seconds=3)
    leases.heard("another", [pool.pk], later)
    assert Pool.objects.get(pk=pool.pk).looked_at != later
    leases.heard("me", [pool.pk], later)
    fresh = Pool.objects.get(pk=pool.pk)
    assert (fresh.looked_at, fresh.good_at) == (later, later)
    Pool.objects.update(looked_at=later + timedelta(seconds=1))
    leases.heard("me", [pool.pk], later + timedelta(seconds=2))
    assert Pool.objects.get(pk=pool.pk).good_at == later, "a look that failed is not papered over"


def test_who_is_hurried_while_just_being_judged_is_judged_once_more(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep may bring CloudStack's change right after the look that it should have been in."""
    monkeypatch.setattr(ear, "POLL_S", 0.5)
    pool = looked(lab, "amber")

    def fence() -> int:
        pool.refresh_from_db(fields=["look_fence"])
        return pool.look_fence

    with listening():
        eventually(lambda: is_heard(pool))
        for _ in range(3):
            before = fence()
            assert watching.hand_over([pool.pk], timezone.now()) == []
            eventually(lambda before=before: fence() > before, 20)  # type: ignore[misc]  # its turn is after 30


def test_a_full_look_finds_what_was_never_told_and_a_quiet_one_is_judged_by_nobody(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ear, "POLL_S", 0.2)
    monkeypatch.setattr(ear, "FULL_S", 0.3)
    monkeypatch.setattr(ear, "FULL_EACH_S", 0.0)
    monkeypatch.setattr(desk, "JUDGE", timedelta(hours=1))  # not by its turn
    pool = looked(lab, "basalt")

    def two_looks_without_a_judgement() -> bool:
        fence, looks = Pool.objects.get(pk=pool.pk).look_fence, len(lab.calls("pool.get_all_records"))
        eventually(lambda: len(lab.calls("pool.get_all_records")) >= looks + 2)
        return Pool.objects.get(pk=pool.pk).look_fence == fence

    with listening():
        eventually(lambda: is_heard(pool))
        eventually(two_looks_without_a_judgement)
        monkeypatch.setattr("lab.xapi.journal.Journal._compare", lambda *_: None)
        lab.do(lambda world: setattr(world.host("basalt-2"), "enabled", False))
        eventually(lambda: "host-disabled" in codes(pool))


def test_what_was_stored_last_is_taken_from_memory_only_while_nobody_else_has_stored(lab: RunningLab) -> None:
    pool = pool_of(lab, "amber")

    def told() -> Said:
        with open_session(to_pool(lab, "amber-1")) as xapi:
            return Said(*ask_pool(xapi, timezone.now()))

    enable(lab, "amber-3", True)
    first = watching.tell(pool.pk, told())
    Pool.objects.filter(pk=pool.pk).update(facts=None, good_facts=None)
    enable(lab, "amber-3", False)
    second = watching.tell(pool.pk, told(), first)
    assert [change.after for change in Change.objects.filter(kind="enabled")] == ["disabled"]
    Pool.objects.filter(pk=pool.pk).update(facts=None, good_facts=None, look_fence=F("look_fence") + 1)
    enable(lab, "amber-3", True)
    assert watching.tell(pool.pk, told(), second)
    assert Change.objects.filter(kind="enabled").count() == 1, "what somebody else left was no look at all"
