"""Celery carries ticks and nothing else: ids in, at most one thing done, the row is the truth.

A tick that is lost does no harm; one that is doubled costs one question to the database. The limits end a tick that
hangs; its lease is renewed by a heartbeat while it lives and runs out within seconds when it dies, so that the sweeper
finds the run again.
"""

from __future__ import annotations

import os
import socket

from celery import shared_task

from workflows.running import executor, preparing, settling, sweeping
from workflows.running.moves import enqueue

SOFT_S, HARD_S = 60, 75
"""Above the longest look and the longest call that a step makes, below the heartbeat's own end (running/lease.py)."""


@shared_task(soft_time_limit=SOFT_S, time_limit=HARD_S)
def tick(run_id: int) -> None:
    """Move one run by one thing, if it is due."""
    if sweeping.is_due(run_id):
        executor.tick(run_id, f"{socket.gethostname()}:{os.getpid()}")


@shared_task(soft_time_limit=10, time_limit=20)
def sweep() -> None:
    """Whatever the database says should move and does not. Each second, from beat; doubled beats are harmless."""
    for run_id in sweeping.due():
        enqueue(run_id)
    sweeping.expire()
    settling.strike_proven()
    preparing.withdraw()
    preparing.prepare()
