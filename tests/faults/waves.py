"""Which waves there are: each carries a run of every workflow through at once, in one house, and brings one trouble.

A trouble strikes the house (a worker is killed whole, and every run with it), each run by itself at a moment drawn by
lot, or at each yes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults import hardship
from tests.faults.dying import (
    AFTER_INTENT,
    ANSWER_LOST,
    ANSWER_UNSAVED,
    BEFORE_INTENT,
    POLLING,
    REQUEST_LOST,
    SAVING,
)
from tests.faults.hardship import House, Under

SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True)
class Wave:
    """`points`: where the worker of each run is killed with -9, in each step that has it. The troubles of one wave
    meet the same runs: harder for them, and less to wait for."""

    name: str
    points: tuple[str, ...] = ()
    house: tuple[str, Callable[[House], object]] | None = None
    """Strikes again and again until all runs have ended, at first right after everybody's first yes."""
    own: tuple[str, Callable[[Under], object]] | None = None
    """Strikes each run once, at a step that changes something."""
    wire: int | None = None
    """The first of hardship.WIRE's kinds: the calls of a run's steps meet one kind after the other."""
    web: str = ""
    """Everybody confirms in a browser, and the server is killed each time."""
    captains_in_trouble: bool = False
    only: str = ""
    """The database that this is about."""


AHEAD, BACK, RESTARTED = "clocks jump 1 h ahead", "clocks jump 1 h back", "PostgreSQL restarted"
KILLS = (
    Wave("kill 1", points=(BEFORE_INTENT, POLLING, SAVING)),
    Wave("kill 2", points=(AFTER_INTENT, ANSWER_UNSAVED)),
    Wave("kill 3", points=(REQUEST_LOST, ANSWER_LOST)),
)
HARDSHIPS = (
    Wave(
        "broker",
        house=("broker killed and flushed", hardship.broker_dies),
        own=("two workers on the same run", hardship.ticks_come_in_swarms),
    ),
    Wave("cut", house=("database connections cut", hardship.database_is_cut), wire=0),
    Wave("restart", house=(RESTARTED, hardship.postgresql_restarts), wire=1, only=POSTGRESQL),
    Wave("full", house=("disk full", hardship.disk_is_full), wire=1, only=SQLITE),
    Wave("stopped", house=("worker stopped for 3 leases", hardship.a_worker_freezes), wire=2),
    Wave("whole", house=("worker killed whole", hardship.a_worker_dies_whole), wire=3),
    Wave(
        "ahead",
        house=(AHEAD, hardship.workers_clock(+1)),
        own=(AHEAD, hardship.database_clock(+1)),
        wire=4,
    ),
    Wave("back", house=(BACK, hardship.workers_clock(-1)), own=(BACK, hardship.database_clock(-1))),
    Wave("web", web="web server killed at a yes"),
    Wave("reboot", own=("host rebooted", hardship.host_reboots), captains_in_trouble=True),
    Wave("toolstack", own=("toolstack restarted", hardship.toolstack_restarts), captains_in_trouble=True),
)
WAVES = {wave.name: wave for wave in (*KILLS, *HARDSHIPS)}
