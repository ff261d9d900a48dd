"""One worker at a time moves a run; who lost the lease writes nothing and sends nothing."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from tests.workflows.engine.driving import drive, drive_to_the_end, person, yes
from tests.workflows.engine.toyworld import IN_ORDER, ToyWorld
from workflows.engine.states import RunState, StepState
from workflows.models import Run, RunStep
from workflows.running import lease as leases
from workflows.running import sweeping
from workflows.running.executor import tick
from workflows.running.lease import claim

pytestmark = pytest.mark.django_db(transaction=True)


def expire(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_two_workers_do_not_get_one_run(run: Run) -> None:
    assert claim(run.pk, "one")
    assert claim(run.pk, "two") is None


def test_a_lease_that_ran_out_goes_to_the_next_and_the_first_notices(run: Run) -> None:
    first = claim(run.pk, "one")
    expire(run)
    second = claim(run.pk, "two")
    assert first
    assert second
    assert second.fence > first.fence
    assert not first.renew()
    assert second.renew()


def test_many_at_once_are_one(run: Run) -> None:
    together = threading.Barrier(8)

    def try_it(name: int) -> bool:
        together.wait()
        try:
            return claim(run.pk, str(name)) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_it, range(8))) == 1


def test_ticks_that_come_all_at_once_send_each_call_once(run: Run, world: ToyWorld) -> None:
    def one(_: int) -> None:
        try:
            tick(run.pk, "w", world)
        finally:
            connection.close()

    while drive(run, world).state == RunState.CONFIRM:
        yes(run, person("bo"))
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(one, range(4)))
    assert run.state == RunState.DONE
    assert world.sent == IN_ORDER


def test_a_worker_that_was_frozen_before_the_call_does_not_send_it(run: Run, world: ToyWorld) -> None:
    """It has written its intent, sleeps through its lease, and wakes up when another worker has the run."""
    drive(run, world)
    yes(run, person("bo"))
    real = world.acting
    thieves = []

    def freezing(*args: object) -> object:
        expire(run)
        thieves.append(claim(run.pk, "thief"))
        return real(*args)  # type: ignore[arg-type]

    world.acting = freezing  # type: ignore[method-assign, assignment]
    tick(run.pk, "frozen", world)
    world.acting = real  # type: ignore[method-assign]

    assert thieves[0] is not None
    assert world.sent == []
    expire(run)
    assert drive_to_the_end(run, person("bo"), world).state == RunState.DONE
    assert world.sent == IN_ORDER


def test_the_sweeper_finds_what_is_due_and_what_died(run: Run, world: ToyWorld) -> None:
    assert sweeping.due() == [run.pk]
    claim(run.pk, "one")
    assert sweeping.due() == []
    expire(run)
    assert sweeping.due() == [run.pk]


def test_the_sweeper_leaves_a_run_alone_that_is_not_due(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(next_due_at=timezone.now() + timedelta(seconds=30))
    assert sweeping.due() == []


def test_a_click_during_a_tick_is_not_forgotten(run: Run, world: ToyWorld) -> None:
    """A person confirms while a worker looks: the worker's own idea of the next look does not hide that."""
    drive(run, world)
    real = world.look

    def slow_look(*args: object) -> object:
        yes(run, person("bo"))
        world.look = real  # type: ignore[method-assign]
        return real(*args)  # type: ignore[arg-type]

    world.look = slow_look  # type: ignore[method-assign, assignment]
    tick(run.pk, "looks", world)
    assert sweeping.due() == [run.pk]


def test_a_lease_that_is_fresh_is_held_without_asking(run: Run, django_assert_num_queries: Any) -> None:
    lease = claim(run.pk, "one")
    assert lease
    with django_assert_num_queries(0):
        lease.hold()


