"""What happens around real workers while they carry out a workflow: part of `make faults`.

Each hardship comes at a moment drawn by lot, from the names of the workflow and of the hardship, so that it is the same
one each time: when the run has come to a step that changes something, and a part of a second later.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from lab.testing import RunningLab
from tests.faults.carrying import NotRight, Undisturbed, judge
from tests.faults.house import House
from tests.faults.killing import SPEED, processes
from tests.faults.matrix import CHOSEN
from tests.faults.record import ASKED, WRONG, Seen, keep
from tests.faults.web import web_server
from tests.faults.worlds import undisturbed, world
from workflows.models import Attempt, Run, RunStep
from workflows.running import journal
from workflows.running.lease import LEASE
from workflows.running.moves import enqueue

__all__ = ["processes"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

HOUR = timedelta(hours=1)
Hardship = Callable[[House, RunningLab, Run], object]


def broker_dies(running: House, _lab: RunningLab, _run: Run) -> None:
    """Killed, with everything it held lost, and started anew."""
    broker = redis.Redis.from_url(settings.REDIS_URL)
    pid = int(broker.info("server")["process_id"])
    broker.flushall()
    os.kill(pid, signal.SIGKILL)
    running.workers.start_broker()


def broker_forgets(_running: House, _lab: RunningLab, _run: Run) -> None:
    redis.Redis.from_url(settings.REDIS_URL).flushall()


def database_is_cut(_running: House, _lab: RunningLab, _run: Run) -> None:
    """PostgreSQL ends every session but this one; SQLite is locked by somebody else for three seconds."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return
        cursor.execute("BEGIN IMMEDIATE")
        time.sleep(3)
        cursor.execute("ROLLBACK")


def a_worker_freezes(running: House, _lab: RunningLab, _run: Run) -> None:
    running.workers.freeze()
    time.sleep(3 * LEASE.total_seconds())
    running.workers.thaw()


def a_worker_dies_whole(running: House, _lab: RunningLab, _run: Run) -> None:
    running.workers.kill()


def ticks_come_in_swarms(_running: House, _lab: RunningLab, run: Run) -> None:
    """Every worker gets the same run, again and again."""
    for _ in range(20):
        enqueue(run.pk)


def clock_is_ahead(running: House, _lab: RunningLab, _run: Run) -> None:
    """The workers' own clock, from here to the end."""
    running.orders.write(skew=HOUR.total_seconds())


def clock_is_behind(running: House, _lab: RunningLab, _run: Run) -> None:
    running.orders.write(skew=-HOUR.total_seconds())


def database_clock_jumps_ahead(_running: House, _lab: RunningLab, run: Run) -> None:
    """The same as if every time on record had been an hour earlier."""
    _shift(run, -HOUR)


def database_clock_jumps_back(_running: House, _lab: RunningLab, run: Run) -> None:
    _shift(run, HOUR)


def disk_is_full(running: House, _lab: RunningLab, _run: Run) -> None:
    running.orders.write(full=True)
    time.sleep(4)
    running.orders.write()


def toolstack_restarts(_running: House, lab: RunningLab, run: Run) -> None:
    """The master's: its tasks are forgotten, and it is silent for a while."""
    pool = run.baseline_facts.pool
    master = pool.master_host if pool else None
    if master:
        lab.break_("toolstack-restart", master.name)


EVERYWHERE: tuple[Hardship, ...] = (
    broker_dies,
    broker_forgets,
    database_is_cut,
    a_worker_freezes,
    a_worker_dies_whole,
    ticks_come_in_swarms,
    clock_is_ahead,
    clock_is_behind,
    database_clock_jumps_ahead,
    database_clock_jumps_back,
    toolstack_restarts,
)
ON_SQLITE: tuple[Hardship, ...] = (disk_is_full,)
HARDSHIPS = {
    h.__name__: h for h in (*EVERYWHERE, *(ON_SQLITE if "sqlite" in str(settings.DATABASES) else ()))
}
OF_THE_WORLD = {"toolstack_restarts"}
"""The captains themselves are in trouble: a captain may have dropped what it had begun, so the end may ask a person."""


