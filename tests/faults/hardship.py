"""What can happen around real workers while they carry out runs."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from lab.testing import RunningLab
from tests.faults.carrying import Person, Undisturbed
from tests.faults.house import House
from tests.faults.processes import OTHERS
from tests.support import postgresql
from workflows.models import Attempt, Run, RunStep
from workflows.running.lease import LEASE
from workflows.running.moves import enqueue

__all__ = ["House"]

HOUR = timedelta(hours=1)
WIRE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("hang", {}),
    ("drip", {"delay": 0.02}),
    ("reset-before", {}),
    ("garbage", {}),
    ("slow", {"delay": 4.0}),
)
"""Kinds of the lab's faults, with their options: `slow` answers late."""


@dataclass
class Under:
    """A run under way in a wave, and whoever stands by it."""

    case: str
    wanted: Undisturbed
    lab: RunningLab
    run: Run
    bo: Person
    struck: dict[str, int] = field(default_factory=dict)
    """What has befallen it → the step (index) that it was at first."""

    broken: set[int] = field(default_factory=set)
    """Steps whose wire was broken already."""

    went_down: str = ""
    """Name of the host that was switched off and on."""

    def strike(self, what: str, index: int) -> None:
        """Note it. The step after may be hit too: it begins while the trouble lasts."""
        self.struck.setdefault(what, index)
        self.bo.hit |= {index, index + 1}

    @property
    def lot(self) -> random.Random:
        """The same in each matrix."""
        return random.Random(self.case)


# To the whole house: in the thread that started its processes, since they end with that thread.


def broker_dies(house: House) -> None:
    """Killed, with everything it held lost, and started anew."""
    broker = redis.Redis.from_url(settings.REDIS_URL)
    pid = int(broker.info("server")["process_id"])
    broker.flushall()
    os.kill(pid, signal.SIGKILL)
    house.workers.start_broker()


def database_is_cut(_house: House) -> None:
    """PostgreSQL ends every session of the workers; SQLite is locked by somebody else for three seconds."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = %s",
                [OTHERS],
            )
            return
        cursor.execute("BEGIN IMMEDIATE")
        time.sleep(3)
        cursor.execute("ROLLBACK")


def postgresql_restarts(_house: House) -> None:
    connection.close()
    postgresql.restart()


def disk_is_full(house: House) -> None:
    house.orders.write(full=True)
    time.sleep(4)
    house.orders.write()


def a_worker_freezes(house: House) -> None:
    house.workers.freeze()
    time.sleep(3 * LEASE.total_seconds())
    house.workers.thaw()


def a_worker_dies_whole(house: House) -> None:
    house.workers.kill()


def workers_clock(hours: int) -> Callable[[House], None]:
    """Every worker's own clock, from here to the end."""

    def set_(house: House) -> None:
        house.orders.write(skew=hours * HOUR.total_seconds())

    return set_


# To one run: in its own thread.


def database_clock(hours: int) -> Callable[[Under], None]:
    """The same as if every time on record that the engine goes by had been set the other way."""

    def shift(under: Under) -> None:
        run, by = under.run, -hours * HOUR
        rows: tuple[tuple[Any, tuple[str, ...]], ...] = (
            (Run.objects.filter(pk=run.pk), ("lease_until", "next_due_at", "state_since")),
            (RunStep.objects.filter(run=run), ("deadline_at", "confirmed_at", "shown_at", "started_at")),
            (Attempt.objects.filter(step__run=run), ("intent_at", "answered_at", "doubted_at")),
        )
        with transaction.atomic():
            for found, names in rows:
                found.update(**{name: F(name) + by for name in names})

    return shift


def ticks_come_in_swarms(under: Under) -> None:
    """Every worker gets the same run, again and again, and finds it due."""
    for _ in range(20):
        Run.objects.filter(pk=under.run.pk).exclude(next_due_at=None).update(next_due_at=Now())
        enqueue(under.run.pk)


def host_reboots(under: Under) -> None:
    """Any host of the pool that lives, the master too."""
    living = [host.name for host in under.lab.do(lambda world: _hosts(world, under.run)) if host.live]
    if living:
        under.went_down = under.lot.choice(living)
        under.lab.break_("reboot", under.went_down)


def toolstack_restarts(under: Under) -> None:
    """The master's: its tasks are forgotten, and it is silent for a while."""
    pool = under.run.baseline_facts.pool
    master = pool.master_host if pool else None
    if master:
        under.lab.break_("toolstack-restart", master.name)


def _hosts(world: Any, run: Run) -> list[Any]:
    pool = run.baseline_facts.pool
    names = {host.name for host in pool.hosts} if pool else set()
    return [host for host in world.machines if host.name in names]
