"""Real Celery processes on the test's own database and broker, to be killed without mercy."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import connection

from tests.support.processes import ROOT, broker_answers, wait_until

OTHERS = "not-the-test"
"""What the sessions of other processes are called in PostgreSQL."""


def environment() -> dict[str, str]:
    """This test's database, broker and keys, for another process."""
    return {
        **os.environ,
        "DATABASE_URL": _database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "DATA_DIR": str(settings.DATA_DIR),
        "PGAPPNAME": OTHERS,
    }


def _database_url() -> str:
    """The test's own database: a file, or a name on the server of DATABASE_URL."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


class Workers:
    """A worker for the queue `runs`, and beat. The worker can be killed and started again, or frozen. `app` is the
    module of the Celery application; each worker has so many `children`."""

    def __init__(self, app: str = "dashboard", children: int = 2) -> None:
        self._app, self._children = app, str(children)
        self._env = environment()
        self._others: list[subprocess.Popen[bytes]] = []
        self._brokers: list[subprocess.Popen[bytes]] = []
        self.beat("test-beat")
        self._worker = self._new_worker()
        self.killed = 0

    def kill(self) -> None:
        """kill -9 of the worker with its children, and a new one in its place."""
        os.killpg(self._worker.pid, signal.SIGKILL)
        self._worker.wait()
        self.killed += 1
        self._worker = self._new_worker()

    def all_die(self) -> None:
        """kill -9 of every one of them, beats too; `all_again` starts them."""
        for process in (*self._others, self._worker):
            os.killpg(process.pid, signal.SIGKILL)
        for process in (*self._others, self._worker):
            process.wait()
        self.killed += 1

    def all_again(self) -> None:
        """As they were before they died."""
        self._others = [self._spawn(process.args) for process in self._others]
        self._worker = self._new_worker()

    def mind(self) -> None:
        """Start what has died again, as a supervisor does: a parent may, when many of its children are killed."""
        if self._worker.poll() is not None:
            self._worker = self._new_worker()
        self._others = [one if one.poll() is None else self._spawn(one.args) for one in self._others]

    def freeze(self) -> None:
        """The first worker and its children stop where they stand; `thaw` lets them go on."""
        os.killpg(self._worker.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self._worker.pid, signal.SIGCONT)

    def second(self) -> None:
        """One more worker."""
        self._others.append(self._new_worker())

    def beat(self, name: str) -> None:
        """A beat with a schedule file of that name."""
        words = ("beat", "--loglevel", "WARNING", "--schedule", f"{settings.DATA_DIR}/{name}")
        self._others.append(self._start(*words))

    def start_broker(self) -> None:
        """A new one in the place of one that was killed, once it answers."""
        self._brokers.append(self._spawn([sys.executable, "-m", "dashboard.broker"]))
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            wait_until(lambda: broker_answers(client), 60, "the broker to answer")

    def stop(self) -> None:
        for process in (*self._others, *self._brokers, self._worker):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _new_worker(self) -> subprocess.Popen[bytes]:
        words = (
            "--queues",
            "runs",
            "--pool",
            "prefork",
            "--concurrency",
            self._children,
            "--loglevel",
            "WARNING",
        )
        return self._start("worker", *words, "--without-mingle", "--without-gossip")

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        return self._spawn([sys.executable, "-m", "celery", "--app", self._app, *words])

    def _spawn(self, command: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, cwd=ROOT, env=self._env, start_new_session=True)


@contextmanager
def workers(app: str = "dashboard", children: int = 2) -> Iterator[Workers]:
    """Running until the block ends."""
    running = Workers(app, children)
    try:
        yield running
    finally:
        running.stop()