@pytest.mark.parametrize("name", HARDSHIPS)
@pytest.mark.parametrize("workflow", CHOSEN)
def test_hardship(processes: House, workflow: str, name: str) -> None:
    seen = met(processes, workflow, name)
    keep([seen])
    assert seen.verdict != WRONG, seen.said


@pytest.mark.parametrize("workflow", CHOSEN)
def test_the_web_server_is_killed_at_every_yes(processes: House, workflow: str) -> None:
    """Each step is confirmed by a browser whose server dies right after the request has left, and then once more."""
    wanted = undisturbed(workflow)
    pressed: Counter[tuple[int, str]] = Counter()
    with web_server() as web, world(workflow, SPEED) as (lab, run):

        def press(run: Run) -> None:
            at = (run.index, run.steps.get(index=run.index).digest)
            pressed[at] += 1
            web.confirm(run, killed=pressed[at] == 1)

        try:
            said = judge(run, lab, wanted, processes.carry_through(run, lab, say_yes=press))
        except NotRight as wrong:
            said = f"{WRONG}: {wrong}"
    seen = _seen(workflow, "web server killed at every yes", "all", said)
    keep([seen])
    assert pressed
    assert seen.verdict != WRONG, seen.said


def met(running: House, workflow: str, name: str) -> Seen:
    wanted = undisturbed(workflow)
    lot = random.Random(f"{workflow} {name}")
    index = lot.choice(sorted(wanted.calls))
    with world(workflow, SPEED) as (lab, run):
        moment = Moment(index, lot.uniform(0, 0.4), lambda: HARDSHIPS[name](running, lab, run))
        try:
            asked = running.carry_through(run, lab, moment)
            said = _judged(run, lab, wanted, asked, name)
        except NotRight as wrong:
            said = f"{WRONG}: {wrong}"
        finally:
            running.orders.write()
    return _seen(workflow, name.replace("_", " "), f"{index + 1}. {wanted.steps[index][0]}", said)


def _seen(workflow: str, point: str, step: str, said: str) -> Seen:
    how, database = "hardship", connection.vendor
    return Seen(workflow=workflow, point=point, step=step, how=how, database=database, said=said)


class Moment:
    """Calls once, a while after the run has come to the step and somebody said yes."""

    def __init__(self, index: int, after_s: float, strike: Callable[[], object]) -> None:
        self.index, self.after_s, self.strike = index, after_s, strike
        self.due: float | None = None

    def __call__(self, run: Run) -> None:
        if self.due is None:
            row = run.current()
            if (
                row is None
                or row.index > self.index
                or (row.index == self.index and row.state in ("confirmed", "acting"))
            ):
                self.due = time.monotonic() + self.after_s
        if self.due is not None and self.strike is not None and time.monotonic() >= self.due:
            strike, self.strike = self.strike, None  # type: ignore[assignment]
            strike()


def _judged(run: Run, lab: RunningLab, wanted: Undisturbed, asked: list[str], name: str) -> str:
    if name not in OF_THE_WORLD:
        return judge(run, lab, wanted, asked)
    run.refresh_from_db()
    if faults := journal.verify(run):
        raise NotRight(f"the journal: {faults}")
    if run.ended and not asked:
        return judge(run, lab, wanted, asked)
    return f"{ASKED}: {asked[0] if asked else run.reason}"


def _shift(run: Run, by: timedelta) -> None:
    """Every time that the engine goes by."""
    rows: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (Run.objects.filter(pk=run.pk), ("lease_until", "next_due_at", "state_since")),
        (RunStep.objects.filter(run=run), ("deadline_at", "confirmed_at", "shown_at", "started_at")),
        (Attempt.objects.filter(step__run=run), ("intent_at", "answered_at", "doubted_at")),
    )
    with transaction.atomic():
        for found, names in rows:
            found.update(**{name: F(name) + by for name in names})
