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
    """`points`: where the worker of each run is killed with -9, in each step that has the point."""

    name: str
    points: tuple[str, ...] = ()
    house: Callable[[House], object] | None = None
    """Strikes again and again until all runs have ended, at first right after everybody's first yes."""
    own: Callable[[Under], object] | None = None
    """Strikes each run once, at a step that changes something."""
    wire: int | None = None
    """The first of hardship.WIRE's kinds: the calls of a run's steps meet one kind after the other."""
    web: bool = False
    """Everybody confirms in a browser, and the server is killed each time."""
    captains_in_trouble: bool = False
    only: str = ""
    """The database that this is about."""


KILLS = (
    Wave("kill -9, three points", points=(BEFORE_INTENT, POLLING, SAVING)),
    Wave("kill -9, two points", points=(AFTER_INTENT, ANSWER_UNSAVED)),
    Wave("kill -9 and a broken wire", points=(REQUEST_LOST, ANSWER_LOST)),
)
HARDSHIPS = (
    Wave("broker killed and flushed", house=hardship.broker_dies),
    Wave("database connections cut", house=hardship.database_is_cut),
    Wave("PostgreSQL restarted", house=hardship.postgresql_restarts, only=POSTGRESQL),
    Wave("disk full", house=hardship.disk_is_full, only=SQLITE),
    Wave("worker stopped for 3 leases", house=hardship.a_worker_freezes),
    Wave("worker killed whole", house=hardship.a_worker_dies_whole),
    Wave("clocks jump 1 h ahead", house=hardship.workers_clock(+1), own=hardship.database_clock(+1)),
    Wave("clocks jump 1 h back", house=hardship.workers_clock(-1), own=hardship.database_clock(-1)),
    Wave("two workers on the same run", own=hardship.ticks_come_in_swarms),
    Wave("web server killed at each yes", web=True),
    Wave("host rebooted", own=hardship.host_reboots, captains_in_trouble=True),
    Wave("toolstack restarted", own=hardship.toolstack_restarts, captains_in_trouble=True),
)
WIRES = tuple(Wave(f"wire, {first + 1}", wire=first) for first in range(len(hardship.WIRE)))
WAVES = {wave.name: wave for wave in (*KILLS, *HARDSHIPS, *WIRES)}
