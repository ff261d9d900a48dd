"""The Celery application of a worker that may be killed: `celery --app tests.faults.mortal worker`.

It reads, from a file that the test writes, at which point of which steps to kill itself with signal 9, by how much its
clock is off, and whether the disk is full. Never part of the product.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.signals import worker_init
from django.conf import settings
from django.db.backends.signals import connection_created
from django.utils import timezone

from dashboard.celery import app

__all__ = ["app"]

SETTLES_S = 5.0
"""A lost call shows itself within this time: the lab's clock runs hundreds of times faster."""
_for_life = ExitStack()
ORDERS = "faults/orders.json"
"""In the data folder; `Orders` says what is in it."""


class Orders:
    """`points`: run → where to die, once at each point of each of its steps. `whole`: with the parent, not only the
    child. `skew`: by how many seconds the clock is off. `full`: no page more for SQLite. `idle`: nothing is done."""

    def __init__(self, data_dir: Path) -> None:
        self.file, self.marks = data_dir / ORDERS, data_dir / "faults"
        self._lock = threading.Lock()

    def read(self) -> dict[str, Any]:
        try:
            orders: dict[str, Any] = json.loads(self.file.read_text())
        except (OSError, ValueError):
            return {}
        return orders

    def write(self, **orders: Any) -> None:
        """Instead of what was ordered before."""
        self.marks.mkdir(exist_ok=True)
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(orders))
        new.replace(self.file)

    def doom(self, run: int, points: tuple[str, ...]) -> None:
        """One more run whose workers die there. From any thread."""
        with self._lock:
            now = self.read()
            self.write(**{**now, "points": {**now.get("points", {}), str(run): points}})

    def mark(self, run: int, index: int, point: str) -> Path:
        """Its existence says that a worker has died there; its age, when."""
        return self.marks / f"dead={run}={index}={point}"

    def deaths(self, run: int) -> dict[tuple[int, str], float]:
        """Step and point of each death in that run, and when it was."""
        found = {}
        for mark in self.marks.glob(f"dead={run}=*"):
            _, _, index, point = mark.name.split("=")
            found[int(index), point] = mark.stat().st_mtime
        return found


class Kills:
    """The doom of a real process."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders

    def __call__(self, point: str, run: int, index: int) -> None:
        orders = self.orders.read()
        if point not in orders.get("points", {}).get(str(run), ()):
            return
        try:
            self.orders.mark(run, index, point).touch(exist_ok=False)
        except FileExistsError:
            return
        if orders.get("whole"):
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)  # the signal comes between two instructions, not before this line is done


def limit_pages(orders: Orders, connection: Any) -> None:
    """While the disk is full, SQLite gets no new page: its own error, not an imitation. Asked again at each new session
    of this connection, which keeps what wraps it."""
    if hasattr(connection, "is_full"):
        connection.is_full = False
        return
    connection.is_full = False

    def watched(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        full = bool(orders.read().get("full"))
        if full != connection.is_full:
            connection.is_full = full
            connection.connection.execute(f"PRAGMA max_page_count = {1 if full else 4294967294}")
        return execute(sql, params, many, context)

    connection.execute_wrappers.append(watched)


def install() -> None:
    """Before the first child is made: each of the many that die is then replaced at once."""
    from tests.faults.dying import doomed
    from workflows.catalogue import STEPS
    from workflows.running import executor

    for step in STEPS.values():
        step.settle = min(step.settle, SETTLES_S)
    orders = Orders(Path(settings.DATA_DIR))
    real = timezone.now

    def now() -> Any:
        return real() + timedelta(seconds=float(orders.read().get("skew", 0)))

    timezone.now = now
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        connection_created.connect(
            lambda connection, **_: limit_pages(orders, connection), weak=False, dispatch_uid="full"
        )
    tick = executor.tick
    executor.tick = lambda *args: not orders.read().get("idle") and tick(*args)
    _for_life.enter_context(doomed(Kills(orders)))


@worker_init.connect
def _install(**_: Any) -> None:
    install()