def test_a_worker_that_slept_finds_its_lease_old_whichever_line_it_stopped_at(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = claim(run.pk, "one")
    expire(run)
    assert lease
    assert claim(run.pk, "two")
    real = leases._elapsed
    monkeypatch.setattr(leases, "_elapsed", lambda: real() + 20)
    with pytest.raises(leases.LostLease):
        lease.hold()


def test_a_worker_that_slept_alone_takes_its_lease_anew(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = claim(run.pk, "one")
    assert lease
    real = leases._elapsed
    monkeypatch.setattr(leases, "_elapsed", lambda: real() + 20)
    lease.hold()
    assert lease.renew()


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_worker_whose_clock_is_off_does_what_any_other_does(
    run: Run, world: ToyWorld, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(hours=hours))
    assert drive_to_the_end(run, person("bo"), world).state == RunState.DONE
    assert world.sent == IN_ORDER
    assert not run.journal.filter(kind="unwatched").exists()


class TestADatabaseWhoseClockWasSet:
    def test_back_leaves_no_run_alone_for_that_long(self, run: Run) -> None:
        later = timezone.now() + timedelta(hours=1)
        Run.objects.filter(pk=run.pk).update(next_due_at=later)
        assert sweeping.due() == [run.pk]
        Run.objects.filter(pk=run.pk).update(next_due_at=None, lease_until=later, lease_owner="one")
        assert sweeping.due() == [run.pk]
        assert claim(run.pk, "two")

    @pytest.mark.parametrize("hours", [-1, 1])
    def test_ends_no_wait_before_its_time(self, run: Run, world: ToyWorld, hours: int) -> None:
        """Every time on record is moved, and the clock is not: the same thing."""
        drive(run, world)
        yes(run, person("bo"))
        world.acts = False
        tick(run.pk, "one", world)
        row, jump = run.steps.get(index=Run.objects.get(pk=run.pk).index), timedelta(hours=hours)
        assert row.deadline_at
        RunStep.objects.filter(pk=row.pk).update(deadline_at=row.deadline_at - jump)
        row.attempts.update(intent_at=F("intent_at") - jump)
        Run.objects.filter(pk=run.pk).update(next_due_at=timezone.now() - jump)
        tick(run.pk, "one", world)
        now = RunStep.objects.get(pk=row.pk)
        assert now.state == StepState.ACTING
        assert now.deadline_at
        assert abs(now.deadline_at - row.deadline_at) < timedelta(seconds=5)
        assert run.journal.filter(kind="unwatched").count() == 1

    @pytest.mark.parametrize("hours", [-1, 1])
    def test_while_a_worker_looks_leaves_the_run_to_the_next_one_and_ends_no_wait(
        self, run: Run, world: ToyWorld, hours: int
    ) -> None:
        """The worker lives on, and by the clock as it is now the step may seem overdue to it."""
        drive(run, world)
        yes(run, person("bo"))
        world.acts = False
        tick(run.pk, "one", world)
        row, jump = run.steps.get(index=Run.objects.get(pk=run.pk).index), timedelta(hours=hours)
        assert row.deadline_at
        real = world.look

        def look_while_the_clock_is_set(*args: object) -> object:
            RunStep.objects.filter(pk=row.pk).update(deadline_at=F("deadline_at") - jump)
            row.attempts.update(intent_at=F("intent_at") - jump)
            Run.objects.filter(pk=run.pk).update(lease_until=F("lease_until") - jump)
            world.look = real  # type: ignore[method-assign]
            return real(*args)  # type: ignore[arg-type]

        world.look = look_while_the_clock_is_set  # type: ignore[method-assign, assignment]
        Run.objects.filter(pk=run.pk).update(next_due_at=timezone.now())
        assert tick(run.pk, "one", world)
        assert sweeping.due() == [run.pk]
        tick(run.pk, "two", world)
        now = RunStep.objects.get(pk=row.pk)
        assert now.state == StepState.ACTING
        assert now.deadline_at
        assert abs(now.deadline_at - row.deadline_at) < timedelta(seconds=15)

    def test_gives_a_yes_back_that_seems_to_come_from_the_future(self, run: Run, world: ToyWorld) -> None:
        drive(run, world)
        yes(run, person("bo"))
        RunStep.objects.filter(run=run, confirmed_by__isnull=False).update(
            confirmed_at=timezone.now() + timedelta(hours=1)
        )
        assert drive(run, world).state == RunState.CONFIRM
        assert world.sent == []
